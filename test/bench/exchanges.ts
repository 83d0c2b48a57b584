import type { WireAnswer, WireClient } from '../support/wire-client.ts';
import type { BareAnswer } from './bare-server.ts';
import type { Exchange } from './duel.ts';
import type { ExpectedAnswer, RequestShape } from './job.ts';

const SECRETS = '/api/v1/secrets/bench';

/** The value of every secret of the benchmark: 1 KiB. */
export const SECRET = { data: { value: 'v'.repeat(1024) } };

/** The paths of the benchmark's secrets as the requests name them. */
export const PATHS = {
  read: 'bench/read',
  bundle: Array.from({ length: 20 }, (_, at) => `bench/bundle/${String(at).padStart(2, '0')}`),
} as const;

/** The three requests of the benchmark, each with what both sides must answer, and what bare `node:https` is told to answer. */
export interface Exchanges {
  readonly read: Exchange;
  readonly bundle: Exchange;
  readonly write: Exchange;
  readonly answers: Readonly<Record<RequestShape['method'], BareAnswer>>;
}

/** What is looked at of any of the three answers. */
interface LearntBody {
  readonly createdAt: string;
  readonly data?: object;
  readonly items?: readonly { readonly data?: object }[];
}

/** Asks Holdfast once for each, looks at the answer closely, and makes it the measure of all that follow. */
export async function learnExchanges(client: WireClient): Promise<Exchanges> {
  const read = { method: 'GET', path: `${SECRETS}/read` } as const;
  const bundle = { method: 'POST', path: '/api/v1/bundle', body: JSON.stringify({ paths: PATHS.bundle }) } as const;
  const write = { method: 'PUT', path: `${SECRETS}/write/{n}`, body: JSON.stringify(SECRET) } as const;
  const got = {
    read: await client.send(read.method, read.path),
    bundle: await client.send(bundle.method, bundle.path, { paths: PATHS.bundle }),
    write: await client.send(write.method, write.path.replace('{n}', '0-00000000'), SECRET),
  };
  const { createdAt } = parsed(got.write);
  [parsed(got.read), ...(parsed(got.bundle).items ?? [])].forEach(({ data }) => requireValue(data));
  return {
    read: { request: read, expected: expectedAnswer(got.read, []) },
    bundle: { request: bundle, expected: expectedAnswer(got.bundle, []) },
    write: { request: write, expected: expectedAnswer(got.write, ['0-00000000', createdAt]) },
    answers: { GET: bareAnswer(got.read), POST: bareAnswer(got.bundle), PUT: bareAnswer(got.write) },
  };
}

/** `varying`, in the order they stand in, differ by right from answer to answer. */
function expectedAnswer({ status, body }: WireAnswer, varying: readonly string[]): ExpectedAnswer {
  const length = Buffer.byteLength(body);
  const [first, last] = [varying.at(0), varying.at(-1)];
  if (first === undefined || last === undefined) return { status, head: body, tail: '', length };
  const head = body.slice(0, body.indexOf(first));
  return { status, head, tail: body.slice(body.lastIndexOf(last) + last.length), length };
}

/** The same bytes on the wire: the headers too, but for the ones that `node:http` writes itself. */
function bareAnswer({ status, rawHeaders, body }: WireAnswer): BareAnswer {
  const own = new Set(['date', 'connection', 'keep-alive']);
  const headers = rawHeaders.filter((_, at) => !own.has((rawHeaders[at - (at % 2)] ?? '').toLowerCase()));
  return { status, headers, body };
}

function parsed({ status, body }: WireAnswer): LearntBody {
  if (status !== 200) throw new Error(`holdfast answered ${status}: ${body}`);
  const learnt: LearntBody = JSON.parse(body);
  return learnt;
}

function requireValue(data?: object): void {
  if (JSON.stringify(data) !== JSON.stringify(SECRET.data)) throw new Error('holdfast answered another value than was written');
}
