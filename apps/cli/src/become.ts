import { codeOf, EXIT, Failure } from './failure.ts';

/** Signals that Node ignores for itself. An ignored signal stays ignored in what follows, a caught one doesn't. */
const IGNORED_BY_NODE = ['SIGPIPE', 'SIGXFSZ'] as const;

/**
 * Replaces this process by a program (execve(2)): same process id, so that signals and the exit code need no passing on, and nothing
 * of ours is left in memory.
 */
export function become(file: string, args: readonly string[], environment: NodeJS.ProcessEnv): never {
  process.removeAllListeners('warning'); // that execve is experimental is nothing to tell whoever mistyped a command
  for (const signal of IGNORED_BY_NODE) process.on(signal, () => undefined);
  try {
    return execve(file, args, environment);
  } catch (error) {
    throw new Failure(`the command can not be started: ${codeOf(error)}`, { exit: EXIT.notStarted });
  }
}

function execve(file: string, args: readonly string[], environment: NodeJS.ProcessEnv): never {
  if (process.execve === undefined) throw Object.assign(new Error('no execve'), { code: 'ENOSYS' });
  return process.execve(file, args, environment);
}
