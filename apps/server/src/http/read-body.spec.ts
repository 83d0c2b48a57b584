import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readBody } from './read-body.ts';

const LIMIT = 20_000;

function reading(stream: PassThrough): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => readBody(stream, LIMIT, (error, body) => (error ? reject(error) : resolve(body))));
}

async function read(...pieces: readonly Buffer[]): Promise<Buffer | undefined> {
  const stream = new PassThrough();
  const body = reading(stream);
  for (const piece of pieces) stream.write(piece);
  stream.end();
  return body;
}

describe('the reading of a body', () => {
  it.each([[[0]], [[1]], [[4_096]], [[4_096, 1]], [[1, 4_096, 9_000]], [[LIMIT]], [Array<number>(LIMIT).fill(1)]])(
    'puts together what comes in pieces (%#)',
    async (sizes) => {
      const pieces = sizes.map((size, at) => Buffer.alloc(size, at % 251));
      expect(await read(...pieces)).toEqual(Buffer.concat(pieces));
    },
  );

  it.each([[[LIMIT + 1]], [[LIMIT, 1]], [Array<number>(LIMIT + 1).fill(1)]])('ends where there is too much of it (%#)', async (sizes) => {
    await expect(read(...sizes.map((size) => Buffer.alloc(size)))).rejects.toMatchObject({ code: 'body_too_large' });
  });

  it('fails once, with what the stream fails with', async () => {
    const stream = new PassThrough();
    const body = reading(stream);
    stream.write('half');
    stream.on('error', () => undefined);
    stream.destroy(new Error('gone'));
    await expect(body).rejects.toThrow('gone');
    expect(stream.listenerCount('data')).toBe(0);
  });
});
