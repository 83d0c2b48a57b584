import { Controller } from '@nestjs/common';
import { ExplainAccess, FindWhoCan } from '#access';
import type { ResponseOf } from '#contract';
import type { Exchange } from './exchange.ts';
import { Asked, Route } from './route.ts';

/** Questions about the rules. */
@Controller()
export class AuthzController {
  readonly #explain: ExplainAccess;
  readonly #whoCan: FindWhoCan;

  constructor(explain: ExplainAccess, whoCan: FindWhoCan) {
    this.#explain = explain;
    this.#whoCan = whoCan;
  }

  @Route('explain')
  explain(@Asked() { caller, request, body }: Exchange<'explain'>): Promise<ResponseOf<'explain'>> {
    return this.#explain.perform(caller, body, request);
  }

  @Route('whoCan')
  whoCan(@Asked() { caller, request, body }: Exchange<'whoCan'>): Promise<ResponseOf<'whoCan'>> {
    return this.#whoCan.perform(caller, body, request);
  }
}
