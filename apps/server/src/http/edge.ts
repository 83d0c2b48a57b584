import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { checkBody, checkQuery, parseStrictJson, resolve, ROUTES, type Route } from '#contract';
import { Connection, type Connections } from '../connections.ts';
import type { RequestIds } from '../request-ids.ts';
import { ANSWER_HEADERS } from './answer-headers.ts';
import { BodyBudget } from './body-budget.ts';
import { Exchange } from './exchange.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { readBody } from './read-body.ts';
import { Refusal } from './refusal.ts';

/** The HTTP machine without a listener: whoever listens hands its requests to `handle`. */
export interface Edge {
  readonly fastify: FastifyInstance;
  readonly handle: RequestListener;
}

/**
 * Fastify as this server needs it. The contract's table reads the raw request target and is the only router: inside, a route's URL is its
 * name. No body is parsed but strict JSON, and nothing of Fastify's answers by itself.
 */
export function createEdge(connections: Connections, ids: RequestIds): Edge {
  const strangers = new BodyBudget();
  let handle: RequestListener | undefined;
  const instance = fastify({
    exposeHeadRoutes: false,
    logger: false,
    genReqId: () => ids.next(),
    rewriteUrl,
    // The contract checks what comes in. Without these Fastify would load a validator and a serializer generator that nobody asks.
    schemaController: { compilersFactory: { buildValidator: () => unused, buildSerializer: () => unused } },
    // Fastify wants to own a server. This one never listens; both TLS listeners share its handler.
    serverFactory: (handler) => {
      handle = oneAtATime(connections, handler);
      return createServer();
    },
  });
  instance.decorateRequest('exchange');
  instance.addHook('onRequest', (request, reply, done) => {
    open(request, reply, connections);
    done();
  });
  instance.addHook('onResponse', (request, _reply, done) => {
    request.exchange.connection.pending -= 1;
    done();
  });
  instance.addHook('preHandler', (request, _reply, done) => {
    done(check(request));
  });
  readStrictJson(instance, strangers);
  if (handle === undefined) throw new TypeError('fastify made no handler');
  return { fastify: instance, handle };
}

function unused(): never {
  throw new TypeError('no route has a schema of its own');
}

function rewriteUrl(message: IncomingMessage): string {
  message.resolution = resolve(message.method ?? '', message.url ?? '');
  return 'route' in message.resolution ? `/${message.resolution.route}` : '/';
}

function open(request: FastifyRequest, reply: FastifyReply, connections: Connections): void {
  const connection = connections.of(request.raw.socket) ?? new Connection('operator', request.raw.socket);
  connection.pending += 1;
  connection.reading = request.raw;
  request.exchange = new Exchange(request.id, connection, request.headers);
  reply.headers(ANSWER_HEADERS).header('request-id', request.id);
}

/** Checks query and body against the route's schemas. */
function check(request: FastifyRequest): Error | undefined {
  const { exchange, raw, body } = request;
  const { resolution } = raw;
  if (exchange.route === undefined || resolution === undefined || !('route' in resolution)) return undefined;
  try {
    exchange.query = checkQuery(exchange.route, resolution.query);
    exchange.body = checkBody(exchange.route, body);
    return undefined;
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}

function readStrictJson(instance: FastifyInstance, strangers: BodyBudget): void {
  instance.removeAllContentTypeParsers();
  instance.addContentTypeParser('application/json', ({ exchange, headers }, payload, done) => {
    const limit = bodyLimitOf(exchange);
    const length = Number(headers['content-length'] ?? limit);
    const counted = exchange.caller.kind === 'anonymous' ? length : 0;
    if (length > limit) done(new Refusal('body_too_large'));
    else if (!strangers.take(counted)) done(new Refusal('too_many_requests'));
    else {
      readBody(payload, limit, (error, body) => {
        strangers.giveBack(counted);
        if (body === undefined) done(error);
        else parse(body, done);
      });
    }
  });
}

function bodyLimitOf({ route }: Exchange): number {
  const described: Route | undefined = route && ROUTES[route];
  return described?.bodyLimit ?? 0;
}

function parse(body: Buffer, done: (error: Error | null, value?: unknown) => void): void {
  try {
    done(null, body.length === 0 ? undefined : parseStrictJson(body));
  } catch (error) {
    done(error instanceof Error ? error : new TypeError('a body could not be read'));
  }
}
