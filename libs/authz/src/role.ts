import type { Action, Area } from './actions.ts';

/** One action, or all of an area: `secret:read`, `secret:*`. */
export type ActionPattern = Action | `${Area}:*`;

/** Exactly one of `allow` and `deny`. The actions belong to one area, and `on` is a pattern of that area's resources. */
export interface Rule {
  readonly allow?: readonly ActionPattern[];
  readonly deny?: readonly ActionPattern[];
  /** `*` matches within one segment, `**` one or more whole segments. */
  readonly on: string;
  /** RFC 3339. From this moment on the rule is as if it were not there. */
  readonly until?: string;
}

/** A named list of rules, and who holds it: SPIFFE id patterns and `operator:NAME`. */
export interface Role {
  readonly role: string;
  readonly rules: readonly Rule[];
  readonly bind: readonly string[];
}
