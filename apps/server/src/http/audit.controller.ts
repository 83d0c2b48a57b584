import { Readable } from 'node:stream';
import { Controller, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ExportLog, ReadCheckpoint } from '#auditing';
import type { Exchange } from './exchange.ts';
import { Asked, Route } from './route.ts';

/** The audit log. */
@Controller()
export class AuditController {
  readonly #export: ExportLog;
  readonly #checkpoint: ReadCheckpoint;

  constructor(exportLog: ExportLog, checkpoint: ReadCheckpoint) {
    this.#export = exportLog;
    this.#checkpoint = checkpoint;
  }

  @Route('exportLog')
  async export(@Asked() { caller, request }: Exchange<'exportLog'>, @Res() reply: FastifyReply): Promise<void> {
    const chunks = await this.#export.perform(caller, request);
    void reply.header('content-type', 'application/x-ndjson').send(Readable.from(chunks, { objectMode: false }));
  }

  @Route('readCheckpoint')
  async checkpoint(@Asked() { caller, request }: Exchange<'readCheckpoint'>, @Res() reply: FastifyReply): Promise<void> {
    const note = await this.#checkpoint.perform(caller, request);
    void reply.header('content-type', 'text/plain; charset=utf-8').send(note);
  }
}
