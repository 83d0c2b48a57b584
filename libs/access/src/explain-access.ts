import type { EntryCaller, EntryDraft } from '#audit';
import {
  AuthzError,
  bindingOf,
  callerNamed,
  explainDecision,
  isAction,
  parseAccess,
  type Access,
  type AccessHistory,
  type Explanation,
  type Gate,
  type Reader,
  type RequestContext,
} from '#authz';
import { ANONYMOUS, type Clock, type Principal } from '#identity';
import type { Authority } from './authority.ts';
import { AccessError } from './errors.ts';
import { rolesForAll } from './roles-for-all.ts';

/** Entries that are looked at for a request id. */
const MOST_ENTRIES = 20_000;

/** What to explain: an access as it would be decided now, or what a request was denied. Untrusted input. */
export type ExplainQuestion =
  { readonly caller: string; readonly action: string; readonly resource: string } | { readonly requestId: string };

/** An explanation, and whose it is. */
export interface ExplainedAccess extends Explanation {
  /** `spiffe://…`, `operator:NAME`, `anonymous` or `server`. */
  readonly caller: string;
  readonly action: string;
  readonly resource: string;
  /** The roles that the caller holds, by name. */
  readonly roles: readonly string[];
  /** The request that it was asked for by, when, and the rule that decided it then: rules may have changed since. */
  readonly request?: { readonly id: string; readonly time: string; readonly rule?: string };
}

interface Asked {
  readonly caller: Principal;
  readonly access: Access;
  readonly denial?: EntryDraft;
}

/**
 * Says why somebody may do something or not: the rule that decides, the nearest that would allow, the smallest grant that is missing. It
 * tells what is in the roles, so it is for who may read them all.
 */
export class ExplainAccess {
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

  /**
   * @throws AuthzError as the gate does, `invalid_question`; AccessError `not_found` for a request id that none of the newest 20,000
   *   entries has, or whose request was not denied
   */
  perform(caller: Principal, question: ExplainQuestion, request: RequestContext): Promise<ExplainedAccess> {
    const ask = { caller, action: 'policy:read', resource: '**', request } as const;
    return this.#gate.perform(ask, async (reader, may) => {
      const all = rolesForAll(this.#authority, may);
      const { caller, access, denial } = 'requestId' in question ? await this.#denied(reader, question.requestId) : this.#asked(question);
      const held = this.#authority.rolesOf(caller);
      const { action, resource } = access;
      const answer = { caller: bindingOf(caller) ?? caller.id, action, resource, roles: held.map(({ role }) => role).toSorted() };
      const request = denial && { id: denial.requestId, time: denial.time, rule: denial.rule };
      return { answer: { ...answer, ...explainDecision(caller, access, held, all), request } };
    });
  }

  #asked(question: Exclude<ExplainQuestion, { requestId: string }>): Asked {
    const caller = callerNamed(question.caller);
    if (caller === undefined) throw new AuthzError('invalid_question', 'a caller is spiffe://…, operator:NAME or anonymous');
    return { caller, access: { ...parseAccess(question.action, question.resource), now: this.#now } };
  }

  async #denied(reader: Reader, requestId: string): Promise<Asked> {
    const denial = this.#gate.denialOf(requestId) ?? (await this.#recorded(reader, requestId));
    if (denial === undefined || !isAction(denial.action))
      throw new AccessError('not_found', 'no recent entry of a denial has this request id');
    return { caller: principalOf(denial.caller), access: { action: denial.action, resource: denial.resource, now: this.#now }, denial };
  }

  async #recorded(reader: Reader, requestId: string): Promise<EntryDraft | undefined> {
    const { entries } = await this.#history.page(reader, { since: 0, most: MOST_ENTRIES });
    return entries.findLast((entry) => entry.requestId === requestId && entry.outcome === 'denied');
  }

  get #now(): number {
    return this.#clock.now().getTime();
  }
}

/** A caller as the log has it. */
function principalOf({ kind, id, method }: EntryCaller): Principal {
  if (kind === 'workload') return { kind, id, method: 'certificate', credential: '' };
  if (kind === 'operator') return { kind, id, method: method === 'token' ? 'token' : 'session', credential: '' };
  return ANONYMOUS;
}
