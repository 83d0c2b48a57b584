import { Controller } from '@nestjs/common';
import { ConfirmTotp, EnrolTotp, RemoveTotp, ResetTotp } from '#access';
import type { ResponseOf } from '#contract';
import type { Exchange } from './exchange.ts';
import { Asked, Route } from './route.ts';

/** Second factors of operators. */
@Controller()
export class SecondFactorsController {
  readonly #enrol: EnrolTotp;
  readonly #confirm: ConfirmTotp;
  readonly #remove: RemoveTotp;
  readonly #reset: ResetTotp;

  constructor(enrol: EnrolTotp, confirm: ConfirmTotp, remove: RemoveTotp, reset: ResetTotp) {
    this.#enrol = enrol;
    this.#confirm = confirm;
    this.#remove = remove;
    this.#reset = reset;
  }

  @Route('enrolTotp')
  enrol(@Asked() { caller, body, request }: Exchange<'enrolTotp'>): Promise<ResponseOf<'enrolTotp'>> {
    return this.#enrol.perform(caller, body.password, request);
  }

  @Route('confirmTotp')
  confirm(@Asked() { caller, body, request }: Exchange<'confirmTotp'>): Promise<ResponseOf<'confirmTotp'>> {
    return this.#confirm.perform(caller, body.totp, request);
  }

  @Route('removeTotp')
  remove(@Asked() { caller, body, request }: Exchange<'removeTotp'>): Promise<void> {
    return this.#remove.perform(caller, body, request);
  }

  @Route('resetTotp')
  reset(@Asked() { caller, name, request }: Exchange<'resetTotp'>): Promise<void> {
    return this.#reset.perform(caller, name, request);
  }
}
