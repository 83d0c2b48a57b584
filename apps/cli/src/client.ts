import type { IncomingMessage } from 'node:http';
import { request, type RequestOptions } from 'node:https';
import type { Problem, RequestOf, ResponseOf, RouteName } from '#contract';
import type { Endpoint } from './client-settings.ts';
import { EXIT, Failure } from './failure.ts';
import { patiently } from './terminal.ts';

const TIMEOUT_MS = 30_000;
const MAX_ANSWER = 64 << 20;

/** One request; `R` is the route that it is meant for. */
export interface Call<R extends RouteName> {
  readonly method: 'GET' | 'PUT' | 'PATCH' | 'POST' | 'DELETE';
  /** Below `/api/v1`. */
  readonly target: string;
  readonly body?: RequestOf<R>;
}

/** Calls a route and reads its whole answer. @throws Failure with the exit code that fits the problem */
export async function call<R extends RouteName>(endpoint: Endpoint, route: Call<R>): Promise<ResponseOf<R>>;
export async function call(endpoint: Endpoint, route: Call<RouteName>): Promise<unknown> {
  const bytes = await patiently(() => `waiting for ${endpoint.url.host}`, send(endpoint, route).then(readWhole));
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new Failure('the server answered something else than JSON');
  }
}

/** Calls a route and leaves the answer on its stream, once it is known to be a success. */
export async function send<R extends RouteName>(endpoint: Endpoint, { method, target, body }: Call<R>): Promise<IncomingMessage> {
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const answer = await exchange(endpoint, { method, path: `/api/v1${target}`, headers: headersOf(endpoint, payload) }, payload);
  const { statusCode: status = 0 } = answer;
  if (status >= 200 && status < 300) return answer;
  throw failureOf(status, await readWhole(answer));
}

/** A secret's path in a request target. The server refuses what is not a path; this only keeps it from ending early. */
export function pathSegment(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

function headersOf({ token }: Endpoint, payload: string | undefined): Record<string, string> {
  return {
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(payload !== undefined && { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(payload)) }),
  };
}

function exchange({ url, ca, cert, key }: Endpoint, options: RequestOptions, payload: string | undefined): Promise<IncomingMessage> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const tls: RequestOptions = { host, port: url.port || 443, ca, cert, key, minVersion: 'TLSv1.3', agent: false, timeout: TIMEOUT_MS };
  return new Promise((resolve, reject) => {
    const outgoing = request({ ...options, ...tls }, resolve);
    outgoing.on('timeout', () => outgoing.destroy(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })));
    outgoing.on('error', (error) => reject(unreachable(url.host, error)));
    outgoing.end(payload);
  });
}

async function readWhole(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of answer) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MAX_ANSWER) break;
    }
  } catch (error) {
    throw unreachable('the server', error);
  }
  if (size > MAX_ANSWER) throw new Failure('the answer is larger than 64 MiB');
  return Buffer.concat(chunks);
}

function unreachable(host: string, error: unknown): Failure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
  const untrusted = /CERT|SIGNATURE|ALTNAME|SELF_SIGNED/.test(code);
  const hint = untrusted ? "set HOLDFAST_CA to the file of the server's trust bundle" : undefined;
  return new Failure(`${host} can not be reached: ${code}`, { exit: EXIT.unavailable, hint });
}

function failureOf(status: number, bytes: Buffer): Failure {
  const { code, title, hint, requestId } = readProblem(bytes);
  const message = code === undefined ? `the server answered ${status}` : `${code}: ${title}`;
  return new Failure(message, { exit: exitOf(status), hint, requestId });
}

function readProblem(bytes: Buffer): Partial<Problem> {
  try {
    const problem: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof problem === 'object' && problem !== null ? problem : {};
  } catch {
    return {};
  }
}

/** The exit code for an HTTP status, of a whole answer or of an item in a bundle. */
export function exitOf(status: number): number {
  if (status === 401 || status === 403) return EXIT.denied;
  if (status === 404) return EXIT.notFound;
  return status === 503 ? EXIT.unavailable : EXIT.failed;
}
