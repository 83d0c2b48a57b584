import { Controller } from '@nestjs/common';
import { ChangeOperator, GetOperator, InviteOperator, ListOperators } from '#access';
import type { ResponseOf } from '#contract';
import type { Exchange } from './exchange.ts';
import { Asked, Route } from './route.ts';

/** Operators. */
@Controller()
export class OperatorsController {
  readonly #invite: InviteOperator;
  readonly #list: ListOperators;
  readonly #get: GetOperator;
  readonly #change: ChangeOperator;

  constructor(invite: InviteOperator, list: ListOperators, get: GetOperator, change: ChangeOperator) {
    this.#invite = invite;
    this.#list = list;
    this.#get = get;
    this.#change = change;
  }

  @Route('inviteOperator')
  invite(@Asked() { caller, request, body }: Exchange<'inviteOperator'>): Promise<ResponseOf<'inviteOperator'>> {
    return this.#invite.perform(caller, body, request);
  }

  @Route('listOperators')
  async list(@Asked() { caller, request }: Exchange<'listOperators'>): Promise<ResponseOf<'listOperators'>> {
    return { items: await this.#list.perform(caller, request) };
  }

  @Route('getOperator')
  get(@Asked() { caller, request, name }: Exchange<'getOperator'>): Promise<ResponseOf<'getOperator'>> {
    return this.#get.perform(caller, name, request);
  }

  @Route('changeOperator')
  change(@Asked() { caller, request, name, body }: Exchange<'changeOperator'>): Promise<ResponseOf<'changeOperator'>> {
    return this.#change.perform(caller, { name, ...body }, request);
  }
}
