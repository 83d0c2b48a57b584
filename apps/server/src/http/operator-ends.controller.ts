import { Controller } from '@nestjs/common';
import { DeleteOperator, ResetPassword } from '#access';
import type { ResponseOf } from '#contract';
import type { Exchange } from './exchange.ts';
import { Asked, Route } from './route.ts';

/** What is taken from operators by others. */
@Controller()
export class OperatorEndsController {
  readonly #delete: DeleteOperator;
  readonly #resetPassword: ResetPassword;

  constructor(remove: DeleteOperator, resetPassword: ResetPassword) {
    this.#delete = remove;
    this.#resetPassword = resetPassword;
  }

  @Route('deleteOperator')
  delete(@Asked() { caller, request, name }: Exchange<'deleteOperator'>): Promise<void> {
    return this.#delete.perform(caller, name, request);
  }

  @Route('resetPassword')
  resetPassword(@Asked() { caller, request, name }: Exchange<'resetPassword'>): Promise<ResponseOf<'resetPassword'>> {
    return this.#resetPassword.perform(caller, name, request);
  }
}
