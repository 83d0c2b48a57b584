import type { Entry } from '#audit';
import {
  AuthzError,
  bindingOf,
  callerNamed,
  coveringRole,
  isAction,
  unusedGrants,
  type AccessHistory,
  type CoveringRole,
  type Gate,
  type May,
  type Reader,
  type RequestContext,
  type UnusedGrant,
  type Use,
} from '#authz';
import type { Clock, Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { callerOf } from '../authority/entry-caller.ts';
import { ruleBookOf } from './rule-book-of.ts';

/** Entries that are looked at for one suggestion, and how many at a time. */
const MOST_ENTRIES = 100_000;
const PAGE = 5_000;
/** Different things done, by all holders of the caller's roles together. */
const MOST_USES = 50_000;

/** Of whom, and since when (RFC 3339). Untrusted input. */
interface SuggestQuestion {
  readonly caller: string;
  readonly since: string;
}

/** A role from evidence, and what the evidence shows to be more than was needed. */
export interface SuggestedRole extends CoveringRole {
  readonly caller: string;
  /** How many entries were looked at, and the time of the oldest. */
  readonly entries: number;
  readonly oldest?: string;
  /** There is more in that time than was looked at. */
  readonly partial?: true;
  /** Grants of the caller's roles that nobody used, with the actions that were not; of the roles that the asker may read. */
  readonly unused: readonly UnusedGrant[];
}

/** What the holders of some roles did, and one of them by itself. */
interface Evidence {
  readonly own: Map<string, Use>;
  readonly byRole: Map<string, Map<string, Use>>;
  entries: number;
  oldest?: string;
  partial?: true;
}

/**
 * Writes the smallest role that covers what the log shows a caller did, and lists the grants that nobody used. It tells what is in the log, so it
 * is for who may read that; what is in the roles, for who may read them.
 */
export class SuggestRole {
  readonly #gate: Gate;
  readonly #authority: Authority;
  readonly #clock: Clock;
  readonly #history: AccessHistory;

  constructor(gate: Gate, authority: Authority, clock: Clock, history: AccessHistory) {
    this.#gate = gate;
    this.#authority = authority;
    this.#clock = clock;
    this.#history = history;
  }

  /** @throws AuthzError as the gate does, `invalid_question` */
  perform(caller: Principal, question: SuggestQuestion, request: RequestContext): Promise<SuggestedRole> {
    const ask = { caller, action: 'audit:read', resource: '**', request } as const;
    return this.#gate.perform(ask, async (reader, may) => ({ answer: await this.#suggest(reader, question, may) }));
  }

  async #suggest(reader: Reader, question: SuggestQuestion, may: May): Promise<SuggestedRole> {
    const whose = callerNamed(question.caller);
    const bind = whose && bindingOf(whose);
    const since = Date.parse(question.since);
    if (whose === undefined || bind === undefined) throw new AuthzError('invalid_question', 'a caller is spiffe://… or operator:NAME');
    if (Number.isNaN(since)) throw new AuthzError('invalid_question', 'this is no time as in RFC 3339');
    const { own, byRole, ...looked } = await this.#gather(reader, bind, since);
    const roles = this.#authority.rolesOf(whose).filter(({ role }) => may('policy:read', role));
    const now = this.#clock.now().getTime();
    const unused = roles.flatMap((role) => unusedGrants(role, [...(byRole.get(role.role)?.values() ?? [])], now));
    return { caller: bind, ...looked, ...coveringRole(bind, [...own.values()]), unused };
  }

  async #gather(reader: Reader, bind: string, since: number): Promise<Evidence> {
    const evidence: Evidence = { own: new Map(), byRole: new Map(), entries: 0 };
    const rolesOf = this.#rolesById();
    let before: number | undefined;
    do {
      const page = await this.#history.page(reader, { before, since, most: PAGE });
      for (const entry of page.entries) note(evidence, entry, bind, rolesOf);
      before = page.next;
    } while (before !== undefined && evidence.entries < MOST_ENTRIES && !evidence.partial);
    return { ...evidence, ...(before !== undefined && { partial: true as const }) };
  }

  /** The names of a caller's roles of today, looked up once for each. */
  #rolesById(): (caller: Principal) => readonly string[] {
    const book = ruleBookOf(this.#authority, this.#authority.all('role').map(({ body }) => body)); // prettier-ignore
    const known = new Map<string, readonly string[]>();
    return (caller) => {
      const key = `${caller.kind} ${caller.id}`;
      const names = known.get(key) ?? book.rolesOf(caller).map(({ role }) => role);
      known.set(key, names);
      return names;
    };
  }
}

function note(evidence: Evidence, entry: Entry, bind: string, rolesOf: (caller: Principal) => readonly string[]): void {
  evidence.entries += 1;
  evidence.oldest = entry.time;
  const { action, resource, decision, rule } = entry;
  if (decision !== 'allow' || !isAction(action) || rule?.startsWith('builtin:')) return;
  const caller = callerOf(entry.caller);
  const use = { action, resource };
  const key = `${action} ${resource}`;
  if (bindingOf(caller) === bind) evidence.own.set(key, use);
  for (const role of rolesOf(caller)) {
    const uses = evidence.byRole.get(role) ?? new Map<string, Use>();
    evidence.byRole.set(role, uses.set(key, use));
    if (uses.size > MOST_USES) evidence.partial = true;
  }
}
