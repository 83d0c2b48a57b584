import { Reflector } from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { describe, expect, it } from 'vitest';
import { ActionGuard } from './action.guard.ts';
import { Refusal } from './refusal.ts';
import { Route } from './route.ts';

class Handlers {
  @Route('readSecret')
  declared(): void {}
  undeclared(): void {}
}

function activates(method: keyof Handlers, route: string | undefined): boolean {
  const context = new ExecutionContextHost([{ exchange: { route } }], Handlers, Handlers.prototype[method]);
  return new ActionGuard(new Reflector()).canActivate(context);
}

describe('the guard', () => {
  it('lets a handler be called for the route it declares', () => {
    expect(activates('declared', 'readSecret')).toBe(true);
  });

  it('refuses a handler that declares none, whatever was admitted', () => {
    expect(() => activates('undeclared', 'readSecret')).toThrow(Refusal);
    expect(() => activates('undeclared', undefined)).toThrow(Refusal);
  });

  it('refuses a handler of another route, and a request that was not admitted', () => {
    expect(() => activates('declared', 'writeSecret')).toThrow(Refusal);
    expect(() => activates('declared', undefined)).toThrow(Refusal);
  });
});
