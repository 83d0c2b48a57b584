import type { Readable } from 'node:stream';
import { Refusal } from './refusal.ts';

/** Where a body begins: most end there. */
const FIRST_BYTES = 4_096;

type Done = (error: Error | null, body?: Buffer) => void;

/**
 * Reads a body of at most `limit` bytes. One buffer takes what comes, never more than twice its size: a body that arrives in pieces of a
 * byte must not cost an object for each. `done` hears of it once, with Refusal `body_too_large` or what the stream fails with.
 */
export function readBody(payload: Readable, limit: number, done: Done): void {
  let body: Buffer = Buffer.allocUnsafeSlow(Math.min(FIRST_BYTES, limit));
  let length = 0;

  function onData(chunk: Buffer): void {
    const more = length + chunk.length;
    if (more > limit) return end(new Refusal('body_too_large'));
    if (more > body.length) body = grown(body.subarray(0, length), Math.min(limit, Math.max(more, 2 * body.length)));
    length += chunk.copy(body, length);
  }

  function onEnd(): void {
    end(null);
  }

  function end(error: Error | null): void {
    payload.off('data', onData).off('end', onEnd).off('error', end);
    done(error, error === null ? body.subarray(0, length) : undefined);
  }

  payload.on('data', onData).on('end', onEnd).on('error', end);
}

function grown(body: Buffer, size: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(size);
  body.copy(larger);
  return larger;
}
