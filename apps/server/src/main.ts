import { argv, env, exit, stderr, umask, versions } from 'node:process';
import { parseArgs } from 'node:util';
import { loadSettings, SettingsError, type Settings } from '#settings';

const OLDEST_NODE = 26;

/** `node main.js [--config FILE]`: the server as a process of its own. */
async function main(): Promise<void> {
  umask(0o077);
  // What is imported below crashes an older runtime instead of saying so.
  if (Number.parseInt(versions.node, 10) < OLDEST_NODE) fail('this runtime is too old', `Node ${OLDEST_NODE} or newer is needed`);
  const settings = readSettings();
  const { serve } = await import('./serve.ts');
  await serve(settings);
}

function readSettings(): Settings {
  try {
    const { values } = parseArgs({ args: argv.slice(2), options: { config: { type: 'string' } } });
    return loadSettings(values.config, env);
  } catch (error) {
    if (error instanceof SettingsError) return fail(error.message, error.hint);
    return fail('usage: holdfast server [--config FILE]');
  }
}

function fail(text: string, hint?: string): never {
  stderr.write(`holdfast: error: ${text}\n${hint === undefined ? '' : `holdfast: hint: ${hint}\n`}`);
  exit(hint === undefined ? 2 : 1);
}

await main();
