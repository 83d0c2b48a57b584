import type { Gate, RequestContext } from '#authz';
import { canonicalJson } from '#crypto';
import type { Principal } from '#identity';
import { KeysError } from '#keys';
import { askFor } from './ask-for.ts';
import { SecretsError } from './errors.ts';
import { HeadWalk, type WalkPlan } from './head-walk.ts';
import { parseSelector, type Labels } from './labels.ts';
import { isThere, type SecretHead } from './secret-head.ts';
import { parsePrefix } from './secret-path.ts';
import type { SecretRecords } from './secret-records.ts';

const DEFAULT_LIMIT = 100;
const MOST_ITEMS = 1_000;
/** Rows read for one page at most: a search may answer with few items, or none, and where to go on. */
const ROWS_A_PAGE = 2_000;

/** Which secrets to list. */
export interface ListQuery {
  /** Whole segments; everything when it is left out. */
  readonly prefix?: string;
  /** All that lies below, rather than the next level only. */
  readonly recursive?: boolean;
  /** `name=value`, or several with commas between: all of them hold. */
  readonly label?: string;
  /** A part of the path. */
  readonly q?: string;
  /** 1 to 1,000; 100 when it is left out. */
  readonly limit?: number;
  readonly cursor?: string;
}

interface BoundQuery extends ListQuery {
  /** What a cursor of it is bound to. */
  readonly binding: string;
}

/** A secret without its value; or a subtree, whose path ends in `/` and is all there is. */
interface SecretListItem {
  readonly path: string;
  readonly version?: number;
  readonly labels?: Labels;
  readonly createdAt?: string;
  readonly updatedAt?: string;
  readonly expiresAt?: string;
}

/** One page, in no order that a name would tell. */
export interface SecretList {
  readonly items: readonly SecretListItem[];
  readonly nextCursor?: string;
}

/** Lists the secrets that the caller may list, and that are there. A subtree is shown when something in it is. */
export class ListSecrets {
  readonly #gate: Gate;
  readonly #records: SecretRecords;

  constructor(gate: Gate, records: SecretRecords) {
    this.#gate = gate;
    this.#records = records;
  }

  /**
   * @throws AuthzError `denied` when nothing below the prefix is within reach; SecretsError `invalid_path`, `invalid_cursor`; KeysError
   *   `integrity_failed`
   */
  async perform(caller: Principal, request: RequestContext, query: ListQuery): Promise<SecretList> {
    const ask = await askFor(this.#gate, { caller, request, action: 'secret:list' }, query.prefix ?? '', parsePrefix);
    const prefix = ask.resource;
    return this.#gate.performWithin(ask, async (reader, may, below) => {
      const list = { ...query, binding: bindingOf(caller, { ...query, prefix }) };
      const plan = { reader, action: ask.action, may, below, prefix, after: this.#openCursor(list), budget: ROWS_A_PAGE };
      return { answer: await this.#page(list, plan) };
    });
  }

  async #page(query: BoundQuery, plan: WalkPlan): Promise<SecretList> {
    const { limit = DEFAULT_LIMIT } = query;
    const walk = new HeadWalk(this.#records, plan);
    const fits = filterOf(query);
    const items: SecretListItem[] = [];
    let { position } = walk;
    for await (const head of walk.heads()) {
      if (!isThere(head) || !fits(head)) continue;
      if (items.length >= Math.min(limit, MOST_ITEMS)) return { items, nextCursor: this.#sealCursor(query, position) };
      const subtree = query.recursive ? undefined : subtreeOf(head.path, plan.prefix);
      if (subtree !== undefined) walk.leave(subtree);
      items.push(subtree === undefined ? itemOf(head) : { path: `${subtree}/` });
      ({ position } = walk);
    }
    return walk.ended ? { items } : { items, nextCursor: this.#sealCursor(query, walk.position) };
  }

  #sealCursor({ binding }: BoundQuery, position: string): string {
    return this.#records.keyring.sealCursor(binding, position);
  }

  #openCursor({ binding, cursor }: BoundQuery): string {
    if (cursor === undefined) return '';
    try {
      return this.#records.keyring.openCursor(binding, cursor);
    } catch (error) {
      if (error instanceof KeysError && error.code === 'integrity_failed') throw new SecretsError('invalid_cursor');
      throw error;
    }
  }
}

/** A cursor goes on with its own query only, for whom it was given. */
function bindingOf({ kind, id }: Principal, { prefix = '', recursive = false, label = '', q = '' }: ListQuery): string {
  return canonicalJson(['list-secrets', kind, id, prefix, recursive, label, q]);
}

function filterOf({ label, q = '' }: ListQuery): (head: SecretHead) => boolean {
  const isLabelled = label === undefined ? undefined : parseSelector(label);
  return ({ path, labels }) => path.includes(q) && (isLabelled === undefined || isLabelled(labels));
}

/** The next level below the prefix, when the path lies deeper than that. */
function subtreeOf(path: string, prefix: string): string | undefined {
  const end = path.indexOf('/', prefix === '' ? 0 : prefix.length + 1);
  return end < 0 ? undefined : path.slice(0, end);
}

function itemOf({ path, current, labels, createdAt, versions }: SecretHead): SecretListItem {
  const newest = versions.at(-1);
  return { path, version: current, labels, createdAt, updatedAt: newest?.createdAt, expiresAt: newest?.expiresAt };
}
