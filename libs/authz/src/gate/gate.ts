import type { EntryDraft } from '#audit';
import type { Clock, Principal } from '#identity';
import type { Access, Approvals } from '../decision/access.ts';
import { areaOf, type Action } from '../language/actions.ts';
import { Admission } from './admission.ts';
import { approvalNeeded, approvalsOf, Asides, isForApproval, isForApprovalToo } from '../decision/approvals.ts';
import type { Committed, Committer } from './committer.ts';
import { type Decided, decideOnLabels } from './decide-on-labels.ts';
import { Decider } from '../decision/decider.ts';
import { draftOfDenial, draftOfFailure, draftOfNothing, draftOfPlan, draftOfRefusal } from './draft.ts';
import { AuthzError, codeOf } from '../errors.ts';
import type { Fields } from '../language/fields.ts';
import { KeyedQueue } from './keyed-queue.ts';
import type { Labels } from './label-provider.ts';
import type { Ask, ItemResult, JointPlan, May, MayBelow, Plan, Reading, Refusal } from './plan.ts';
import type { Policy } from '../decision/policy.ts';
import type { Reader } from './reader.ts';
import { Recorder } from './recorder.ts';
import type { Expect, RowWrite } from './rows.ts';
import type { Decision } from '../decision/weigh.ts';

/** `fields` are those of the secret that the decision covers, where that is not all of them: nothing else of it goes out. */
type Prepare<A> = (reader: Reader, may: May, below: MayBelow, fields?: Fields) => Promise<Plan<A>>;
/** The same for one of many, which only reads. */
type PrepareEach<A> = (reader: Reader, resource: string, fields?: Fields) => Promise<Reading<A>>;
/** How one access is decided. Asked again whenever the authority has moved on, and once the labels are known that it hangs on. */
type Decide = (labels?: Labels) => Decision;

/** Somebody else's change came first: what was decided and prepared no longer holds. */
const OVERTAKEN = Symbol('overtaken');
const MOST_TURNS = 8;
/** Of an access to many things at once, as a whole: its items are decided one by one. */
const ALLOWED: Decision = { allowed: true };

interface DecidedAsk {
  readonly ask: Ask;
  readonly decision: Decision;
}

interface Item<A> {
  readonly expects?: Expect;
  readonly draft: EntryDraft;
  readonly result: ItemResult<A>;
}

/**
 * The one way to any stored thing: decide, prepare, commit with its record (docs/adr/0005).
 *
 * - An answer goes out only when its entry is on stable storage. If it can't be recorded, nothing is disclosed and nothing changes.
 * - A change and its entry are in one transaction.
 * - Every access is an entry: allowed, denied or failed. What came to nothing is folded when it repeats within a minute.
 */
export class Gate {
  readonly #policy: Policy;
  readonly #decider: Decider;
  readonly #reader: Reader;
  readonly #committer: Committer;
  readonly #clock: Clock;
  readonly #recorder: Recorder;
  readonly #turns = new KeyedQueue();

  constructor(policy: Policy, reader: Reader, committer: Committer, clock: Clock) {
    this.#policy = policy;
    this.#decider = new Decider(policy);
    this.#reader = reader;
    this.#committer = committer;
    this.#clock = clock;
    this.#recorder = new Recorder(committer, clock);
  }

  /**
   * One access to one thing. `prepare` reads, does everything that can fail, and returns a plan; it has no effect of its own and
   * may run more than once. What it throws is recorded and thrown on.
   *
   * @throws AuthzError `denied`, whether the thing exists or not; `contended` when others kept changing the same rows;
   *   `storage_unavailable` and `row_refused` when it could not be committed. What `Policy.lapseOf` says of a caller whose credential
   *   holds no longer, recorded as refused.
   */
  perform<A>(ask: Ask, prepare: Prepare<A>): Promise<A> {
    return this.#run(ask, (labels) => this.#decider.decide(this.#accessOf(ask, labels, this.#policy)), prepare);
  }

