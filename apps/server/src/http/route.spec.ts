import { Reflector } from '@nestjs/core';
import { describe, expect, it } from 'vitest';
import { ROUTES } from '#contract';
import { CONTROLLERS } from '../wiring/http.module.ts';
import { ROUTE_NAME } from './route.ts';

const reflector = new Reflector();
const declared = CONTROLLERS.flatMap((controller) =>
  Object.getOwnPropertyNames(controller.prototype)
    .filter((method) => method !== 'constructor')
    .map(
      (method) =>
        reflector.get<string | undefined>(ROUTE_NAME, Reflect.get(controller.prototype, method)) ?? `${controller.name}.${method}`,
    ),
);

describe('the controllers', () => {
  it('handle each route of the contract exactly once, and declare nothing else', () => {
    expect(declared.toSorted()).toEqual(Object.keys(ROUTES).toSorted());
  });
});
