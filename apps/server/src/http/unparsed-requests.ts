import type { Duplex } from 'node:stream';
import type { ProblemCode } from '#contract';
import { ANONYMOUS } from '#identity';
import type { Connection, Connections } from '../connections.ts';
import { ANSWER_HEADERS } from './answer-headers.ts';
import { problemText, PROBLEM_TYPE } from './problem-text.ts';
import type { RequestIds } from '../request-ids.ts';
import { Refusal } from './refusal.ts';
import type { RefusalRecorder } from './refusal-recorder.ts';

/** What Node's parser says; everything else it refuses is simply malformed. */
const PARSER_CODES: Readonly<Record<string, ProblemCode>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'body_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

interface Known {
  readonly connections: Connections;
  readonly recorder: RefusalRecorder;
  readonly ids: RequestIds;
}

/** How long answers to what came in before may still take. */
const LAST_ANSWERS_MS = 1_000;

/**
 * Answers and records bytes that were no request, as two parsers could read them differently. Nothing is read from the connection
 * afterwards, and nothing is written past an answer that is still on its way.
 */
export async function refuseUnparsed(error: NodeJS.ErrnoException, socket: Duplex, known: Known): Promise<void> {
  const connection = known.connections.of(socket);
  if (connection?.spoiled) return;
  if (connection !== undefined && error instanceof Refusal) return refuseDropped(error, connection, known);
  if (error.code === 'ECONNRESET' || !socket.writable || connection === undefined) {
    socket.destroy();
    return;
  }
  connection.spoiled = true;
  const code = PARSER_CODES[error.code ?? ''] ?? 'malformed_request';
  if (endsRequest(connection, code)) return;
  const request = { id: known.ids.next(), peer: connection.peer };
  await known.recorder.record({ caller: connection.caller ?? ANONYMOUS, route: undefined, request }, { code });
  if (connection.pending > 0) setTimeout(() => socket.destroy(), LAST_ANSWERS_MS).unref();
  else socket.end(rawAnswer(code, request.id), () => socket.destroy());
}

/** A connection that sends on without waiting for answers was dropped: there is nobody to answer any more. */
async function refuseDropped({ code }: Refusal, connection: Connection, { recorder, ids }: Known): Promise<void> {
  connection.spoiled = true;
  await recorder.record({ caller: ANONYMOUS, route: undefined, request: { id: ids.next(), peer: connection.peer } }, { code });
}

/** A body that breaks off ends the request that waits for it: that one is answered and recorded, there is no other. */
function endsRequest({ pending, reading }: Connection, code: ProblemCode): boolean {
  if (pending === 0 || reading === undefined || reading.complete) return false;
  // Without a listener nobody reads the body yet: who asks is still being looked at, and the admission sees to it.
  if (reading.listenerCount('error') > 0) reading.emit('error', new Refusal(code));
  return true;
}

function rawAnswer(code: ProblemCode, requestId: string): string {
  const { status, text } = problemText(code, requestId);
  const headers = {
    ...ANSWER_HEADERS,
    connection: 'close',
    'request-id': requestId,
    'content-type': PROBLEM_TYPE,
    'content-length': Buffer.byteLength(text),
  };
  const head = [`HTTP/1.1 ${status} Refused`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
  return `${head.join('\r\n')}\r\n\r\n${text}`;
}
