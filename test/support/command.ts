import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** What a finished command left. `code` is null when a signal ended it. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to run a command: its whole environment (default: ours), its standard input, and when to give up on it. */
export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly input?: string;
  readonly timeoutMs?: number;
}

/** Runs a command to its end and returns what it printed, whatever its exit code. Killed after a minute unless told otherwise. */
export async function runCommand(command: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const { env = process.env, cwd, input = '', timeoutMs = 60_000 } = options;
  const child = spawn(command, args, { env, cwd, timeout: timeoutMs, killSignal: 'SIGKILL', stdio: 'pipe' });
  child.stdin.on('error', () => undefined); // a command that ends without reading its input
  child.stdin.end(input);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), ended(child)]);
  return { code: child.exitCode, stdout, stderr };
}

/** Like {@link runCommand}, but anything other than exit code 0 is an error that quotes what the command said. */
export async function mustRun(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await runCommand(command, args, options);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: exit ${code ?? 'by signal'}\n${stderr}${stdout}`);
  return stdout;
}

/** Resolves when the child is gone and its output is read to the end. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
}
