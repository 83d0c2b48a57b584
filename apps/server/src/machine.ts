import 'reflect-metadata';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Admission } from './http/admission.ts';
import { AnswerBudget, isLarge } from './http/answer-budget.ts';
import { EdgeAdapter } from './http/edge-adapter.ts';
import { Lifecycle } from './lifecycle.ts';
import { Metrics } from './metrics.ts';
import { serverModule } from './server.module.ts';
import type { Surroundings } from './wiring/surroundings.module.ts';

/** Puts the machine together. Nothing listens yet, and nothing has been read or written. */
export async function assemble(surroundings: Surroundings): Promise<INestApplication> {
  const { fastify } = surroundings.edge;
  const machine = await NestFactory.create(serverModule(surroundings), new EdgeAdapter(surroundings.edge), {
    abortOnError: false,
    bodyParser: false,
    logger: false,
  });
  const admission = machine.get(Admission);
  const lifecycle = machine.get(Lifecycle);
  const metrics = machine.get(Metrics);
  // Before the body is read, and so before Nest's guards: who may not ask does not get anything parsed.
  fastify.addHook('onRequest', (request, reply, done) => admission.admit(request, reply, done));
  // Whoever is still being answered when the server stops takes the connection's end with it; kept open, it would hold up the stop.
  fastify.addHook('onSend', (_request, reply, _payload, done) => {
    if (lifecycle.draining) reply.header('connection', 'close');
    done();
  });
  const answers = machine.get(AnswerBudget);
  fastify.addHook('onSend', (request, reply, payload, done) => {
    if (isLarge(payload)) {
      const body = Buffer.from(payload);
      reply.header('content-length', body.length);
      done(null, answers.paced(body, { caller: request.exchange.caller.id, cut: () => request.raw.socket.destroy() }));
    } else done();
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    metrics.answered(request.exchange.route, reply.statusCode);
    done();
  });
  await machine.init();
  await fastify.ready();
  return machine;
}
