import { basename } from 'node:path';
import { createLogger, format, transports, type Logger } from 'winston';

/** Everything this server ever says in its log. Texts are constant: what varies is in the fields. */
const EVENTS = {
  started: 'the server has started',
  listening: 'a listener is open',
  closed: 'a listener is closed',
  bootstrap: 'the server is not initialized: the bootstrap token is in the named file',
  unsealed: 'the server is unsealed',
  unseal_failed: 'the server could not unseal itself',
  certificate: "the server's certificate was replaced",
  certificate_failed: "the server's certificate could not be replaced",
  expiring: 'a certificate or a revocation list ends soon',
  expired: 'a certificate or a revocation list has ended',
  clock_behind: "the clock is before the beginning of the server's certificate, which is kept",
  storage_unavailable: 'nothing can be recorded, so nothing is disclosed and nothing changes',
  storage_recovered: 'the database takes what is to be recorded again',
  break_glass: 'a secret was read by approval of a second operator: the audit log says which, under this request id',
  draining: 'the server is stopping: requests in flight may end',
  stopped: 'the server has stopped',
  stop_failed: 'the server has stopped, and could not record all that it had counted',
  fault: 'a request failed inside the server',
  fatal: 'the server can not go on',
} as const;

export type LogEvent = keyof typeof EVENTS;

/**
 * All that a line may hold beside its event. None of these is ever made from a value, a name, a path, a header or a body, so a line
 * can't hold a secret. What is not listed is dropped, whoever passes it.
 */
const FIELDS = [
  'listener',
  'address',
  'port',
  'file',
  'from',
  'until',
  'signal',
  'requestId',
  'code',
  'error',
  'at',
  'version',
  'kind',
  'count',
] as const;

export type LogFields = { readonly [F in (typeof FIELDS)[number]]?: string | number };
export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/** The server's log: one JSON object a line on standard error. Who asked for what is not here but in the audit log. */
export class Log {
  readonly #logger: Logger;

  constructor(level: LogLevel, stream: NodeJS.WritableStream = process.stderr) {
    this.#logger = createLogger({ level, format: LINE, transports: [new transports.Stream({ stream })] });
  }

  info(event: LogEvent, fields: LogFields = {}): void {
    this.#write('info', event, fields);
  }

  warn(event: LogEvent, fields: LogFields = {}): void {
    this.#write('warn', event, fields);
  }

  error(event: LogEvent, fields: LogFields = {}): void {
    this.#write('error', event, fields);
  }

  /** An error that should not have been: its class, its code and where it came from, never its text. */
  fault(error: unknown, requestId: string): void {
    this.#write('error', 'fault', { requestId, ...traceOf(error) });
  }

  /** Something the server does by itself went wrong; it goes on. */
  failed(event: 'unseal_failed' | 'certificate_failed' | 'stop_failed', error: unknown): void {
    this.#write('error', event, traceOf(error));
  }

  fatal(error: unknown): void {
    this.#write('error', 'fatal', traceOf(error));
  }

  /** Winston itself would append a field called `message` to the text: it gets no field of the caller's as its own. */
  #write(level: LogLevel, event: LogEvent, fields: LogFields): void {
    this.#logger.log({ level, message: EVENTS[event], event, fields: allowed(fields) });
  }
}

const LINE = format.printf(({ level, message, event, fields }) =>
  JSON.stringify({ time: new Date().toISOString(), level, event, message, ...Object(fields) }),
);

function allowed(fields: LogFields): object {
  const known = FIELDS.map((name) => [name, fields[name]] as const);
  return Object.fromEntries(known.filter(([, value]) => typeof value === 'string' || typeof value === 'number'));
}

const WORD = /^[A-Za-z_]{1,64}$/;
const FRAME = /^\s+at (?:.*[/\\(])?([^/\\()]+:\d+):\d+\)?$/;

function traceOf(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: typeof error };
  const code = 'code' in error && typeof error.code === 'string' && WORD.test(error.code) ? error.code : undefined;
  const frames = (error.stack ?? '').split('\n').map((line) => FRAME.exec(line)?.[1]);
  const at = frames
    .filter((frame) => frame !== undefined)
    .slice(0, 5)
    .map((frame) => basename(frame))
    .join(' < ');
  return { error: WORD.test(error.name) ? error.name : 'Error', code, at };
}
