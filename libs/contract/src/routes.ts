import type { z } from 'zod';
import { APPROVAL_ROUTES } from './approval-routes.ts';
import { AUDIT_ROUTES } from './audit-routes.ts';
import { AUTHZ_ROUTES } from './authz-routes.ts';
import { IDENTITY_ROUTES } from './identity-routes.ts';
import { ISSUER_ROUTES } from './issuer-routes.ts';
import { OPERATOR_ROUTES } from './operator-routes.ts';
import { POLICY_ROUTES } from './policy-routes.ts';
import { REVOCATION_ROUTES } from './revocation-routes.ts';
import type { ProblemCode } from './problems.ts';
import { PROVIDER_ROUTES } from './provider-routes.ts';
import { SECOND_FACTOR_ROUTES } from './second-factor-routes.ts';
import { SECRET_ROUTES } from './secret-routes.ts';
import { SYSTEM_ROUTES } from './system-routes.ts';
import { TRUST_ROUTES } from './trust-routes.ts';

/** Every route of the API, by name. The table is the only router: what it doesn't list is not there. */
export const ROUTES = {
  ...SECRET_ROUTES,
  ...POLICY_ROUTES,
  ...AUTHZ_ROUTES,
  ...APPROVAL_ROUTES,
  ...IDENTITY_ROUTES,
  ...ISSUER_ROUTES,
  ...REVOCATION_ROUTES,
  ...OPERATOR_ROUTES,
  ...PROVIDER_ROUTES,
  ...TRUST_ROUTES,
  ...SECOND_FACTOR_ROUTES,
  ...AUDIT_ROUTES,
  ...SYSTEM_ROUTES,
} as const;

/** The name of a route. */
export type RouteName = keyof typeof ROUTES;
type Routes = typeof ROUTES;

/** Whether a text names a route. */
export function isRouteName(text: string): text is RouteName {
  return Object.hasOwn(ROUTES, text);
}

/** The checked body of a route, `undefined` where it takes none. */
export type BodyOf<R extends RouteName> = Routes[R] extends { body: infer B extends z.ZodType } ? z.output<B> : undefined;
/** What a client sends as the body of a route. */
export type RequestOf<R extends RouteName> = Routes[R] extends { body: infer B extends z.ZodType } ? z.input<B> : undefined;
/** The checked query of a route. */
export type QueryOf<R extends RouteName> = Routes[R] extends { query: infer Q extends z.ZodType } ? z.output<Q> : Record<string, never>;
/** The successful answer of a route, `undefined` where there is none. */
export type ResponseOf<R extends RouteName> = Routes[R] extends { response: infer A extends z.ZodType }
  ? Immutable<z.output<A>>
  : undefined;

type Immutable<T> = T extends object ? { readonly [K in keyof T]: Immutable<T[K]> } : T;

/** Problems that any route may answer with, before or beside its own. */
export const COMMON_PROBLEMS = [
  'malformed_target',
  'malformed_request',
  'malformed_json',
  'duplicate_key',
  'forbidden_key',
  'json_too_complex',
  'invalid_request',
  'several_credentials',
  'unauthenticated',
  'certificate_refused',
  'session_refused',
  'token_refused',
  'denied',
  'approval_needed',
  'method_not_allowed',
  'request_timeout',
  'body_too_large',
  'unsupported_media_type',
  'too_many_requests',
  'headers_too_large',
  'internal_error',
  'sealed',
  'storage_unavailable',
  'contended',
  'draining',
] as const satisfies readonly ProblemCode[];
