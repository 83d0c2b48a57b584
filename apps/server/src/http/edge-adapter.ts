import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Edge } from './edge.ts';

/** Nest on the edge's Fastify, without the layer that runs Express middleware: there is none. */
export class EdgeAdapter extends FastifyAdapter {
  constructor({ fastify }: Edge) {
    super(fastify);
  }

  override init(): Promise<void> {
    return Promise.resolve();
  }
}
