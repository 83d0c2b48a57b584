import type { IncomingHttpHeaders } from 'node:http';
import type { BodyOf, QueryOf, Resolution, RouteName } from '#contract';
import type { RequestContext } from '#authz';
import { ANONYMOUS, type Principal } from '#identity';
import type { Connection } from '../connections.ts';
import { Refusal } from './refusal.ts';

/**
 * One request as the edge knows it, filled step by step on its way in: the route, then the caller, then the checked query and
 * body. It is all that a controller sees of a request.
 */
export class Exchange<R extends RouteName = RouteName> {
  readonly request: RequestContext;
  readonly connection: Connection;
  readonly headers: IncomingHttpHeaders;
  /** Set once by the admission, before the body is read. */
  caller: Principal = ANONYMOUS;
  /** Undefined until the request target has led somewhere. */
  route: R | undefined;
  /** What `{path}` or `{name}` of the route stands for, '' in a route without either. */
  name = '';
  query!: QueryOf<R>;
  body!: BodyOf<R>;

  constructor(id: string, connection: Connection, headers: IncomingHttpHeaders) {
    this.request = { id, peer: connection.peer };
    this.connection = connection;
    this.headers = headers;
  }
}

/**
 * The same exchange, where the body itself carries the credential: one that came in beside it is refused, not merged.
 *
 * @throws Refusal `several_credentials`
 */
export function withoutCaller<R extends RouteName>(exchange: Exchange<R>): Exchange<R> {
  if (exchange.caller.kind !== 'anonymous') throw new Refusal('several_credentials');
  return exchange;
}

declare module 'fastify' {
  interface FastifyRequest {
    exchange: Exchange;
  }
}

declare module 'node:http' {
  interface IncomingMessage {
    /** Where the raw request target leads. Set before anything else looks at the request. */
    resolution?: Resolution;
  }
}
