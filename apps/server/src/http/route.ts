import {
  applyDecorators,
  createParamDecorator,
  HttpCode,
  RequestMapping,
  RequestMethod,
  SetMetadata,
  type ExecutionContext,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ROUTES, type RouteName } from '#contract';
import type { Exchange } from './exchange.ts';

export const ROUTE_NAME = 'holdfast:route';

/**
 * Makes a controller's method the handler of a route of the contract. Inside the server a route's URL is its name: the contract's
 * table has already read the raw request target, and no other router gets to interpret it.
 */
export function Route(name: RouteName): MethodDecorator {
  const { method, status } = ROUTES[name];
  return applyDecorators(SetMetadata(ROUTE_NAME, name), RequestMapping({ path: name, method: RequestMethod[method] }), HttpCode(status));
}

/** The exchange, as a parameter of a controller's method. */
export const Asked = createParamDecorator((_: unknown, context: ExecutionContext): Exchange => {
  return context.getArgByIndex<FastifyRequest>(0).exchange;
});
