import { Controller } from '@nestjs/common';
import { EnrolWorkload, IssueCertificate } from '#access';
import type { ResponseOf } from '#contract';
import { withoutCaller, type Exchange } from './exchange.ts';
import { Refusal } from './refusal.ts';
import { Asked, Route } from './route.ts';

/** Workloads: how they get their certificates. */
@Controller()
export class WorkloadsController {
  readonly #enrol: EnrolWorkload;
  readonly #issue: IssueCertificate;

  constructor(enrol: EnrolWorkload, issue: IssueCertificate) {
    this.#enrol = enrol;
    this.#issue = issue;
  }

  @Route('enrol')
  enrol(@Asked() { caller, request, body }: Exchange<'enrol'>): Promise<ResponseOf<'enrol'>> {
    return this.#enrol.perform(caller, body, request);
  }

  @Route('issueCertificate')
  issue(@Asked() exchange: Exchange<'issueCertificate'>): Promise<ResponseOf<'issueCertificate'>> {
    const { token, jwt } = exchange.body;
    if (token !== undefined && jwt !== undefined) throw new Refusal('several_credentials');
    const { caller, request, body } = token === undefined && jwt === undefined ? exchange : withoutCaller(exchange);
    return this.#issue.perform(caller, body, request);
  }
}
