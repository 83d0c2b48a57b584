import type { IncomingMessage } from 'node:http';
import { request, type RequestOptions } from 'node:https';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { Problem, ProblemCode, RequestOf, ResponseOf, RouteName } from '#contract';
import type { Endpoint } from './client-settings.ts';
import { EXIT, Failure, systemFailure, usageFailure } from './failure.ts';
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

function headersOf({ token }: Endpoint, payload: string | undefined): Record<string, string> {
  if (token !== undefined && !/^[!-~]+$/.test(token)) throw usageFailure('the token holds characters that no token has');
  return {
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(payload !== undefined && { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(payload)) }),
  };
}

function exchange(endpoint: Endpoint, options: RequestOptions, payload: string | undefined): Promise<IncomingMessage> {
  const { url } = endpoint;
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const secureContext = secureContextOf(endpoint);
  const tls: RequestOptions & { readonly secureContext: SecureContext } = {
    host,
    port: url.port || 443,
    secureContext,
    agent: false,
    timeout: TIMEOUT_MS,
  };
  return new Promise((resolve, reject) => {
    const outgoing = request({ ...options, ...tls }, resolve);
    outgoing.on('timeout', () => outgoing.destroy(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })));
    outgoing.on('error', (error) => reject(unreachable(url.host, error)));
    outgoing.end(payload);
  });
}

function secureContextOf({ ca, cert, key }: Endpoint): SecureContext {
  try {
    return createSecureContext({ ca, cert, key, minVersion: 'TLSv1.3' });
  } catch (error) {
    throw systemFailure('these are not a certificate and its key', error);
  }
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

/** What is behind the errors that people meet first, the more special before the more general. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [
    /ECONNREFUSED/,
    'nothing listens there: the server is stopped, elsewhere (HOLDFAST_ADDR, HOLDFAST_OPERATOR_ADDR) or, to workloads, sealed',
  ],
  [/ENOTFOUND|EAI_AGAIN/, 'there is no such host: see HOLDFAST_ADDR and HOLDFAST_OPERATOR_ADDR'],
  [/EPROTO|ERR_SSL_WRONG_VERSION/, 'what listens there does not speak TLS 1.3: is it the port of another listener?'],
  [/ALTNAME/, "the server's certificate does not name this host: put it into the server's setting serverNames"],
  [/EXPIRED|NOT_YET_VALID/, 'compare the clocks of this host and of the server'],
  [
    /CERT|SIGNATURE|SELF_SIGNED/,
    "set HOLDFAST_CA to the file of the server's CA: ca.pem of `holdfast init`, or tls/ca.crt in its data directory",
  ],
];

function unreachable(host: string, error: unknown): Failure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
  const [, hint] = REASONS.find(([pattern]) => pattern.test(code)) ?? [];
  return new Failure(`${host} can not be reached: ${code}`, { exit: EXIT.unavailable, hint });
}

/** What to type next, where the server doesn't say it. */
const NEXT_STEPS: Partial<Record<ProblemCode, string>> = {
  sealed: 'an operator opens it with `holdfast unseal`',
  not_initialized: '`holdfast init` makes its keys',
  bootstrap_refused: 'it is in the file bootstrap-token of the data directory, until `holdfast init` has used it',
  session_refused: 'sign in again with `holdfast login NAME`',
  sign_in_refused: 'begin again with `holdfast login --oidc PROVIDER`',
  token_refused: 'a token is good once, and for its time: get a new one',
  invalid_path: 'a path is written payments/prod/db, of two names or more',
  invalid_spiffe_id: 'a SPIFFE ID is written spiffe://TRUST-DOMAIN/PATH',
};

function failureOf(status: number, bytes: Buffer): Failure {
  const { code, title, hint, requestId } = readProblem(bytes);
  const message = code === undefined ? `the server answered ${status}` : `${code}: ${title}`;
  return new Failure(message, { exit: exitOf(status), hint: hint ?? (code && NEXT_STEPS[code]), requestId, code });
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
