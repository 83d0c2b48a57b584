import type { ZodObject, ZodType } from 'zod';
import type { RateLimit } from './limits.ts';
import type { ProblemCode } from './problems.ts';

/** Bytes. */
export const KIB = 1024;

interface AnyRoute {
  readonly summary: string;
  readonly method: 'GET' | 'PUT' | 'PATCH' | 'POST' | 'DELETE';
  /** Whole path; `{path}` takes one or more segments, `{name}` exactly one. A custom method follows as `:verb`. */
  readonly path: string;
  /** What the caller must be allowed; the entry in the log carries the same. */
  readonly action: string;
  /** How often one caller may ask. */
  readonly limit: RateLimit;
  /** The one kind of credential that it asks for, where that is neither a certificate nor a session. */
  readonly credential?: 'operatorToken';
  /** Whether the route answers while the server is sealed. */
  readonly sealed: boolean;
  readonly query?: ZodObject;
  readonly body?: ZodType;
  /** Most bytes of a body, where there is one: what its schema needs, however it is escaped. */
  readonly bodyLimit?: number;
  /** Of a successful answer. */
  readonly status: 200 | 201 | 204;
  readonly response?: ZodType;
  /** Media types of a successful answer, the default first; `application/json` where absent. */
  readonly produces?: readonly string[];
  /** Problems of this route, beyond those that every route has. */
  readonly problems: readonly ProblemCode[];
}

/** A route that a request without any credential gets to, and how often those from one address may ask. */
interface OpenRoute extends AnyRoute {
  readonly anonymous: true;
  readonly strangers: RateLimit;
}

interface ClosedRoute extends AnyRoute {
  readonly anonymous: false;
}

/** What the contract says of one route. One without a row for its rate does not compile. */
export type Route = OpenRoute | ClosedRoute;
