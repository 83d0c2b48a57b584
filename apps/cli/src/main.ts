import { COMMANDS, findCommand } from './commands.ts';
import { EXIT, Failure, usageFailure } from './failure.ts';
import { print, printable } from './terminal.ts';

const OLDEST_NODE = 26;

/** Runs the command that the arguments name and answers the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    await dispatch(args);
    return EXIT.done;
  } catch (error) {
    return report(error);
  }
}

async function dispatch(args: readonly string[]): Promise<void> {
  if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE)
    throw new Failure(`Node ${OLDEST_NODE} or newer is needed, this is ${process.version}`);
  const [first] = args;
  if (first === undefined || first === 'help' || first === '--help' || first === '-h') return print(overview());
  const found = findCommand(args);
  if (found === undefined) throw usageFailure('there is no such command', 'see `holdfast --help`');
  const { name, command, rest } = found;
  if (asksForHelp(rest)) return print(`holdfast ${name} ${command.usage}\n    ${command.summary}\n`);
  const { run } = await command.load();
  return run(rest);
}

/** Whatever stands after `--` belongs to another command. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end === -1 ? undefined : end).some((argument) => argument === '--help' || argument === '-h');
}

function overview(): string {
  const lines = Object.entries(COMMANDS).map(([name, { usage, summary }]) => `  ${`${name} ${usage}`.trimEnd()}\n      ${summary}`);
  return `holdfast: secrets for containers, by certificate\n\n${lines.join('\n')}\n
Where: HOLDFAST_ADDR (workload listener), HOLDFAST_OPERATOR_ADDR, HOLDFAST_CA
Who:   HOLDFAST_CERT and HOLDFAST_KEY, or HOLDFAST_TOKEN, or \`holdfast login\`
Exit:  0 done, 1 failed, 2 usage, 3 denied, 4 not found, 5 sealed or unreachable
`;
}

/** An error that nobody foresaw is named by its kind only: its message may quote anything. */
function report(error: unknown): number {
  const failure = error instanceof Failure ? error : unforeseen(error);
  const lines = [`error: ${failure.message}`];
  if (failure.hint !== undefined) lines.push(`hint: ${failure.hint}`);
  if (failure.requestId !== undefined) lines.push(`request id: ${failure.requestId}`);
  process.stderr.write(lines.map((line) => `holdfast: ${printable(line)}\n`).join(''));
  return failure.exit;
}

function unforeseen(error: unknown): Failure {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : '';
  return new Failure(`unexpected ${error instanceof Error ? error.name : typeof error}${code}`);
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? EXIT.done : EXIT.failed));
process.exitCode = await main(process.argv.slice(2));
