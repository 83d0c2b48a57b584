import { Controller } from '@nestjs/common';
import { ExplainAccess, FindWhoCan, SimulateRole, SuggestRole } from '#access';
import type { ResponseOf } from '#contract';
import type { Exchange } from './exchange.ts';
import { Asked, Route } from './route.ts';

/** Questions about the rules. */
@Controller()
export class AuthzController {
  readonly #explain: ExplainAccess;
  readonly #whoCan: FindWhoCan;
  readonly #simulate: SimulateRole;
  readonly #suggest: SuggestRole;

  constructor(explain: ExplainAccess, whoCan: FindWhoCan, simulate: SimulateRole, suggest: SuggestRole) {
    this.#explain = explain;
    this.#whoCan = whoCan;
    this.#simulate = simulate;
    this.#suggest = suggest;
  }

  @Route('explain')
  explain(@Asked() { caller, request, body }: Exchange<'explain'>): Promise<ResponseOf<'explain'>> {
    return this.#explain.perform(caller, body, request);
  }

  @Route('whoCan')
  whoCan(@Asked() { caller, request, body }: Exchange<'whoCan'>): Promise<ResponseOf<'whoCan'>> {
    return this.#whoCan.perform(caller, body, request);
  }

  @Route('simulate')
  simulate(@Asked() { caller, request, body }: Exchange<'simulate'>): Promise<ResponseOf<'simulate'>> {
    return this.#simulate.perform(caller, body, request);
  }

  @Route('suggest')
  suggest(@Asked() { caller, request, body }: Exchange<'suggest'>): Promise<ResponseOf<'suggest'>> {
    return this.#suggest.perform(caller, body, request);
  }
}
