import { Controller, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ListSecrets, ReadBundle, type SecretList } from '#secrets';
import { AnswerBudget } from './answer-budget.ts';
import { bundleAnswer, bundleType } from './bundle-answer.ts';
import type { Exchange } from './exchange.ts';
import { isCurrent } from './if-none-match.ts';
import { Asked, Route } from './route.ts';

/** Many secrets at once. */
@Controller()
export class ListingController {
  readonly #list: ListSecrets;
  readonly #bundle: ReadBundle;
  readonly #answers: AnswerBudget;

  constructor(list: ListSecrets, bundle: ReadBundle, answers: AnswerBudget) {
    this.#list = list;
    this.#bundle = bundle;
    this.#answers = answers;
  }

  @Route('listSecrets')
  list(@Asked() { caller, request, query }: Exchange<'listSecrets'>): Promise<SecretList> {
    return this.#list.perform(caller, request, { ...query, recursive: query.recursive === 'true' });
  }

  @Route('readBundle')
  async bundle(@Asked() { caller, request, body, headers }: Exchange<'readBundle'>, @Res() reply: FastifyReply): Promise<void> {
    // Before anything is read: what can't be sent or written down must not be recorded as handed out.
    this.#answers.admit(caller);
    const type = bundleType(headers.accept);
    const answer = bundleAnswer(await this.#bundle.perform(caller, request, body.paths), type);
    reply.header('etag', answer.etag);
    // A POST only because paths need room: it is recorded, and may be current, like a GET of one secret.
    if (isCurrent(headers['if-none-match'], answer.etag)) void reply.code(304).send();
    else void reply.header('content-type', `${type}; charset=utf-8`).send(answer.body);
  }
}
