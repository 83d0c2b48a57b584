import { beforeEach, describe, expect, it } from 'vitest';
import { SecretBytes } from '#crypto';
import { DataKeys } from './data-keys.ts';

const WRAPPED = Buffer.from('wrapped');

let dataKeys: DataKeys;
let unwrapped: SecretBytes[];
beforeEach(() => {
  dataKeys = new DataKeys();
  unwrapped = [];
});

function ask(place: string, wrapped = WRAPPED): SecretBytes {
  return dataKeys.of(place, wrapped, () => {
    const key = SecretBytes.random(32);
    unwrapped.push(key);
    return key;
  });
}

describe('data keys', () => {
  it('are unwrapped once for a place and its wrapped bytes', () => {
    expect(ask('a')).toBe(ask('a', Buffer.from(WRAPPED)));
    expect(ask('b')).not.toBe(ask('a'));
    expect(unwrapped).toHaveLength(2);
  });

  it('are wiped when others take their place', () => {
    const before = ask('a');
    const after = ask('a', Buffer.from('rewrapped'));
    expect([before.wiped, after.wiped]).toEqual([true, false]);
  });

  it('stay as they were when what came instead does not open', () => {
    const key = ask('a');
    const refuse = () => {
      throw new TypeError('does not open');
    };
    expect(() => dataKeys.of('a', Buffer.from('altered'), refuse)).toThrow('does not open');
    expect(ask('a')).toBe(key);
    expect(key.wiped).toBe(false);
  });

  it('are bounded in number, and wiped when they are let go', () => {
    for (let at = 0; at <= 4_096; at += 1) ask(String(at));
    expect(unwrapped.filter((key) => !key.wiped)).toHaveLength(1);
    dataKeys.wipe();
    expect(unwrapped.every((key) => key.wiped)).toBe(true);
  });
});
