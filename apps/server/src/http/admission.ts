import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ROUTES, type ProblemCode, type Resolution, type Route, type RouteName } from '#contract';
import { ANONYMOUS, type Principal } from '#identity';
import { Vault } from '#keys';
import { Lifecycle } from '../lifecycle.ts';
import { Callers } from './callers.ts';
import type { Exchange } from './exchange.ts';
import { checkProtocol } from './protocol.ts';
import { RateLimits } from './rate-limits.ts';
import { Refusal } from './refusal.ts';

/** What another parser on the way might have read differently. */
const AMBIGUOUS: ReadonlySet<ProblemCode> = new Set(['malformed_request', 'malformed_target']);

type Found = Extract<Resolution, { route: RouteName }>;

/**
 * Everything that is settled on the headers alone, before a byte of the body is read: how often, the protocol, the route, whether the
 * server is in a state to answer, and who asks. Later steps find it in the exchange.
 */
@Injectable()
export class Admission {
  readonly #vault: Vault;
  readonly #callers: Callers;
  readonly #lifecycle: Lifecycle;
  readonly #limits: RateLimits;

  constructor(vault: Vault, callers: Callers, lifecycle: Lifecycle, limits: RateLimits) {
    this.#vault = vault;
    this.#callers = callers;
    this.#lifecycle = lifecycle;
    this.#limits = limits;
  }

  /** Fastify's root `onRequest` hook. It stays synchronous for a connection whose caller is known. */
  admit(request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void {
    try {
      const caller = this.#settle(request, reply);
      if (caller instanceof Promise) void this.#enterLater(request, caller, done);
      else done(enter(request.exchange, caller));
    } catch (error) {
      if (error instanceof Refusal && AMBIGUOUS.has(error.code)) request.exchange.connection.spoiled = true;
      done(asError(error));
    }
  }

  #settle(request: FastifyRequest, reply: FastifyReply): Principal | Promise<Principal> {
    const { raw, exchange } = request;
    const sealed = this.#vault.state() !== 'unsealed';
    if (sealed && exchange.connection.listener === 'workload') reply.header('connection', 'close');
    const { resolution } = raw;
    const asked = resolution !== undefined && 'route' in resolution ? resolution.route : undefined;
    const known = sealed ? undefined : this.#callers.known(raw, exchange.connection);
    if (known === undefined) this.#limits.ofUnproven(exchange, asked);
    else this.#limits.ofCaller(exchange, known, asked);
    const route: Route | undefined = asked && ROUTES[asked];
    checkProtocol(raw, route?.body !== undefined);
    const found = foundIn(resolution);
    exchange.route = found.route;
    exchange.name = found.params.path ?? found.params.name ?? '';
    if (this.#lifecycle.draining) throw new Refusal('draining');
    if (!sealed) return known ?? this.#callers.callerOf(raw, exchange.connection);
    // What a credential is checked against lies in the closed database.
    if (!ROUTES[found.route].sealed) throw new Refusal('sealed');
    this.#limits.ofStranger(exchange);
    return ANONYMOUS;
  }

  /** Lets in a caller who is still being looked at. Never rejects. */
  async #enterLater({ exchange, raw }: FastifyRequest, caller: Promise<Principal>, done: (error?: Error) => void): Promise<void> {
    let refusal: Error | undefined;
    try {
      const proved = await caller;
      refusal = enter(exchange, proved);
      if (proved.kind !== 'anonymous') this.#limits.proven(exchange, proved);
      else if (refusal === undefined) this.#limits.ofStranger(exchange);
      // The body broke off meanwhile: what is left of it will never come.
      if (exchange.connection.spoiled && !raw.complete) refusal ??= new Refusal('malformed_request');
    } catch (error) {
      refusal = asError(error);
    }
    done(refusal);
  }
}

function foundIn(resolution: Resolution | undefined): Found {
  if (resolution === undefined) throw new Refusal('malformed_target');
  if ('route' in resolution) return resolution;
  const headers = 'allow' in resolution ? { allow: resolution.allow.join(', ') } : undefined;
  throw new Refusal(resolution.problem, { headers });
}

/** Sets the caller, once. Anonymous only gets where the contract lets it. */
function enter(exchange: Exchange, caller: Principal): Refusal | undefined {
  exchange.caller = caller;
  if (caller.kind !== 'anonymous' || exchange.route === undefined || ROUTES[exchange.route].anonymous) return undefined;
  return new Refusal('unauthenticated');
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Refusal('internal_error');
}
