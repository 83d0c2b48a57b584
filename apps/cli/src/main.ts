import { commandsOf, findCommand } from './commands.ts';
import { EXIT, Failure, usageFailure } from './failure.ts';
import { helpFor, usageOf } from './help.ts';
import { print, printable } from './terminal.ts';
import { VERSION } from './version.ts';

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
  if (first === '--version') return print(`${VERSION}\n`);
  if (first === undefined || first === 'help' || first === '--help' || first === '-h') return print(helpFor(args.slice(1)));
  const found = findCommand(args);
  if (asksForHelp(args) && (found !== undefined || commandsOf(first).length > 0)) return print(helpFor(args));
  if (found === undefined) throw unknownCommand(first);
  const { run } = await found.command.load();
  try {
    return await run(found.rest);
  } catch (error) {
    throw withUsage(error, usageOf(found.name, found.command));
  }
}

function unknownCommand(first: string): Failure {
  const group = commandsOf(first);
  return usageFailure('there is no such command', group.length === 0 ? 'see `holdfast --help`' : `there is ${group.join(', ')}`);
}

/** Who called a command wrongly is told how to call it, unless there is something better to say. */
function withUsage(error: unknown, usage: string): unknown {
  const wrongly = error instanceof Failure && error.exit === EXIT.usage && error.hint === undefined;
  return wrongly ? usageFailure(error.message, usage) : error;
}

/** Whatever stands after `--` belongs to another command. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end === -1 ? undefined : end).some((argument) => argument === '--help' || argument === '-h');
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
