import { createHash, randomBytes } from 'node:crypto';
import { API } from '../support/loopback.ts';
import type { WireAnswer, WireClient } from '../support/wire-client.ts';
import type { Kind, LedgerWriter, Operation, Result } from './ledger.ts';
import { isDone } from './outcomes.ts';
import type { Random } from './random.ts';

const ACTIVE_PATHS = 5;

/** How often each kind of operation comes, in a thousand. */
const MIX: ReadonlyMap<Kind, number> = new Map([
  ['read', 590],
  ['bundle', 60],
  ['write', 170],
  ['patch', 50],
  ['delete', 35],
  ['destroy', 30],
  ['denied', 40],
  ['revoke', 5],
  ['apply-role', 10],
  ['sign-in', 10],
]);

/** Who a lane is and what it works with. All lanes of a client share the ledger, the operator and the victims. */
export interface LaneSettings {
  readonly name: string;
  readonly caller: string;
  readonly workload: WireClient;
  readonly operator: WireClient;
  /** Without a credential, for signing in: a request carries one at most. */
  readonly stranger: WireClient;
  readonly operatorPassword: string;
  readonly victims: string[];
}

type Data = Readonly<Record<string, string>>;

/** What a lane knows of a path that it has written. */
interface Path {
  readonly newest: number;
  /** What the newest version holds; absent while an operation of unknown outcome may have changed it. */
  readonly data?: Data;
  /** The versions up to this one were destroyed, or may have been. */
  readonly destroyed: number;
}

/** An operation, how to ask for it, and what its lane knows of the path after a success, and when nobody knows. */
interface Attempt {
  readonly operation: Operation;
  readonly send: () => Promise<WireAnswer>;
  readonly path?: string;
  readonly after?: (version: number) => Path | undefined;
  readonly unsure?: Path | undefined;
}

/** The digest under which ledger and verdict know what a version holds. */
export function dataHash(data: Data): string {
  const fields = Object.entries(data).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex').slice(0, 32);
}

/**
 * One closed loop of operations. A lane alone writes its paths and its role, one operation at a time, so that what each must hold
 * afterwards follows from the ledger: a path is written and patched some times, its older versions are destroyed, perhaps it is deleted,
 * and then never touched again.
 */
export class Lane {
  readonly #settings: LaneSettings;
  readonly #ledger: LedgerWriter;
  readonly #random: Random;
  readonly #paths = new Map<string, Path>();
  #made = 0;

  constructor(settings: LaneSettings, ledger: LedgerWriter, random: Random) {
    this.#settings = settings;
    this.#ledger = ledger;
    this.#random = random;
  }

  /** Does one operation; returns what became of it. */
  async step(): Promise<Result> {
    const attempt = this.#choose();
    const id = this.#ledger.intend(attempt.operation);
    const result = await resultOf(attempt.send);
    this.#ledger.conclude(id, result);
    this.#learn(attempt, result);
    return result;
  }

  /** What can't be done yet, or no more, is a write. */
  #choose(): Attempt {
    const makes: Readonly<Record<Kind, () => Attempt | undefined>> = {
      read: () => this.#read(),
      bundle: () => this.#bundle(),
      write: () => this.#write(),
      patch: () => this.#patch(),
      delete: () => this.#delete(),
      destroy: () => this.#destroy(),
      denied: () => this.#denied(),
      revoke: () => this.#revoke(),
      'apply-role': () => this.#applyRole(),
      'sign-in': () => this.#signIn(),
    };
    return makes[this.#random.weighted(MIX)]() ?? this.#write();
  }

  #read(): Attempt | undefined {
    const [path] = this.#anyPath() ?? [];
    if (path === undefined) return undefined;
    return { operation: { kind: 'read', caller: this.#settings.caller, path }, send: () => this.#ask('GET', path) };
  }

  #bundle(): Attempt | undefined {
    const paths = [...this.#paths.keys()];
    if (paths.length < 2) return undefined;
    const { caller, workload } = this.#settings;
    return { operation: { kind: 'bundle', caller, paths }, send: () => workload.send('POST', `${API}/bundle`, { paths }) };
  }

  #write(): Attempt {
    const [path, known] = (this.#paths.size < ACTIVE_PATHS ? undefined : this.#anyPath()) ?? [this.#newPath('crash'), undefined];
    const data = { value: randomText(), kept: randomText() };
    return this.#writing('write', [path, known], data, () => this.#ask('PUT', path, { data }));
  }

  /** Changes one field of two, where the lane knows the other. */
  #patch(): Attempt | undefined {
    const [path, known] = this.#anyPath(({ data }) => data !== undefined) ?? [];
    if (path === undefined || known?.data === undefined) return undefined;
    const change = { value: randomText() };
    return this.#writing('patch', [path, known], { ...known.data, ...change }, () => this.#ask('PATCH', path, { data: change }));
  }

