import { Controller } from '@nestjs/common';
import { ExplainAccess } from '#access';
import type { ResponseOf } from '#contract';
import type { Exchange } from './exchange.ts';
import { Asked, Route } from './route.ts';

/** Questions about the rules. */
@Controller()
export class AuthzController {
  readonly #explain: ExplainAccess;

  constructor(explain: ExplainAccess) {
    this.#explain = explain;
  }

  @Route('explain')
  explain(@Asked() { caller, request, body }: Exchange<'explain'>): Promise<ResponseOf<'explain'>> {
    return this.#explain.perform(caller, body, request);
  }
}
