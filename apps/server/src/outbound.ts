import { lookup as resolveName } from 'node:dns';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request, type RequestOptions } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { AccessError, Outbound, type OutboundAnswer, type OutboundRequest } from '#access';
import { isRefusedAddress } from './outbound-addresses.ts';

/** Bytes of an answer. Discovery documents and key sets have a few thousand. */
const MOST_BYTES = 256 * 1024;
const TIMEOUT_MS = 10_000;
/** At a time, to all servers together: strangers can make this server ask. */
const MOST_AT_ONCE = 32;

/** What may be said of a request that came to nothing. */
const HINTS = {
  address: 'it is at an address that is never asked',
  busy: 'too many requests are under way',
  certificate: 'its certificate is not accepted',
  connection: 'there is no connection',
  size: 'it answers with more than 256 KiB',
  time: 'it takes longer than ten seconds',
  url: 'it is not asked by https',
} as const;

type Reason = keyof typeof HINTS;

/** Requests over `node:https`, each on a connection of its own. */
export class HttpsOutbound extends Outbound {
  readonly #timeoutMs: number;
  #underWay = 0;

  constructor(timeoutMs = TIMEOUT_MS) {
    super();
    this.#timeoutMs = timeoutMs;
  }

  async ask(asked: OutboundRequest): Promise<OutboundAnswer> {
    const url = URL.parse(asked.url);
    if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '') throw unreachable('url');
    if (this.#underWay >= MOST_AT_ONCE) throw unreachable('busy');
    this.#underWay += 1;
    const signal = AbortSignal.timeout(this.#timeoutMs);
    try {
      return await readWhole(await send(url, asked, signal));
    } catch (error) {
      throw error instanceof AccessError ? error : unreachable(signal.aborted ? 'time' : reasonOf(error));
    } finally {
      this.#underWay -= 1;
    }
  }
}

function send(url: URL, { method = 'GET', headers, body, ca }: OutboundRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  // A name is looked up and refused below; an address never is.
  if (isIP(host) !== 0 && isRefusedAddress(host, ca !== undefined)) throw unreachable('address');
  const options: RequestOptions = {
    host,
    port: url.port || 443,
    path: `${url.pathname}${url.search}`,
    method,
    headers: { ...headers, 'accept-encoding': 'identity', ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }) },
    ca,
    minVersion: 'TLSv1.2',
    lookup: lookupAllowed(ca !== undefined),
    agent: false,
    signal,
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(options, resolve);
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Looks a name up and connects only if all of its addresses may be asked: what was checked is what is connected to. */
function lookupAllowed(pinned: boolean): LookupFunction {
  return (name, options, answer) => {
    resolveName(name, { ...options, all: true }, (error, addresses) => {
      const refused = !error && addresses.some(({ address }) => isRefusedAddress(address, pinned));
      if (error || refused) answer(error ?? unreachable('address'), []);
      else if (options.all === true) answer(null, addresses);
      else answer(null, addresses[0]?.address ?? '', addresses[0]?.family);
    });
  };
}

async function readWhole(answer: IncomingMessage): Promise<OutboundAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MOST_BYTES) throw unreachable('size');
  }
  return { status: answer.statusCode ?? 0, headers: plain(answer.headers), body: Buffer.concat(chunks) };
}

function plain(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])));
}

function reasonOf(error: unknown): Reason {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /CERT|SIGNATURE|ALTNAME|SELF_SIGNED|EXPIRED|NOT_YET_VALID/.test(code) ? 'certificate' : 'connection';
}

function unreachable(reason: Reason): AccessError {
  return new AccessError('issuer_unreachable', HINTS[reason]);
}
