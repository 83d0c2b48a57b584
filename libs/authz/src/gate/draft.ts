import type { EntryCaller, EntryDraft } from '#audit';
import type { Principal } from '#identity';
import type { Decision } from '../decision/weigh.ts';
import { digestOf } from './digest.ts';
import { codeOf } from '../errors.ts';
import type { Ask, Plan, Refusal } from './plan.ts';

/** The entry of an access that its plan carries out. */
export function draftOfPlan(ask: Ask, decision: Decision, plan: Plan<unknown>, time: Date): EntryDraft {
  return {
    ...draftOfAsk(ask, time),
    version: plan.version ?? ask.version,
    decision: 'allow',
    rule: decision.rule,
    approval: decision.approval,
    outcome: outcomeOf(ask, plan),
    code: plan.code,
    digest: plan.writes?.length ? digestOf(plan.writes) : undefined,
  };
}

function outcomeOf({ action }: Ask, { code }: Plan<unknown>): 'released' | 'done' | 'failed' {
  if (code !== undefined) return 'failed';
  return action === 'secret:read' ? 'released' : 'done';
}

/** The entry of an access that the rules deny. */
export function draftOfDenial(ask: Ask, decision: Decision, time: Date, code = 'denied'): EntryDraft {
  return { ...draftOfAsk(ask, time), decision: 'deny', rule: decision.rule, outcome: 'denied', code };
}

/**
 * The entry of an access that was allowed, or could not be decided, and came to nothing. A deny found while preparing is a denial like any
 * other.
 */
export function draftOfFailure(ask: Ask, decision: Decision, error: unknown, time: Date): EntryDraft {
  const code = codeOf(error);
  if (code === 'denied' || code === 'approval_needed') return draftOfDenial(ask, { allowed: false }, time, code);
  return { ...draftOfAsk(ask, time), decision: decision.allowed ? 'allow' : 'none', rule: decision.rule, outcome: 'failed', code };
}

/** The entry of a request that could not even ask. */
export function draftOfRefusal({ caller, action, resource = '', code, request }: Refusal, time: Date): EntryDraft {
  const asked = draftOfAsk({ caller, resource, request }, time);
  return { ...asked, action: action ?? '', decision: 'none', outcome: 'refused', code };
}

/** The entry of many items asked for at once when there turned out to be none. */
export function draftOfNothing(ask: Ask, time: Date): EntryDraft {
  return { ...draftOfAsk(ask, time), decision: 'none', outcome: 'done' };
}

function draftOfAsk({ caller, action = '', resource, version, request }: Omit<Ask, 'action'> & { action?: string }, time: Date) {
  return {
    time: timestampOf(time),
    caller: entryCallerOf(caller),
    peer: request.peer,
    action,
    resource,
    version,
    requestId: request.id,
  };
}

const entryCallers = new WeakMap<Principal, EntryCaller>();

/** A caller is the same for all requests of a connection, and so is what their entries say of it. */
function entryCallerOf(caller: Principal): EntryCaller {
  const known = entryCallers.get(caller);
  if (known !== undefined) return known;
  const { kind, id, method, credential } = caller;
  const made = { kind, id, method, credential };
  entryCallers.set(caller, made);
  return made;
}

let lastTime = Number.NaN;
let lastTimestamp = '';

/** RFC 3339. A millisecond holds many requests; its text is made once. */
function timestampOf(time: Date): string {
  const now = time.getTime();
  if (now !== lastTime) {
    lastTime = now;
    lastTimestamp = time.toISOString();
  }
  return lastTimestamp;
}
