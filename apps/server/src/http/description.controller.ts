import { Controller, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { docsPage, openApiDocument, type ResponseOf } from '#contract';
import { LookAround } from '#keys';
import { ExpiryWatch } from '../expiry-watch.ts';
import { VERSION } from '../version.ts';
import type { Exchange } from './exchange.ts';
import { Asked, Route } from './route.ts';

/** The page's own styles; no script, and nothing from elsewhere. */
const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

const documentBytes = once(() => JSON.stringify(openApiDocument()));
const pageBytes = once(docsPage);

/** What anybody may know of this server. */
@Controller()
export class DescriptionController {
  readonly #look: LookAround;
  readonly #watch: ExpiryWatch;

  constructor(look: LookAround, watch: ExpiryWatch) {
    this.#look = look;
    this.#watch = watch;
  }

  @Route('readStatus')
  async status(@Asked() { caller, request }: Exchange<'readStatus'>): Promise<ResponseOf<'readStatus'>> {
    const status = { ...(await this.#look.status(caller, request)), version: VERSION };
    // To a stranger, and to whoever has no name yet, nothing more.
    if (status.sealed || caller.kind !== 'operator' || caller.method === 'token') return status;
    return { ...status, expiries: this.#watch.notable().map((each) => ({ ...each, until: new Date(each.until).toISOString() })) };
  }

  @Route('describe')
  async describe(@Asked() { caller, request }: Exchange<'describe'>, @Res() reply: FastifyReply): Promise<void> {
    await this.#look.description(caller, request);
    void reply.header('content-type', 'application/json; charset=utf-8').send(documentBytes());
  }

  @Route('browse')
  async browse(@Asked() { caller, request }: Exchange<'browse'>, @Res() reply: FastifyReply): Promise<void> {
    await this.#look.description(caller, request);
    void reply.header('content-security-policy', PAGE_POLICY).header('content-type', 'text/html; charset=utf-8').send(pageBytes());
  }
}

/** Made when it is first asked for, and kept: a stranger must not have the server make it again and again. */
function once(make: () => string): () => Buffer {
  let made: Buffer | undefined;
  return () => (made ??= Buffer.from(make()));
}
