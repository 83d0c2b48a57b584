import { Controller, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { ResponseOf } from '#contract';
import { DeleteSecret, PatchSecret, ReadSecret, WriteSecret } from '#secrets';
import type { Exchange } from './exchange.ts';
import { Asked, Route } from './route.ts';
import { secretBody } from './secret-answer.ts';

/** One secret. */
@Controller()
export class SecretsController {
  readonly #read: ReadSecret;
  readonly #write: WriteSecret;
  readonly #patch: PatchSecret;
  readonly #delete: DeleteSecret;

  constructor(read: ReadSecret, write: WriteSecret, patch: PatchSecret, remove: DeleteSecret) {
    this.#read = read;
    this.#write = write;
    this.#patch = patch;
    this.#delete = remove;
  }

  @Route('readSecret')
  async read(@Asked() { caller, request, name, query, headers }: Exchange<'readSecret'>, @Res() reply: FastifyReply): Promise<void> {
    const secret = await this.#read.perform(caller, request, name, query.version);
    reply.header('etag', secret.etag);
    // Recorded all the same: the caller may read it, and learns that what it has is current.
    const body = secretBody(secret, headers['if-none-match']);
    if (body === undefined) void reply.code(304).send();
    else void reply.header('content-type', 'application/json; charset=utf-8').send(body);
  }

  @Route('writeSecret')
  write(@Asked() { caller, request, name, body }: Exchange<'writeSecret'>): Promise<ResponseOf<'writeSecret'>> {
    return this.#write.perform(caller, request, name, body);
  }

  @Route('patchSecret')
  patch(@Asked() { caller, request, name, body }: Exchange<'patchSecret'>): Promise<ResponseOf<'patchSecret'>> {
    return this.#patch.perform(caller, request, name, body);
  }

  @Route('deleteSecret')
  delete(@Asked() { caller, request, name, query }: Exchange<'deleteSecret'>): Promise<void> {
    return this.#delete.perform(caller, request, name, query.version);
  }
}
