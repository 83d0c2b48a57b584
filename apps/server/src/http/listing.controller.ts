import { Controller, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Concurrency, IdentityError } from '#identity';
import { ListSecrets, ReadBundle, type SecretList } from '#secrets';
import { AnswerBudget } from './answer-budget.ts';
import { bundleAnswer, bundleType } from './bundle-answer.ts';
import type { Exchange } from './exchange.ts';
import { isCurrent } from './if-none-match.ts';
import { Refusal } from './refusal.ts';
import { Asked, Route } from './route.ts';

/** Bundles of more paths are put together a few at a time: until one is sent, nobody has counted its bytes. */
const FEW_PATHS = 32;
const LARGE_AT_ONCE = 4;
const MOST_WAITING = 256;

/** Many secrets at once. */
@Controller()
export class ListingController {
  readonly #list: ListSecrets;
  readonly #bundle: ReadBundle;
  readonly #answers: AnswerBudget;
  readonly #large = new Concurrency(LARGE_AT_ONCE, MOST_WAITING);

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
  bundle(@Asked() exchange: Exchange<'readBundle'>, @Res() reply: FastifyReply): Promise<void> {
    const { paths } = exchange.body;
    if (paths !== undefined && paths.length <= FEW_PATHS) return this.#answerBundle(exchange, reply);
    return this.#large.run(() => this.#answerBundle(exchange, reply)).catch(refuseWaiting);
  }

  async #answerBundle({ caller, request, body, headers }: Exchange<'readBundle'>, reply: FastifyReply): Promise<void> {
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

function refuseWaiting(error: unknown): never {
  throw error instanceof IdentityError ? new Refusal('overloaded', { headers: { 'retry-after': '1' } }) : error;
}
