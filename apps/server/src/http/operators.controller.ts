import { Controller } from '@nestjs/common';
import { SetPassword, SignIn, SignOut } from '#access';
import type { ResponseOf } from '#contract';
import { withoutCaller, type Exchange } from './exchange.ts';
import { Asked, Route } from './route.ts';

/** Operators and their sessions. */
@Controller()
export class OperatorsController {
  readonly #setPassword: SetPassword;
  readonly #signIn: SignIn;
  readonly #signOut: SignOut;

  constructor(setPassword: SetPassword, signIn: SignIn, signOut: SignOut) {
    this.#setPassword = setPassword;
    this.#signIn = signIn;
    this.#signOut = signOut;
  }

  @Route('setPassword')
  setPassword(@Asked() { caller, name, body, request }: Exchange<'setPassword'>): Promise<void> {
    return this.#setPassword.perform(caller, name, body.password, request);
  }

  @Route('signIn')
  signIn(@Asked() exchange: Exchange<'signIn'>): Promise<ResponseOf<'signIn'>> {
    const { body, request } = withoutCaller(exchange);
    return this.#signIn.perform(body.name, body.password, request);
  }

  @Route('signOut')
  signOut(@Asked() { caller, request }: Exchange<'signOut'>): Promise<void> {
    return this.#signOut.perform(caller, request);
  }
}