  /**
   * One access to whatever the caller may reach below a prefix (`ask.resource`; '' for everything), recorded as `<prefix>/**`.
   * Denied when nothing there is within reach; `prepare` leaves out what `may` says no to. Otherwise like {@link perform}.
   */
  performWithin<A>(ask: Ask, prepare: Prepare<A>): Promise<A> {
    const below = { ...ask, resource: ask.resource === '' ? '**' : `${ask.resource}/**` };
    return this.#run(below, () => this.#decider.decideBelow(this.#accessOf(ask)), prepare);
  }

  /**
   * One action on many things, each decided, recorded and answered on its own, all in one commit. It only reads. What `find`
   * finds is asked for in that order; when it finds nothing, one entry says so, with the resource `**`.
   *
   * @throws what `find` throws, recorded; and like {@link perform} when nothing could be committed.
   */
  async performEach<A>(
    ask: Omit<Ask, 'resource'>,
    find: (reader: Reader, may: May, below: MayBelow) => Promise<readonly string[]>,
    prepare: PrepareEach<A>,
  ): Promise<readonly ItemResult<A>[]> {
    const all = { ...ask, resource: '**' };
    const { may, below } = this.#questionsOf(all, new Asides());
    const admission = new Admission(this.#recorder);
    for (let turn = 0; turn < MOST_TURNS; turn++) {
      const lapse = this.#lapseOf(ask.caller);
      if (lapse !== undefined) return this.#turnAway(all, lapse);
      const { revision } = this.#decider;
      const resources = await this.#orFail(all, ALLOWED, () => find(this.#reader, may, below));
      const items: Item<A>[] = [];
      for (const resource of resources) items.push(await this.#item({ ...ask, resource }, prepare));
      if (revision !== this.#decider.revision || this.#lapseOf(ask.caller) !== undefined) continue;
      if ((await this.#commitEach(all, items, admission)) === 'committed') return items.map((item) => item.result);
    }
    return this.#fail(all, ALLOWED, new AuthzError('contended'));
  }

  /**
   * One action that changes several things in one commit, or none of them. Each is decided and recorded on its own; one that is denied denies
   * all, and is what the log names. A part without writes is recorded without a digest.
   *
   * @throws like {@link perform}
   */
  async performAll<A>(
    ask: Omit<Ask, 'resource'>,
    resources: readonly string[],
    prepare: (reader: Reader, may: May) => Promise<JointPlan<A>>,
  ): Promise<A> {
    const asks = resources.map((resource) => ({ ...ask, resource }));
    for (let turn = 0; turn < MOST_TURNS; turn++) {
      const { revision } = this.#decider;
      const decided = await this.#decideAll(asks);
      const asides = new Asides();
      const { may } = this.#questionsOf({ ...ask, resource: '**' }, asides);
      const plan = await this.#orFailAll(decided, asides, () => prepare(this.#reader, may));
      if (revision !== this.#decider.revision || this.#lapseOf(ask.caller) !== undefined) continue;
      if (await this.#orFailAll(decided, asides, () => this.#commitAll(decided, plan, asides))) return plan.answer;
    }
    return this.#orFailAll(await this.#decideAll(asks), undefined, () => Promise.reject(new AuthzError('contended')));
  }

  /** Records a request that came to nothing before it could ask. Returns when its entry is durable or counted. */
  refuse(refusal: Refusal): Promise<void> {
    return this.#recorder.record(draftOfRefusal(refusal, this.#clock.now()));
  }

  /** What a recent request was denied, though it be counted with others; for work that the gate has let in. */
  denialOf(requestId: string): EntryDraft | undefined {
    return this.#recorder.denialOf(requestId);
  }

  /** Whether a rule would allow the caller this one thing with an approval; for work that the gate has let in. */
  mayIfApproved(ask: Ask): boolean {
    return isForApproval(ask.action, ask.resource) && this.#decider.mayIfApproved(this.#accessOf(ask));
  }

  /** Writes what was counted and not yet written: before the log closes. */
  flush(): Promise<void> {
    return this.#recorder.flush();
  }

  /** The first try is free. Who was overtaken takes a turn behind the others that were, so that nobody starves. */
  async #run<A>(ask: Ask, decide: Decide, prepare: Prepare<A>): Promise<A> {
    const answer = await this.#attempt(ask, decide, prepare, () => this.#turns.busy(turnOf(ask)));
    if (answer !== OVERTAKEN) return answer;
    return this.#turns.run(turnOf(ask), () => this.#retry(ask, decide, prepare));
  }

  async #retry<A>(ask: Ask, decide: Decide, prepare: Prepare<A>): Promise<A> {
    for (let turn = 1; turn < MOST_TURNS; turn++) {
      const answer = await this.#attempt(ask, decide, prepare, () => false);
      if (answer !== OVERTAKEN) return answer;
    }
    return this.#fail(ask, decide(), new AuthzError('contended'));
  }

  /** One try. It is every read's way, so that it waits twice and no more: for what prepares, and for what commits. */
  async #attempt<A>(ask: Ask, decide: Decide, prepare: Prepare<A>, mustWait: () => boolean): Promise<A | typeof OVERTAKEN> {
    // The caller was known by its headers alone; its body may have come much later.
    const before = this.#lapseOf(ask.caller);
    if (before !== undefined) return this.#turnAway(ask, before);
    const { revision } = this.#decider;
    let decision: Decided = decide();
    if (decision.depends) decision = await this.#decideOnLabels(ask, decide);
    if (!decision.allowed) return this.#deny(ask, decision);
    const { fields } = decision;
    // What covers some fields only, or was decided on labels, is prepared anew rather than decided anew.
    const anew = decision.expects !== undefined || fields !== undefined;
    const asides = new Asides();
    const { may, below } = this.#questionsOf(ask, asides);
    let plan: Plan<A>;
    try {
      plan = await prepare(this.#reader, may, below, fields);
    } catch (error) {
      return this.#fail(ask, decision, this.#orApproval(error, asides));
    }
    const since = this.#lapseOf(ask.caller);
    if (since !== undefined) return this.#turnAway(ask, since);
    if (revision !== this.#decider.revision) {
      // The authority changed meanwhile, perhaps by taking this very right away.
      if (anew || asides.asked) return OVERTAKEN;
      decision = decide();
      if (decision.depends || decision.fields) return OVERTAKEN;
      if (!decision.allowed) return this.#deny(ask, decision);
    }
    if (decision.approved || asides.approved) {
      const used = this.#withApprovals(ask, decision, plan, asides);
      if (used === undefined) return OVERTAKEN;
      ({ decision, plan } = used);
    }
    if (plan.writes?.length && mustWait()) return OVERTAKEN;
    const { writes = [], answer } = plan;
    const expects = expectationsOf(plan, decision);
    const draft = draftOfPlan(ask, decision, plan, this.#clock.now());
    if (writes.length === 0 && isLookOfStranger(ask)) {
      await this.#recorder.record(draft);
      return answer;
    }
    try {
      if ((await this.#committer.commit({ expects, writes, entries: [draft] })) !== 'committed') return OVERTAKEN;
      if (decision.approval !== undefined) this.#policy.approvalUsed(ask.action, ask.request.id);
      return answer;
    } catch (error) {
      return this.#fail(ask, decision, error);
    }
  }

  /** The plan with the use of the approvals that it rests on, in the same commit; undefined where one is no longer good. */
  #withApprovals<A>(
    ask: Ask,
    decision: Decided,
    plan: Plan<A>,
    { approved = [] }: Pick<Asides, 'approved'>,
  ): { decision: Decided; plan: Plan<A> } | undefined {
    const approvals = approvalsOf(this.#policy, decision.approved ? [this.#accessOf(ask), ...approved] : approved);
    if (approvals === undefined) return undefined;
    if (approvals.length === 0) return { decision, plan };
    const approval = approvals.map(({ id }) => id).join(',');
    const writes = [...(plan.writes ?? []), ...approvals.map(({ use }) => use)];
    return { decision: { ...decision, approval }, plan: { ...plan, writes } };
  }

  async #item<A>(ask: Ask, prepare: PrepareEach<A>): Promise<Item<A>> {
    const { resource } = ask;
    let decision: Decided = { allowed: false };
    try {
      decision = await this.#decideItem(ask);
      const { expects, fields } = decision;
      if (!decision.allowed) return { expects, ...this.#failed(ask, decision, new AuthzError('denied')) };
      const plan = await prepare(this.#reader, resource, fields);
      return { expects, draft: draftOfPlan(ask, decision, plan, this.#clock.now()), result: { resource, ok: true, answer: plan.answer } };
    } catch (error) {
      return this.#failed(ask, decision, error);
    }
  }

  /** Of many things at once none rests on an approval: those are for one thing each. */
  #decideItem(ask: Ask): Decided | Promise<Decided> {
    const decide: Decide = (labels) => this.#decider.decide(this.#accessOf(ask, labels));
    const decision = decide();
    return decision.depends ? decideOnLabels(this.#policy.labels, this.#reader, ask, decide) : decision;
  }

  #failed(ask: Ask, decision: Decision, error: unknown): Item<never> {
    const time = this.#clock.now();
    const isDenial = !decision.allowed && codeOf(error) === 'denied';
    const draft = isDenial ? draftOfDenial(ask, decision, time) : draftOfFailure(ask, decision, error, time);
    return { draft, result: { resource: ask.resource, ok: false, error } };
  }

  async #commitEach(all: Ask, items: readonly Item<unknown>[], admission: Admission): Promise<Committed> {
    const refused = admission.of(items.filter((item) => !item.result.ok).map((item) => item.draft));
    const own = new Set(refused);
    const found = items.filter(({ result, draft }) => result.ok || own.has(draft)).map((item) => item.draft);
    const entries = items.length > 0 ? found : [draftOfNothing(all, this.#clock.now())];
    const expects = items.flatMap((item) => item.expects ?? []);
    try {
      return entries.length > 0 ? await this.#committer.commit({ expects, writes: [], entries }) : 'committed';
    } catch (error) {
      this.#recorder.missed(refused);
      return this.#fail(all, ALLOWED, error);
    }
  }

  async #decideOnLabels(ask: Ask, decide: Decide): Promise<Decided> {
    return this.#orFail(ask, { allowed: false }, () => decideOnLabels(this.#policy.labels, this.#reader, ask, decide));
  }

  async #decideAll(asks: readonly Ask[]): Promise<readonly DecidedAsk[]> {
    for (const ask of asks) {
      const lapse = this.#lapseOf(ask.caller);
      if (lapse !== undefined) return this.#turnAway(ask, lapse);
    }
    const decided = asks.map((ask) => ({ ask, decision: this.#decider.decide(this.#accessOf(ask, undefined, this.#policy)) }));
    const denied = decided.flatMap(({ ask, decision }) => (decision.allowed ? [] : [{ ask, decision, error: this.#denial(ask) }]));
    const [first] = denied;
    if (first === undefined) return decided;
    const drafts = denied.map(({ ask, decision, error }) => draftOfDenial(ask, decision, this.#clock.now(), error.code));
    await this.#recorder.write(this.#recorder.admit(drafts));
    throw first.error;
  }

  /** Whether it could be committed as it was decided. */
  async #commitAll<A>(decided: readonly DecidedAsk[], { parts }: JointPlan<A>, { approved = [] }: Asides): Promise<boolean> {
    const time = this.#clock.now();
    const entries: EntryDraft[] = [];
    const all: RowWrite[] = [];
    for (const [at, { ask, decision }] of decided.entries()) {
      const own = approved.filter(({ resource }) => resource === ask.resource);
      const used = this.#withApprovals(ask, decision, { ...parts[at], answer: undefined }, { approved: own });
      if (used === undefined) return false;
      entries.push(draftOfPlan(ask, used.decision, used.plan, time));
      all.push(...(used.plan.writes ?? []));
    }
    if ((await this.#committer.commit({ expects: [], writes: all, entries })) !== 'committed') return false;
    for (const [at, { ask }] of decided.entries())
      if (entries[at]?.approval !== undefined) this.#policy.approvalUsed(ask.action, ask.request.id);
    return true;
  }

  /** Runs a step whose failure is an entry for each of the things that were asked for. */
  async #orFailAll<T>(decided: readonly DecidedAsk[], asides: Asides | undefined, step: () => Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (cause) {
      const error = asides === undefined ? cause : this.#orApproval(cause, asides);
      const drafts = decided.map(({ ask, decision }) => draftOfFailure(ask, decision, error, this.#clock.now()));
      await this.#recorder.write(this.#recorder.admit(drafts));
      throw error;
    }
  }

  /** Runs a step whose failure is an entry of its own. */
  async #orFail<T>(ask: Ask, decision: Decision, step: () => Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (error) {
      return this.#fail(ask, decision, error);
    }
  }

  async #fail(ask: Ask, decision: Decision, error: unknown): Promise<never> {
    await this.#recorder.record(draftOfFailure(ask, decision, error, this.#clock.now()));
    throw error;
  }

  async #deny(ask: Ask, decision: Decision): Promise<never> {
    const error = this.#denial(ask);
    await this.#recorder.record(draftOfDenial(ask, decision, this.#clock.now(), error.code));
    throw error;
  }

  /** No label is looked at for it, so that it is the same whether the thing exists or not. */
  #denial(ask: Ask): AuthzError {
    const { caller, action, resource } = ask;
    const isMissing = this.mayIfApproved(ask) && !this.#policy.isApproved(caller, action, resource, this.#now());
    return isMissing ? approvalNeeded(action) : new AuthzError('denied');
  }

  /** Where work was given up because a question beside it was denied, and an approval is all that this one lacks: that. */
  #orApproval(error: unknown, { denied }: Asides): unknown {
    if (denied === undefined || codeOf(error) !== 'denied' || !isForApprovalToo(denied.action)) return error;
    const isMissing = isForApproval(denied.action, denied.resource) && this.#decider.mayIfApproved(denied);
    return isMissing ? approvalNeeded(denied.action) : error;
  }

  async #turnAway({ caller, action, resource, request }: Ask, lapse: Error): Promise<never> {
    await this.refuse({ caller, action, resource, code: codeOf(lapse), request });
    throw lapse;
  }

  #lapseOf(caller: Principal): Error | undefined {
    return this.#policy.lapseOf(caller, this.#now());
  }

  /** What prepared work may ask about its caller. */
  #questionsOf(ask: Ask, asides: Asides): { readonly may: May; readonly below: MayBelow } {
    return {
      may: (action, resource, labels) => {
        const approvals = isForApprovalToo(action) ? this.#policy : undefined;
        const access = this.#accessOf({ ...ask, action, resource }, labels, approvals);
        const decision = this.#decider.decide(access);
        asides.hear(access, decision);
        return decision.allowed;
      },
      below: (action, prefix) => {
        asides.asked = true;
        return this.#decider.decideBelow(this.#accessOf({ ...ask, action, resource: prefix })).allowed;
      },
    };
  }

  #accessOf({ caller, action, resource, request }: Ask, labels?: Labels, approvals?: Approvals): Access {
    return { caller, action, resource, peer: request.peer, now: this.#now(), labels, approvals };
  }

  #now(): number {
    return this.#clock.now().getTime();
  }
}

/** What changes one thing takes turns. */
function turnOf({ action, resource }: Ask): string {
  return `${areaOf(action)}:${resource}`;
}

/** What anybody may do without being anybody, as often as they like, and what changes nothing: it is folded like refusals. */
const LOOKS: ReadonlySet<Action> = new Set(['system:status', 'system:describe', 'identity:sign-in']);

function isLookOfStranger({ caller, action }: Ask): boolean {
  return caller.kind === 'anonymous' && LOOKS.has(action);
}

const NOTHING: readonly Expect[] = [];

function expectationsOf({ expects = NOTHING }: Plan<unknown>, { expects: decided }: Decided): readonly Expect[] {
  return decided === undefined ? expects : [...expects, decided];
}
