import { createHash, randomBytes } from 'node:crypto';
import type { WireAnswer, WireClient } from '../support/wire-client.ts';
import type { Kind, LedgerWriter, Operation, Result } from './ledger.ts';
import type { Random } from './random.ts';

const API = '/api/v1';
const ACTIVE_PATHS = 5;

/** How often each kind of operation comes, in a thousand. */
const MIX: ReadonlyMap<Kind, number> = new Map([
  ['read', 700],
  ['write', 200],
  ['delete', 40],
  ['denied', 45],
  ['revoke', 5],
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

/** The digest under which ledger and verdict know a value. */
export function valueHash(value: string): string {
  return createHash('sha256').update(value).digest('hex').slice(0, 32);
}

/**
 * One closed loop of operations. A lane alone writes its paths, one operation at a time, so that what each must hold afterwards follows
 * from the ledger: a path is written some times, perhaps deleted, and then never touched again.
 */
export class Lane {
  readonly #settings: LaneSettings;
  readonly #ledger: LedgerWriter;
  readonly #random: Random;
  #written: string[] = [];
  #made = 0;

  constructor(settings: LaneSettings, ledger: LedgerWriter, random: Random) {
    this.#settings = settings;
    this.#ledger = ledger;
    this.#random = random;
  }

  /** Does one operation; returns what became of it. */
  async step(): Promise<Result> {
    const [operation, send] = this.#choose();
    const id = this.#ledger.intend(operation);
    const result = await attempt(send);
    this.#ledger.conclude(id, result);
    this.#learn(operation, result);
    return result;
  }

  #choose(): [Operation, () => Promise<WireAnswer>] {
    const kind = this.#random.weighted(MIX);
    if (kind === 'revoke' && this.#settings.victims.length > 0) return this.#revoke();
    if (kind === 'sign-in') return this.#signIn();
    if (kind === 'denied') return this.#denied();
    if (this.#written.length === 0 || kind === 'write' || kind === 'revoke') return this.#write();
    return kind === 'delete' ? this.#delete() : this.#read();
  }

  #read(): [Operation, () => Promise<WireAnswer>] {
    const { caller, workload } = this.#settings;
    const path = this.#random.pick(this.#written);
    return [{ kind: 'read', caller, path }, () => workload.send('GET', `${API}/secrets/${path}`)];
  }

  #write(): [Operation, () => Promise<WireAnswer>] {
    const { caller, workload } = this.#settings;
    const value = randomBytes(24).toString('base64url');
    const path = this.#written.length < ACTIVE_PATHS ? this.#newPath('crash') : this.#random.pick(this.#written);
    return [
      { kind: 'write', caller, path, hash: valueHash(value) },
      () => workload.send('PUT', `${API}/secrets/${path}`, { data: { value } }),
    ];
  }

  #delete(): [Operation, () => Promise<WireAnswer>] {
    const { caller, workload } = this.#settings;
    const path = this.#random.pick(this.#written);
    this.#forget(path);
    return [{ kind: 'delete', caller, path }, () => workload.send('DELETE', `${API}/secrets/${path}`)];
  }

  /** Each at a path of its own: repeats of one refusal would be folded, and a fold is not durable before its minute is over. */
  #denied(): [Operation, () => Promise<WireAnswer>] {
    const { caller, workload } = this.#settings;
    const path = this.#newPath('forbidden');
    return [{ kind: 'denied', caller, path }, () => workload.send('GET', `${API}/secrets/${path}`)];
  }

  #revoke(): [Operation, () => Promise<WireAnswer>] {
    const { operator, victims } = this.#settings;
    const spiffeId = victims.pop() ?? '';
    return [{ kind: 'revoke', spiffeId }, () => operator.send('POST', `${API}/revocations`, { spiffeId })];
  }

  #signIn(): [Operation, () => Promise<WireAnswer>] {
    const { stranger, operatorPassword: password } = this.#settings;
    return [{ kind: 'sign-in' }, () => stranger.send('POST', `${API}/session`, { name: 'admin', password })];
  }

  #newPath(namespace: string): string {
    this.#made += 1;
    return `${namespace}/${this.#settings.name}/${this.#made}`;
  }

  #learn(operation: Operation, result: Result): void {
    if (operation.kind !== 'write') return;
    const acknowledged = result.outcome === 'answered' && result.status === 200;
    if (acknowledged && !this.#written.includes(operation.path)) this.#written.push(operation.path);
  }

  #forget(path: string): void {
    this.#written = this.#written.filter((other) => other !== path);
  }
}

async function attempt(send: () => Promise<WireAnswer>): Promise<Result> {
  try {
    const { status, body } = await send();
    return { outcome: 'answered', status, ...factsOf(body) };
  } catch (error) {
    const refused = error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
    return { outcome: refused ? 'unsent' : 'unknown' };
  }
}

function factsOf(body: string): { version?: number; hash?: string; token?: string } {
  const parsed: { version?: number; data?: { value: string }; token?: string } = body === '' ? {} : JSON.parse(body);
  const { version, data, token } = parsed;
  return { version, token, ...(data ? { hash: valueHash(data.value) } : {}) };
}
