import { Controller } from '@nestjs/common';
import { EnrolWorkload, IssueCertificate, RevokeIdentity } from '#access';
import type { ResponseOf } from '#contract';
import { withoutCaller, type Exchange } from './exchange.ts';
import { Asked, Route } from './route.ts';

/** Workloads: how they get their certificates, and how they lose them. */
@Controller()
export class WorkloadsController {
  readonly #enrol: EnrolWorkload;
  readonly #issue: IssueCertificate;
  readonly #revoke: RevokeIdentity;

  constructor(enrol: EnrolWorkload, issue: IssueCertificate, revoke: RevokeIdentity) {
    this.#enrol = enrol;
    this.#issue = issue;
    this.#revoke = revoke;
  }

  @Route('enrol')
  enrol(@Asked() { caller, request, body }: Exchange<'enrol'>): Promise<ResponseOf<'enrol'>> {
    return this.#enrol.perform(caller, body, request);
  }

  @Route('issueCertificate')
  issue(@Asked() exchange: Exchange<'issueCertificate'>): Promise<ResponseOf<'issueCertificate'>> {
    const { token, jwt } = exchange.body;
    const { caller, request, body } = token === undefined && jwt === undefined ? exchange : withoutCaller(exchange);
    return this.#issue.perform(caller, body, request);
  }

  @Route('revoke')
  revoke(@Asked() { caller, request, body }: Exchange<'revoke'>): Promise<void> {
    return this.#revoke.perform(caller, body, request);
  }
}
