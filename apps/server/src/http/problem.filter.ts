import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Log } from '../log.ts';
import { findProblem } from '../error-table.ts';
import { problemText, PROBLEM_TYPE } from './problem-text.ts';
import { RefusalRecorder } from './refusal-recorder.ts';

/** The one place where an error becomes an answer, whoever threw it. What no operation has recorded is recorded here, before it is answered. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #recorder: RefusalRecorder;
  readonly #log: Log;

  constructor(recorder: RefusalRecorder, log: Log) {
    this.#recorder = recorder;
    this.#log = log;
  }

  async catch(error: unknown, host: ArgumentsHost): Promise<void> {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const found = findProblem(error);
    if (found.code === 'internal_error' || found.code === 'integrity_failed') this.#log.fault(error, request.id);
    if (!found.recorded) await this.#recorder.record(request.exchange, found);
    // Half of an answer is out: only its missing end can tell that it is none.
    if (reply.sent) request.raw.socket.destroy();
    else answer(reply, problemText(found.code, request.id, found.hint), found.headers);
  }
}

function answer(
  reply: FastifyReply,
  { status, text }: { status: number; text: string },
  headers: Readonly<Record<string, string>> = {},
): void {
  // What is left of an unread body, or of an ambiguous head, could be read as the next request.
  if (!reply.request.raw.complete || reply.request.exchange.connection.spoiled) reply.header('connection', 'close');
  // Of a 401 HTTP asks how one proves oneself (RFC 9110, section 15.5.2); a certificate has no name there.
  if (status === 401) reply.header('www-authenticate', 'Bearer');
  void reply.code(status).headers(headers).header('content-type', PROBLEM_TYPE).send(Buffer.from(text));
}
