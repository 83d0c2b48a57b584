import type { EntryDraft } from '#audit';
import {
  askAbout,
  bindingOf,
  isAction,
  type Access,
  type AccessHistory,
  type Explanation,
  type Gate,
  type LabelProvider,
  type May,
  type Question,
  type Reader,
  type RequestContext,
} from '#authz';
import type { Clock, Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { callerOf } from '../authority/entry-caller.ts';
import { AccessError } from '../errors.ts';
import { rolesForAll } from './roles-for-all.ts';
import { ruleBookOf } from './rule-book-of.ts';

/** Entries that are looked at for a request id. */
const MOST_ENTRIES = 20_000;

/** What to explain: an access as it would be decided now, or what a request was denied. Untrusted input. */
export type ExplainQuestion = Question | { readonly requestId: string };

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

/** What is looked into beside the roles. */
export interface ExplainSources {
  readonly history: AccessHistory;
  readonly labels: LabelProvider;
}

interface Asked {
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
  readonly #sources: ExplainSources;

  constructor(gate: Gate, authority: Authority, clock: Clock, sources: ExplainSources) {
    this.#gate = gate;
    this.#authority = authority;
    this.#clock = clock;
    this.#sources = sources;
  }

  /**
   * @throws AuthzError as the gate does, `invalid_question`; AccessError `not_found` for a request id that none of the newest 20,000
   *   entries has, or whose request was not denied
   */
  perform(caller: Principal, question: ExplainQuestion, request: RequestContext): Promise<ExplainedAccess> {
    const ask = { caller, action: 'policy:read', resource: '**', request } as const;
    return this.#gate.perform(ask, async (reader, may) => {
      const all = rolesForAll(this.#authority, may);
      const { access, denial } = await this.#asked(reader, question);
      const { caller, action, resource } = access;
      const book = ruleBookOf(this.#authority, all);
      const roles = book.rolesOf(caller).map(({ role }) => role);
      const answer = { caller: bindingOf(caller) ?? caller.id, action, resource, roles: roles.toSorted() };
      const request = denial && { id: denial.requestId, time: denial.time, rule: denial.rule };
      return { answer: { ...answer, ...book.explain(await this.#withLabels(reader, access, may)), request } };
    });
  }

  async #asked(reader: Reader, question: ExplainQuestion): Promise<Asked> {
    return 'requestId' in question ? this.#denied(reader, question.requestId) : { access: askAbout(question, this.#now) };
  }

  /** A list hangs on no labels. What hangs on them is told to who may see them. */
  async #withLabels(reader: Reader, access: Access, may: May): Promise<Access> {
    const { action, resource } = access;
    if (!action.startsWith('secret:') || resource.endsWith('**') || !may('secret:describe', resource)) return access;
    const { labels } = await this.#sources.labels.find(reader, resource);
    return { ...access, labels };
  }

  async #denied(reader: Reader, requestId: string): Promise<Asked> {
    const denial = this.#gate.denialOf(requestId) ?? (await this.#recorded(reader, requestId));
    if (denial === undefined || !isAction(denial.action))
      throw new AccessError('not_found', 'no recent entry of a denial has this request id');
    const { action, resource } = denial;
    return { access: { caller: callerOf(denial.caller), action, resource, peer: denial.peer, now: this.#now }, denial };
  }

  async #recorded(reader: Reader, requestId: string): Promise<EntryDraft | undefined> {
    const { entries } = await this.#sources.history.page(reader, { since: 0, most: MOST_ENTRIES });
    return entries.findLast((entry) => entry.requestId === requestId && entry.outcome === 'denied');
  }

  get #now(): number {
    return this.#clock.now().getTime();
  }
}
