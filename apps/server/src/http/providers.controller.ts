import { Controller } from '@nestjs/common';
import { DeleteProvider, GetProvider, ListProviders, PutProvider } from '#access';
import type { ResponseOf } from '#contract';
import type { Exchange } from './exchange.ts';
import { Asked, Route } from './route.ts';

/** OpenID providers that operators sign in at. */
@Controller()
export class ProvidersController {
  readonly #put: PutProvider;
  readonly #get: GetProvider;
  readonly #list: ListProviders;
  readonly #delete: DeleteProvider;

  constructor(put: PutProvider, get: GetProvider, list: ListProviders, remove: DeleteProvider) {
    this.#put = put;
    this.#get = get;
    this.#list = list;
    this.#delete = remove;
  }

  @Route('putProvider')
  put(@Asked() { caller, request, name, body }: Exchange<'putProvider'>): Promise<ResponseOf<'putProvider'>> {
    return this.#put.perform(caller, name, body, request);
  }

  @Route('getProvider')
  get(@Asked() { caller, request, name }: Exchange<'getProvider'>): Promise<ResponseOf<'getProvider'>> {
    return this.#get.perform(caller, name, request);
  }

  @Route('listProviders')
  async list(@Asked() { caller, request }: Exchange<'listProviders'>): Promise<ResponseOf<'listProviders'>> {
    return { items: await this.#list.perform(caller, request) };
  }

  @Route('deleteProvider')
  delete(@Asked() { caller, request, name }: Exchange<'deleteProvider'>): Promise<void> {
    return this.#delete.perform(caller, name, request);
  }
}
