import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { checkBody, checkQuery, parseStrictJson, resolve } from '#contract';
import { Connection, type Connections } from '../connections.ts';
import type { RequestIds } from '../request-ids.ts';
import { ANSWER_HEADERS } from './answer-headers.ts';
import { Exchange } from './exchange.ts';

const BODY_LIMIT = 2 * 1024 * 1024;

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
  let handle: RequestListener | undefined;
  const instance = fastify({
    bodyLimit: BODY_LIMIT,
    exposeHeadRoutes: false,
    logger: false,
    genReqId: () => ids.next(),
    rewriteUrl,
    // The contract checks what comes in. Without these Fastify would load a validator and a serializer generator that nobody asks.
    schemaController: { compilersFactory: { buildValidator: () => unused, buildSerializer: () => unused } },
    // Fastify wants to own a server. This one never listens; both TLS listeners share its handler.
    serverFactory: (handler) => {
      // What comes behind an ambiguous request may have been meant as a part of it: it is not looked at.
      handle = (message, response) => {
        if (connections.of(message.socket)?.spoiled !== true) handler(message, response);
      };
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
  readStrictJson(instance);
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

function readStrictJson(instance: FastifyInstance): void {
  instance.removeAllContentTypeParsers();
  instance.addContentTypeParser('application/json', { parseAs: 'buffer', bodyLimit: BODY_LIMIT }, (_request, body, done) => {
    try {
      done(null, body.length === 0 ? undefined : parseStrictJson(body));
    } catch (error) {
      done(error instanceof Error ? error : new TypeError('a body could not be read'));
    }
  });
}
