import { readFileSync } from 'node:fs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';
import { type GuideStep, outputPattern, runSteps, type StepResult, stepsOf } from '../support/guide.ts';
import { freePorts } from '../support/ports.ts';

const ROOT = join(import.meta.dirname, '../..');
/** In the order of reading: each goes on where the one before ends. */
const GUIDES = ['docs/operating.md', 'docs/workloads.md', 'docs/auditing.md', 'docs/roles.md'];
const TOOLS = ['script', 'curl', 'jq', 'openssl'];

const missing: string[] = [];
for (const tool of TOOLS) {
  const { code } = await runCommand('sh', ['-c', `command -v ${tool}`]);
  if (code !== 0) missing.push(tool);
}
const skipped = missing.length > 0 && process.env.CI !== 'true';
if (skipped) console.warn(`\n  SKIPPED: what the guides say: this machine lacks ${missing.join(', ')}\n`);

const ports = await freePorts(3);
const guideSteps = GUIDES.flatMap(readSteps);
/** The README shows its session without what it prints. */
const readmeSteps = readSteps('README.md').map((step) => ({ ...step, expected: '…\n' }));
const steps = [...guideSteps, ...readmeSteps];

function readSteps(file: string): GuideStep[] {
  return stepsOf(file, atPorts(readFileSync(join(ROOT, file), 'utf8')));
}

/** The guides speak of the default ports. */
function atPorts(text: string): string {
  return text.replaceAll(/\b844([345])\b/g, (port) => String(ports[Number(port) - 8443]));
}

const titleOf = ({ place, command }: GuideStep): string => `${place}: ${command.split('\n', 1).join()}`;

describe.skipIf(skipped)('the guides', () => {
  let directory: string;
  let results: StepResult[];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'holdfast-guides-'));
    await cp(join(ROOT, 'config'), join(directory, 'config'), { recursive: true });
    await writeFile(join(directory, 'password.txt'), 'README');
    await writeFile(join(directory, 'app'), '#!/bin/sh\ntest "$DB_PASSWORD" = README', { mode: 0o755 });
    results = await runSteps(steps, directory, environment());
  });

  afterAll(() => rm(directory, { recursive: true, force: true }));

  it('hold commands', () => {
    expect(guideSteps.length).toBeGreaterThan(80);
    expect(readmeSteps.length).toBeGreaterThan(4);
  });

  it.each(steps.map((step, at) => [titleOf(step), step, at] as const))('%s', (_title, { command, expected }, at) => {
    const fails = expected.includes('holdfast: error: ') && !command.includes(' | '); // a pipe's exit code is its last command's
    const { code, output } = results[at] ?? { code: Number.NaN, output: '' };
    expect(output === '' ? '\n' : `${output.trimEnd()}\n`).toMatch(outputPattern(expected));
    expect(code === 0, `exit code ${code}`).toBe(!fails);
  });

  /** A shell as plain as a reader's, that finds the command, and a server beside others on this machine. */
  function environment(): NodeJS.ProcessEnv {
    const [workload, operator, probe] = ports.map(String);
    return {
      PATH: `${join(ROOT, 'bin')}${delimiter}${process.env.PATH ?? ''}`,
      HOME: directory,
      TERM: 'dumb',
      LC_ALL: 'C',
      HOLDFAST_LISTENERS_WORKLOAD_PORT: workload,
      HOLDFAST_LISTENERS_OPERATOR_PORT: operator,
      HOLDFAST_LISTENERS_PROBE_PORT: probe,
      HOLDFAST_ADDR: `https://127.0.0.1:${workload}`,
      HOLDFAST_OPERATOR_ADDR: `https://127.0.0.1:${operator}`,
    };
  }
});
