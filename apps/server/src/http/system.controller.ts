import { Controller } from '@nestjs/common';
import type { ResponseOf } from '#contract';
import { InitializeVault, SealVault, UnsealVault } from '#keys';
import { withoutCaller, type Exchange } from './exchange.ts';
import { Asked, Route } from './route.ts';

/** The seal. */
@Controller()
export class SystemController {
  readonly #initialize: InitializeVault;
  readonly #unseal: UnsealVault;
  readonly #seal: SealVault;

  constructor(initialize: InitializeVault, unseal: UnsealVault, seal: SealVault) {
    this.#initialize = initialize;
    this.#unseal = unseal;
    this.#seal = seal;
  }

  @Route('initialize')
  initialize(@Asked() exchange: Exchange<'initialize'>): Promise<ResponseOf<'initialize'>> {
    const { body, request } = withoutCaller(exchange);
    return this.#initialize.perform(body, request);
  }

  @Route('unseal')
  async unseal(@Asked() exchange: Exchange<'unseal'>): Promise<ResponseOf<'unseal'>> {
    const { body, caller, request } = withoutCaller(exchange);
    await this.#unseal.perform(body, caller, request);
    return { sealed: false };
  }

  @Route('seal')
  seal(@Asked() { caller, request }: Exchange<'seal'>): Promise<void> {
    return this.#seal.perform(caller, request);
  }
}
