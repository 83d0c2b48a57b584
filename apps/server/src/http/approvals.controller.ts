import { Controller } from '@nestjs/common';
import { CancelApproval, DecideApproval, GetApproval, ListApprovals, RequestApproval } from '#access';
import type { ResponseOf } from '#contract';
import type { Exchange } from './exchange.ts';
import { Asked, Route } from './route.ts';

/** What its requester does about an approval. */
@Controller()
export class ApprovalsController {
  readonly #request: RequestApproval;
  readonly #list: ListApprovals;
  readonly #get: GetApproval;
  readonly #cancel: CancelApproval;

  constructor(request: RequestApproval, list: ListApprovals, get: GetApproval, cancel: CancelApproval) {
    this.#request = request;
    this.#list = list;
    this.#get = get;
    this.#cancel = cancel;
  }

  @Route('requestApproval')
  request(@Asked() { caller, request, body }: Exchange<'requestApproval'>): Promise<ResponseOf<'requestApproval'>> {
    return this.#request.perform(caller, body, request);
  }

  @Route('listApprovals')
  async list(@Asked() { caller, request, query }: Exchange<'listApprovals'>): Promise<ResponseOf<'listApprovals'>> {
    return { items: await this.#list.perform(caller, query.own !== undefined, request) };
  }

  @Route('getApproval')
  get(@Asked() { caller, request, name }: Exchange<'getApproval'>): Promise<ResponseOf<'getApproval'>> {
    return this.#get.perform(caller, name, request);
  }

  @Route('cancelApproval')
  cancel(@Asked() { caller, request, name }: Exchange<'cancelApproval'>): Promise<void> {
    return this.#cancel.perform(caller, name, request);
  }
}

/** What the second person does about it. */
@Controller()
export class ApprovalDecisionsController {
  readonly #decide: DecideApproval;

  constructor(decide: DecideApproval) {
    this.#decide = decide;
  }

  @Route('approve')
  approve(@Asked() { caller, request, name: id, body }: Exchange<'approve'>): Promise<ResponseOf<'approve'>> {
    return this.#decide.perform(caller, { id, approve: true, ...body }, request);
  }

  @Route('deny')
  deny(@Asked() { caller, request, name: id, body }: Exchange<'deny'>): Promise<ResponseOf<'deny'>> {
    return this.#decide.perform(caller, { id, approve: false, ...body }, request);
  }
}
