import { Controller } from '@nestjs/common';
import { LiftRevocation, ListRevocations, RevokeIdentity } from '#access';
import type { ResponseOf } from '#contract';
import type { Exchange } from './exchange.ts';
import { Asked, Route } from './route.ts';

/** Who is shut out, whatever certificate it has. */
@Controller()
export class RevocationsController {
  readonly #revoke: RevokeIdentity;
  readonly #list: ListRevocations;
  readonly #lift: LiftRevocation;

  constructor(revoke: RevokeIdentity, list: ListRevocations, lift: LiftRevocation) {
    this.#revoke = revoke;
    this.#list = list;
    this.#lift = lift;
  }

  @Route('revoke')
  revoke(@Asked() { caller, request, body }: Exchange<'revoke'>): Promise<void> {
    return this.#revoke.perform(caller, body, request);
  }

  @Route('listRevocations')
  list(@Asked() { caller, request, query }: Exchange<'listRevocations'>): Promise<ResponseOf<'listRevocations'>> {
    return this.#list.perform(caller, query, request);
  }

  @Route('liftRevocation')
  lift(@Asked() { caller, request, body }: Exchange<'liftRevocation'>): Promise<void> {
    return this.#lift.perform(caller, body, request);
  }
}
