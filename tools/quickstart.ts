/**
 * `npm run quickstart`: the main job on the embedded default, told with the commands that a person would type. Leaves the server running
 * on a terminal until Ctrl-C; with `--once`, or where nobody watches, stops it and exits.
 */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { join } from 'node:path';
import type { ServerProcess } from '../test/support/server-process.ts';
import { HOME, makeHome, sweepHome } from './quickstart/home.ts';
import { Stage } from './quickstart/stage.ts';
import { TRUST_DOMAIN, settingsFor, tellStory } from './quickstart/story.ts';

const { values } = parseArgs({ options: { once: { type: 'boolean', default: false } } });
const interrupted = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
process.chdir(join(import.meta.dirname, '..'));
process.umask(0o077);
let server: ServerProcess | undefined;
try {
  await sweepHome();
  server = await makeHome(TRUST_DOMAIN);
  const stage = new Stage(environment(settingsFor(server)));
  await Promise.race([tellStory(stage, server), interrupted.then(() => Promise.reject(new Error('interrupted')))]);
  if (process.stdout.isTTY && !values.once) await stay(stage);
  console.log(`\nDone. What it made lies in ./${HOME}; the next run starts anew.`);
} catch (error) {
  fail(error);
} finally {
  await server?.stop();
  process.exit();
}

async function stay(stage: Stage): Promise<void> {
  stage.chapter('The server stays', 'Type on in another terminal, with the exports of the first step. Ctrl-C stops the server.');
  await interrupted;
}

function fail(error: unknown): void {
  console.error(`quickstart: error: ${error instanceof Error ? error.message : String(error)}`);
  if (server) console.error(`quickstart: hint: the server's log is ${server.logFile}`);
  process.exitCode = 1;
}

/** Nothing that the person at this terminal has set for another server. */
function environment(settings: Record<string, string>): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('HOLDFAST_'));
  return { ...Object.fromEntries(others), ...settings, PATH: `${join(process.cwd(), 'bin')}:${process.env.PATH ?? ''}` };
}
