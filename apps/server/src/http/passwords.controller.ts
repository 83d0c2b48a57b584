import { Controller } from '@nestjs/common';
import { ChangePassword, SetPassword } from '#access';
import type { Exchange } from './exchange.ts';
import { Asked, Route } from './route.ts';

/** Passwords, each set by whose it is. */
@Controller()
export class PasswordsController {
  readonly #set: SetPassword;
  readonly #change: ChangePassword;

  constructor(set: SetPassword, change: ChangePassword) {
    this.#set = set;
    this.#change = change;
  }

  @Route('setPassword')
  set(@Asked() { caller, name, body, request }: Exchange<'setPassword'>): Promise<void> {
    return this.#set.perform(caller, name, body.password, request);
  }

  @Route('changePassword')
  change(@Asked() { caller, body, request }: Exchange<'changePassword'>): Promise<void> {
    return this.#change.perform(caller, body, request);
  }
}
