import { Controller } from '@nestjs/common';
import { DeleteIssuer, GetIssuer, ListIssuers, PutIssuer } from '#access';
import type { ResponseOf } from '#contract';
import type { Exchange } from './exchange.ts';
import { Asked, Route } from './route.ts';

/** Issuers of the tokens that workloads get their first certificates for. */
@Controller()
export class IssuersController {
  readonly #put: PutIssuer;
  readonly #get: GetIssuer;
  readonly #list: ListIssuers;
  readonly #delete: DeleteIssuer;

  constructor(put: PutIssuer, get: GetIssuer, list: ListIssuers, remove: DeleteIssuer) {
    this.#put = put;
    this.#get = get;
    this.#list = list;
    this.#delete = remove;
  }

  @Route('putIssuer')
  async put(@Asked() { caller, request, name, body }: Exchange<'putIssuer'>): Promise<ResponseOf<'putIssuer'>> {
    return onTheWire(await this.#put.perform(caller, name, body, request));
  }

  @Route('getIssuer')
  async get(@Asked() { caller, request, name }: Exchange<'getIssuer'>): Promise<ResponseOf<'getIssuer'>> {
    return onTheWire(await this.#get.perform(caller, name, request));
  }

  @Route('listIssuers')
  async list(@Asked() { caller, request }: Exchange<'listIssuers'>): Promise<ResponseOf<'listIssuers'>> {
    const issuers = await this.#list.perform(caller, request);
    return { items: issuers.map(onTheWire) };
  }

  @Route('deleteIssuer')
  delete(@Asked() { caller, request, name }: Exchange<'deleteIssuer'>): Promise<void> {
    return this.#delete.perform(caller, name, request);
  }
}

type Stored = Awaited<ReturnType<GetIssuer['perform']>>;

function onTheWire({ keys, ...rest }: Stored): ResponseOf<'getIssuer'> {
  return { ...rest, jwks: { keys: keys.map((key) => ({ ...key, kty: key['kty'] ?? '' })) } };
}
