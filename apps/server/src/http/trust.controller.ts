import { Controller } from '@nestjs/common';
import { DeleteTrustBundle, GetTrustBundle, ListTrustBundles, PutTrustBundle } from '#access';
import type { ResponseOf } from '#contract';
import type { Exchange } from './exchange.ts';
import { Asked, Route } from './route.ts';

/** Whose certificates count. */
@Controller()
export class TrustController {
  readonly #list: ListTrustBundles;
  readonly #put: PutTrustBundle;
  readonly #get: GetTrustBundle;
  readonly #delete: DeleteTrustBundle;

  constructor(list: ListTrustBundles, put: PutTrustBundle, get: GetTrustBundle, remove: DeleteTrustBundle) {
    this.#list = list;
    this.#put = put;
    this.#get = get;
    this.#delete = remove;
  }

  @Route('listTrustBundles')
  async list(@Asked() { caller, request }: Exchange<'listTrustBundles'>): Promise<ResponseOf<'listTrustBundles'>> {
    return { items: await this.#list.perform(caller, request) };
  }

  @Route('putTrustBundle')
  put(@Asked() { caller, request, name, body }: Exchange<'putTrustBundle'>): Promise<ResponseOf<'putTrustBundle'>> {
    return this.#put.perform(caller, name, body, request);
  }

  @Route('getTrustBundle')
  get(@Asked() { caller, request, name }: Exchange<'getTrustBundle'>): Promise<ResponseOf<'getTrustBundle'>> {
    return this.#get.perform(caller, name, request);
  }

  @Route('deleteTrustBundle')
  delete(@Asked() { caller, request, name }: Exchange<'deleteTrustBundle'>): Promise<void> {
    return this.#delete.perform(caller, name, request);
  }
}
