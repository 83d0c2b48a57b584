import type { Principal } from '#identity';
import type { Action } from '../language/actions.ts';
import type { Labels } from './label-provider.ts';
import type { Expect, RowWrite } from './rows.ts';

/** The request that an access belongs to, as its entry names it: its id, and the socket's own address. */
export interface RequestContext {
  readonly id: string;
  readonly peer: string;
}

/** One access that a caller asks for. `resource` is written as rules write it; what is decided is what is recorded. */
export interface Ask {
  readonly caller: Principal;
  readonly action: Action;
  readonly resource: string;
  /** The version asked for, for the entry. */
  readonly version?: number;
  /** The labels that a secret would be made with. Where there is none yet, a write is decided on these. */
  readonly newLabels?: Labels;
  readonly request: RequestContext;
}

/** What prepared work wants: what must still hold when it commits, what changes, and what to answer once that is durable. */
export interface Plan<A> {
  /**
   * Rows, beside the written ones, that must still be as they were read when it commits, even against what is committed together with it;
   * a write already expects the revision before its own. A renewal expects that nothing of it was revoked.
   */
  readonly expects?: readonly Expect[];
  readonly writes?: readonly RowWrite[];
  readonly answer: A;
  /** The version that was read or made, for the entry; the ask's when it is left out. */
  readonly version?: number;
  /** Why what was asked for comes to nothing although something is written, for the entry: it is `failed` then. */
  readonly code?: string;
}

/** What one of several changes leaves behind, for its entry. */
export interface PlanPart {
  readonly resource: string;
  readonly writes?: readonly RowWrite[];
  readonly version?: number;
}

/** What is to become of several things together: all of it, or nothing. */
export interface JointPlan<A> {
  readonly parts: readonly PlanPart[];
  readonly answer: A;
}

/** A plan that changes nothing. */
export type Reading<A> = Omit<Plan<A>, 'expects' | 'writes'>;

/** Whether the same caller may do another thing too; to a secret with these labels, where a rule asks for them. Asking leaves no entry. */
export type May = (action: Action, resource: string, labels?: Labels) => boolean;

/** Whether the same caller may do it to anything at all below a prefix ('' for everything): where not, a scan need not look. */
export type MayBelow = (action: Action, prefix: string) => boolean;

/** What became of one item of many. `error` is what `perform` would have thrown for it. */
export type ItemResult<A> =
  | { readonly resource: string; readonly ok: true; readonly answer: A }
  | { readonly resource: string; readonly ok: false; readonly error: unknown };

/** A request that came to nothing before it could ask: malformed, unauthenticated, or to a route that does not exist. */
export interface Refusal {
  readonly caller: Principal;
  readonly action?: Action;
  readonly resource?: string;
  /** A code of the closed list of problems. */
  readonly code: string;
  readonly request: RequestContext;
}
