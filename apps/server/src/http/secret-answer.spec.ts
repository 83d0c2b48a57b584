import { describe, expect, it } from 'vitest';
import { secretValue } from '../../../../test/support/secret-value.ts';
import { secretBody } from './secret-answer.ts';

describe('the answer of a read', () => {
  it('holds the value as it was kept, and wipes what was opened', () => {
    const secret = secretValue('a/b', { x: '1' });
    expect(JSON.parse(String(secretBody(secret)))).toMatchObject({ path: 'a/b', version: 1, data: { x: '1' } });
    expect(secret.value.wiped).toBe(true);
  });

  it('is none for whoever has it already, and wipes it all the same', () => {
    const [current, other] = [secretValue('a/b', { x: '1' }), secretValue('a/b', { x: '1' }, 2)];
    expect(secretBody(current, '"1.1"')).toBeUndefined();
    expect(secretBody(other, '"1.1"')).toBeInstanceOf(Buffer);
    expect([current.value.wiped, other.value.wiped]).toEqual([true, true]);
  });
});
