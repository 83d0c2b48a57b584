import process from 'node:process';
import type { Settings } from '#settings';
import { findProblem } from './error-table.ts';
import { Log } from './log.ts';
import { startServer, type RunningServer } from './start.ts';

/** Ends the process at once: after what has happened, nothing it still does can be trusted, not even an orderly end. */
const EXIT_FATAL = 70;
const EXIT_FAILED = 1;

/** Runs the server until a signal ends it. */
export async function serve(settings: Settings): Promise<void> {
  const log = new Log(settings.log.level);
  const fatal = (error: unknown): void => {
    log.fatal(error);
    process.exit(EXIT_FATAL);
  };
  process.on('uncaughtException', fatal);
  process.on('unhandledRejection', fatal);
  // Heard from the beginning: a container's first process does not get a signal that it has no handler for.
  const signal = nextSignal();
  const server = await startServer(settings, { log, fatal }).catch(refuse);
  process.on('SIGHUP', () => void server.reload());
  log.info('draining', { signal: await signal });
  process.exit(await stop(server, log));
}

/**
 * Stops a server and answers the exit code: 0, or 1 where what was counted last could not be entered in the log (on a full disk).
 * Everything is closed either way, and nothing is missing that anybody was given.
 */
export async function stop(server: Pick<RunningServer, 'stop'>, log: Log): Promise<number> {
  try {
    await server.stop();
    return 0;
  } catch (error) {
    log.failed('stop_failed', error);
    return EXIT_FAILED;
  }
}

/** For a person at the terminal: the rooms' errors have texts made for that, the operating system's have codes. */
function refuse(error: unknown): never {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const text = error instanceof Error && findProblem(error).code !== 'internal_error' ? error.message : (code ?? 'internal error');
  process.stderr.write(`holdfast: error: the server does not start: ${text}\n`);
  process.exit(EXIT_FAILED);
}

function nextSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  });
}
