import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { Refusal } from './refusal.ts';
import { ROUTE_NAME } from './route.ts';

type HandlerFunction = ReturnType<ExecutionContext['getHandler']>;

/**
 * Closed by default: only a handler that declares a route of the contract, and exactly the route that was admitted, is ever called. Who
 * may do what there is the gate's to decide.
 */
@Injectable()
export class ActionGuard implements CanActivate {
  readonly #reflector: Reflector;
  readonly #declared = new Map<HandlerFunction, string | undefined>();

  constructor(reflector: Reflector) {
    this.#reflector = reflector;
  }

  canActivate(context: ExecutionContext): boolean {
    const declared = this.#declaredBy(context.getHandler());
    const { exchange } = context.getArgByIndex<FastifyRequest>(0);
    if (declared === undefined || declared !== exchange.route) throw new Refusal('denied');
    return true;
  }

  /** Handlers are few, and looked up on every request. */
  #declaredBy(handler: HandlerFunction): string | undefined {
    if (!this.#declared.has(handler)) this.#declared.set(handler, this.#reflector.get<string | undefined>(ROUTE_NAME, handler));
    return this.#declared.get(handler);
  }
}
