import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Log } from './log.ts';

function written(work: (log: Log) => void): string[] {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk).trimEnd());
      done();
    },
  });
  work(new Log('info', stream));
  return lines;
}

describe('the log', () => {
  it('writes one JSON object a line, with a constant text', () => {
    const [line = ''] = written((log) => log.info('listening', { listener: 'probe', address: '127.0.0.1', port: 1 }));
    expect(JSON.parse(line)).toMatchObject({
      level: 'info',
      event: 'listening',
      message: 'a listener is open',
      listener: 'probe',
      port: 1,
    });
  });

  it('drops every field that is not on its list, and every value that is not a word or a number', () => {
    const smuggled = { password: 'CANARY', address: { toString: () => 'CANARY' }, message: 'CANARY', level: 'CANARY' };
    const lines = written((log) => log.info('started', Object.assign({ version: '1' }, smuggled as object)));
    expect(lines.join()).not.toContain('CANARY');
  });

  it('names the class, the code and the place of an error, and never its text', () => {
    class VaultError extends Error {
      override readonly name = 'VaultError';
      readonly code = 'sealed';
    }
    const [line = ''] = written((log) => log.fault(new VaultError('CANARY at path (/CANARY:1:2)'), 'r1'));
    expect(JSON.parse(line)).toMatchObject({ error: 'VaultError', code: 'sealed', requestId: 'r1' });
    expect(JSON.parse(line).at).toContain('log.spec.ts:');
    expect(line).not.toContain('CANARY');
  });

  it('takes no name and no code that is more than a word', () => {
    const error = Object.assign(new Error('x'), { name: 'CANARY 1', code: 'CANARY=1' });
    expect(written((log) => log.fatal(error)).join()).not.toContain('CANARY');
    expect(written((log) => log.fatal('CANARY')).join()).not.toContain('CANARY');
  });

  it('says nothing below its level', () => {
    expect(written((log) => new Log('error', new Writable()).info('started') ?? log)).toEqual([]);
  });
});
