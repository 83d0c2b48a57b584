import type { LinePlace } from './certificates/certificate-line.ts';

/** How a caller proved who it is; `oidc` is a session that was opened at a provider, `jwt` a token for a first certificate. */
type AuthenticationMethod = 'certificate' | 'session' | 'oidc' | 'jwt' | 'token' | 'none' | 'internal';

/**
 * Who is asking. Set once at the edge from one verified credential and handed on as a parameter, never ambient.
 *
 * `id` is a SPIFFE id for a workload, a name for an operator, `anonymous` for nobody, and the instance for the server itself. Who comes
 * with a one-time operator token (method `token`) is an operator who has no name yet, and is nobody's equal by name.
 * `credential` names what was presented without being it: `sha256:<hex>` of a certificate, a session's or a token's public id, or ''.
 */
export interface Principal {
  readonly kind: 'workload' | 'operator' | 'anonymous' | 'server';
  readonly id: string;
  readonly method: AuthenticationMethod;
  readonly credential: string;
  /** How many factors a session was opened with; where it is left out, one. */
  readonly factors?: 1 | 2;
  /** Of an operator who came with a certificate: the SPIFFE id in it, and how the operator's record names it. */
  readonly certified?: { readonly spiffeId: string; readonly as: string };
  /** Of a certificate: lower-case hex. */
  readonly serial?: string;
  /** Where a certificate of our own CA stands in its line. */
  readonly place?: LinePlace;
  /** When what was presented began to hold, and from when on it doesn't, by its own word: milliseconds since the epoch. */
  readonly validity?: { readonly from: number; readonly until: number };
}

/** Whoever is about to become the first operator. No name is written so: in the log it is never mistaken for one. */
export const FIRST_OPERATOR = '(first)';

/** The caller of a request that carries no credential. */
export const ANONYMOUS: Principal = Object.freeze({ kind: 'anonymous', id: 'anonymous', method: 'none', credential: '' });

/** The server acting on its own behalf: at unseal, when folded counts are written, when it renews its certificate. */
export const SERVER: Principal = Object.freeze({ kind: 'server', id: 'holdfast', method: 'internal', credential: '' });

/** A caller as rules and bindings name it: a SPIFFE id, `operator:<name>`, or its bare id where it is neither. */
export function subjectOf({ kind, id }: Pick<Principal, 'kind' | 'id'>): string {
  return kind === 'operator' ? `operator:${id}` : id;
}
