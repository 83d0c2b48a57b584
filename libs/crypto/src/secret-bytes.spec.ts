import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { CryptoError } from './errors.ts';
import { SecretBytes } from './secret-bytes.ts';

describe('SecretBytes', () => {
  it('shows nothing of itself in any of the usual ways', () => {
    const secret = new SecretBytes(Buffer.from('hunter2'));
    const shown = [
      `${secret}`,
      String(secret),
      JSON.stringify({ secret }),
      inspect({ secret }, { showHidden: true, depth: 9 }),
      inspect(secret),
    ];
    for (const text of shown) expect(text).toContain('[secret]');
    expect(shown.join()).not.toMatch(/hunter2|68 75 6e/);
  });

  it('overwrites the very buffer it was given, and throws from then on', () => {
    const buffer = Buffer.from('hunter2');
    const secret = new SecretBytes(buffer);
    secret.wipe();
    secret.wipe();
    expect(buffer).toEqual(Buffer.alloc(7));
    expect(secret.wiped).toBe(true);
    expect(() => secret.bytes).toThrow(new CryptoError('wiped'));
  });

  it('is wiped at the end of the block that uses it', () => {
    const buffer = Buffer.from('hunter2');
    {
      using secret = new SecretBytes(buffer);
      expect(secret.bytes).toBe(buffer);
    }
    expect(buffer).toEqual(Buffer.alloc(7));
  });
});