  #writing(kind: 'write' | 'patch', [path, known]: [string, Path | undefined], data: Data, send: Attempt['send']): Attempt {
    return {
      operation: { kind, caller: this.#settings.caller, path, hash: dataHash(data) },
      send,
      path,
      after: (newest) => ({ newest, data, destroyed: known?.destroyed ?? 0 }),
      unsure: known && { newest: known.newest, destroyed: known.destroyed },
    };
  }

  #delete(): Attempt | undefined {
    const [path] = this.#anyPath() ?? [];
    if (path === undefined) return undefined;
    return { operation: { kind: 'delete', caller: this.#settings.caller, path }, send: () => this.#ask('DELETE', path), path };
  }

  /** All versions but the newest, at least two at once. */
  #destroy(): Attempt | undefined {
    const [path, known] = this.#anyPath(({ newest, destroyed }) => newest - destroyed > 2) ?? [];
    if (path === undefined || known === undefined) return undefined;
    const versions = Array.from({ length: known.newest - known.destroyed - 1 }, (_, at) => known.destroyed + 1 + at);
    const after = { ...known, destroyed: known.newest - 1 };
    return {
      operation: { kind: 'destroy', caller: this.#settings.caller, path, versions },
      send: () => this.#ask('POST', `${path}:destroy`, { versions }),
      path,
      after: () => after,
      unsure: after,
    };
  }

  /** Each at a path of its own: repeats of one refusal would be folded, and a fold is not durable before its minute is over. */
  #denied(): Attempt {
    const path = this.#newPath('forbidden');
    return { operation: { kind: 'denied', caller: this.#settings.caller, path }, send: () => this.#ask('GET', path) };
  }

  #revoke(): Attempt | undefined {
    const { operator, victims } = this.#settings;
    const spiffeId = victims.pop();
    if (spiffeId === undefined) return undefined;
    return { operation: { kind: 'revoke', spiffeId }, send: () => operator.send('POST', `${API}/revocations`, { spiffeId }) };
  }

  #applyRole(): Attempt {
    const { name: role, caller, operator } = this.#settings;
    const place = `place/${randomText()}`;
    const body = { role, rules: [{ allow: ['secret:read'], on: place }], bind: [caller] };
    return { operation: { kind: 'apply-role', role, place }, send: () => operator.send('PUT', `${API}/roles/${role}`, body) };
  }

  #signIn(): Attempt {
    const { stranger, operatorPassword: password } = this.#settings;
    return { operation: { kind: 'sign-in' }, send: () => stranger.send('POST', `${API}/session`, { name: 'admin', password }) };
  }

  #ask(method: string, target: string, body?: object): Promise<WireAnswer> {
    return this.#settings.workload.send(method, `${API}/secrets/${target}`, body);
  }

  #anyPath(fits: (path: Path) => boolean = () => true): [string, Path] | undefined {
    const fitting = [...this.#paths].filter(([, path]) => fits(path));
    return fitting.length === 0 ? undefined : this.#random.pick(fitting);
  }

  #newPath(namespace: string): string {
    this.#made += 1;
    return `${namespace}/${this.#settings.name}/${this.#made}`;
  }

  #learn({ operation, path, after, unsure }: Attempt, result: Result): void {
    if (path === undefined || result.outcome === 'unsent') return;
    const version = result.outcome === 'answered' ? (result.version ?? 0) : 0;
    const known = isDone({ operation, result }) ? after?.(version) : unsure;
    if (known === undefined) this.#paths.delete(path);
    else this.#paths.set(path, known);
  }
}

async function resultOf(send: () => Promise<WireAnswer>): Promise<Result> {
  try {
    const { status, body } = await send();
    return { outcome: 'answered', status, ...factsOf(body) };
  } catch (error) {
    const refused = error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
    return { outcome: refused ? 'unsent' : 'unknown' };
  }
}

/** What the lane and the verdict want to know of an answer. */
interface Facts {
  readonly path?: string;
  readonly version?: number;
  readonly data?: Data;
  readonly token?: string;
  readonly items?: readonly { readonly path: string; readonly data?: Data }[];
}

function factsOf(body: string): Omit<Extract<Result, { outcome: 'answered' }>, 'outcome' | 'status'> {
  const facts: Facts = body === '' ? {} : JSON.parse(body);
  const { version, token, path = '', data, items = data ? [{ path, data }] : [] } = facts;
  if (items.length === 0) return { version, token };
  return { version, token, delivered: Object.fromEntries(items.map((item) => [item.path, item.data ? dataHash(item.data) : 'nothing'])) };
}

function randomText(): string {
  return randomBytes(16).toString('hex');
}
