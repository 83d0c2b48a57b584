import { dirname, resolve } from 'node:path';
import { parse } from '../arguments.ts';
import { explanationLines } from '../explanation-text.ts';
import { Failure } from '../failure.ts';
import { readInput } from '../input.ts';
import { judgeRoles, type Judged } from '../judge-roles.ts';
import { parseRoles } from '../role-file.ts';
import { parseRoleTest } from '../role-test.ts';
import { print, printable } from '../terminal.ts';

/** Holds role files to what a file expects of them. For people also in a pipe: it is run where a log is all that they see. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(args, ['FILE'], { json: { type: 'boolean' } });
  const [file = ''] = positionals;
  const test = parseRoleTest(readInput(file, 'the test').toString('utf8'));
  const roles = test.roles.flatMap((name) => parseRoles(readInput(resolve(dirname(file), name), 'a file of roles').toString('utf8')));
  const judged = judgeRoles(roles, test);
  const failed = judged.filter(({ met }) => !met);
  if (values.json === true) await print(`${JSON.stringify({ items: judged.map(itemOf) }, null, 2)}\n`);
  else await print(failed.flatMap((each) => linesOf(file, each)).map((line) => `${printable(line)}\n`).join('')); // prettier-ignore
  if (failed.length > 0) throw new Failure(`${failed.length} of ${judged.length} expectations fail`);
  if (values.json !== true) await print(`${judged.length} expectations hold\n`);
}

function itemOf({ expectation, met, explanation: { allowed, rule } }: Judged) {
  return { ...expectation, met, decision: allowed ? 'allow' : 'deny', rule };
}

function linesOf(file: string, { expectation, explanation }: Judged): string[] {
  const { line, effect, action, on, caller } = expectation;
  return [
    `${file}:${line}: ${action} on ${on} for ${caller}`,
    `  - ${effect}`,
    `  + ${explanation.allowed ? 'allow' : 'deny'}`,
    ...explanationLines(explanation).map((text) => `    ${text}`),
  ];
}
