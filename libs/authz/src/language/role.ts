import type { Action, Area } from './actions.ts';

/** One action, or all of an area: `secret:read`, `secret:*`. */
export type ActionPattern = Action | `${Area}:*`;

/** How a caller may have proved who it is, as conditions name it. */
export const METHODS = ['certificate', 'session', 'oidc'] as const;
type Method = (typeof METHODS)[number];

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
type Day = (typeof DAYS)[number];

/** When a rule holds. What is left out does not restrict it. */
export interface TimeWindow {
  /** A window past midnight belongs to the day it began on. */
  readonly days?: readonly Day[];
  /** From, and up to but without: `["22:00", "06:00"]` goes past midnight; `24:00` is the end of the day. */
  readonly between?: readonly [string, string];
  /** An IANA time zone; UTC when it is left out. */
  readonly zone?: string;
}

/** What must hold beside the resource, all of it. A list holds when one of it does. */
export interface When {
  /** The secret has the label with this value, or one of these. Only for actions on secrets. */
  readonly [label: `label.${string}`]: string | readonly string[] | undefined;
  /** The socket's own peer is within these networks: CIDR, or one address. */
  readonly from?: string | readonly string[];
  readonly time?: TimeWindow;
  readonly method?: Method | readonly Method[];
  /** The session was opened with at least so many factors. A certificate counts for one. */
  readonly factors?: 2;
  /** Somebody else has approved of this very access, and the approval is live. */
  readonly approved?: true;
}

/** Exactly one of `allow` and `deny`. The actions belong to one area, and `on` is a pattern of that area's resources. */
export interface Rule {
  readonly allow?: readonly ActionPattern[];
  readonly deny?: readonly ActionPattern[];
  /** `*` matches within one segment, `**` one or more whole segments. */
  readonly on: string;
  /** The fields of the secret that the rule is about, of `secret:read` alone; all of them when it is left out. */
  readonly fields?: readonly string[];
  readonly when?: When;
  /** RFC 3339. From this moment on the rule is as if it were not there. */
  readonly until?: string;
}

/** A named list of rules, and who holds it: SPIFFE id patterns, `operator:NAME` and `group:NAME`. */
export interface Role {
  readonly role: string;
  /** Names of roles whose rules are this one's too, and theirs in turn. Whom they are bound to is not. */
  readonly extends?: readonly string[];
  readonly rules: readonly Rule[];
  readonly bind: readonly string[];
  /** Says that a binding to every workload, or to all of a trust domain, is meant. */
  readonly everyone?: true;
}
