import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './command.ts';

/** A command of a guide's `console` block, and what the guide says that it prints. */
export interface GuideStep {
  /** `docs/operating.md:12` */
  readonly place: string;
  readonly command: string;
  readonly expected: string;
}

/** What a step did. */
export interface StepResult {
  readonly code: number;
  readonly output: string;
}

/** The steps of a guide, in its order. In a `console` block `$ ` begins a command, `> ` goes on with it, all else is output. */
export function stepsOf(file: string, markdown: string): GuideStep[] {
  const steps: { place: string; command: string; expected: string }[] = [];
  let inBlock = false;
  for (const [index, line] of markdown.split('\n').entries()) {
    const step = steps.at(-1);
    if (line.startsWith('```')) inBlock = line === '```console';
    else if (!inBlock) continue;
    else if (line.startsWith('$ ')) steps.push({ place: `${file}:${index + 1}`, command: line.slice(2), expected: '' });
    else if (step !== undefined && line.startsWith('> ') && step.expected === '') step.command += `\n${line.slice(2)}`;
    else if (step !== undefined) step.expected += `${line}\n`;
  }
  return steps;
}

/** Runs steps one after the other in one shell on a terminal, as a reader would, and answers what each did. */
export async function runSteps(steps: readonly GuideStep[], directory: string, env: NodeJS.ProcessEnv): Promise<StepResult[]> {
  const mark = randomBytes(8).toString('hex');
  const script = join(directory, 'steps.sh');
  const lines = steps.map(({ command }) => `${command}\nprintf '\\n%s %d\\n' ${mark} "$?"`);
  await writeFile(script, `trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT\n${lines.join('\n')}\n`);
  const { stdout } = await runCommand('script', ['-qec', `bash ${script}`, '/dev/null'], { cwd: directory, env, timeoutMs: 100_000 });
  const parts = stdout.replaceAll(/[ \r]+$/gm, '').split(new RegExp(`\n${mark} (\\d+)\n`));
  return steps.map((_, at) => ({ output: parts[2 * at] ?? '', code: Number(parts[2 * at + 1] ?? Number.NaN) }));
}

/** What a guide says as a pattern: `…` stands for the rest of a line or a part of it, alone on a line for any lines. */
export function outputPattern(expected: string): RegExp {
  const lines = expected.trimEnd().split('\n');
  const parts = lines.map((line) => (line === '…' ? '(?:.*\\n)*?' : `${line.split('…').map(escaped).join('.*')}\\n`));
  return new RegExp(`^${parts.join('')}$`);
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
