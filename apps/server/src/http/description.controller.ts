import { Controller, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { AuthzError, Gate, type Action } from '#authz';
import { docsPage, openApiDocument, type ResponseOf } from '#contract';
import { Vault } from '#keys';
import { VERSION } from '../version.ts';
import type { Exchange } from './exchange.ts';
import { Asked, Route } from './route.ts';

/** The page's own styles; no script, and nothing from elsewhere. */
const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

/** What anybody may know of this server. */
@Controller()
export class DescriptionController {
  readonly #vault: Vault;
  readonly #gate: Gate;

  constructor(vault: Vault, gate: Gate) {
    this.#vault = vault;
    this.#gate = gate;
  }

  @Route('readStatus')
  async status(@Asked() exchange: Exchange<'readStatus'>): Promise<ResponseOf<'readStatus'>> {
    await this.#look(exchange, 'system:status');
    return { sealed: this.#vault.state() !== 'unsealed', version: VERSION };
  }

  @Route('describe')
  async describe(@Asked() exchange: Exchange<'describe'>): Promise<object> {
    await this.#look(exchange, 'system:describe');
    return openApiDocument();
  }

  @Route('browse')
  async browse(@Asked() exchange: Exchange<'browse'>, @Res() reply: FastifyReply): Promise<void> {
    await this.#look(exchange, 'system:describe');
    void reply.header('content-security-policy', PAGE_POLICY).header('content-type', 'text/html; charset=utf-8').send(docsPage());
  }

  /** While the log is closed the gate counts a look and enters it later. */
  async #look({ caller, request }: Exchange, action: Action): Promise<void> {
    try {
      await this.#gate.perform({ caller, action, resource: 'server', request }, () => Promise.resolve({ answer: undefined }));
    } catch (error) {
      if (!(error instanceof AuthzError) || error.code !== 'sealed') throw error;
    }
  }
}
