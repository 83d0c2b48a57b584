import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { AuthzError } from '#authz';
import { Log } from './log.ts';
import { stop } from './serve.ts';

function logged(): { log: Log; lines: () => unknown[] } {
  const stream = new PassThrough();
  return { log: new Log('info', stream), lines: () => (String(stream.read() ?? '').match(/.+/g) ?? []).map((line) => JSON.parse(line)) };
}

describe('the end of the process', () => {
  it('is 0 when all is written', async () => {
    const { log, lines } = logged();
    expect(await stop({ stop: () => Promise.resolve() }, log)).toBe(0);
    expect(lines()).toEqual([]);
  });

  it('is 1, and the log says why, when what was counted could not be written', async () => {
    const { log, lines } = logged();
    expect(await stop({ stop: () => Promise.reject(new AuthzError('storage_unavailable', 'disk_full')) }, log)).toBe(1);
    expect(lines()).toEqual([expect.objectContaining({ level: 'error', event: 'stop_failed', code: 'storage_unavailable' })]);
  });
});
