import { describe, expect, it } from 'vitest';
import { AuthzError } from '#authz';
import { secretValue } from '../../../../test/support/secret-value.ts';
import { bundleAnswer, bundleType } from './bundle-answer.ts';

const read = (path: string, data: Record<string, string>, version = 1) => ({
  resource: path,
  ok: true as const,
  answer: secretValue(path, data, version),
});
const denied = (path: string) => ({ resource: path, ok: false as const, error: new AuthzError('denied') });

describe('the type of a bundle', () => {
  it.each([
    [undefined, 'application/json'],
    ['*/*', 'application/json'],
    ['text/x-dotenv', 'text/x-dotenv'],
    ['TEXT/X-ShellScript;q=1', 'text/x-shellscript'],
    ['text/html, text/*', 'text/x-dotenv'],
  ])('for %j is %s', (accept, type) => {
    expect(bundleType(accept)).toBe(type);
  });

  it('is refused where none is accepted', () => {
    expect(() => bundleType('text/html')).toThrow('not_acceptable');
  });
});

describe('the answer of a bundle', () => {
  it('says of each item what became of it', () => {
    const { body } = bundleAnswer([read('a/b', { x: '1' }), denied('a/c')], 'application/json');
    expect(JSON.parse(body.toString())).toEqual({
      items: [
        { path: 'a/b', status: 200, version: 1, data: { x: '1' } },
        { path: 'a/c', status: 403, code: 'denied' },
      ],
    });
  });

  it('may be empty', () => {
    expect(bundleAnswer([], 'application/json').body.toString()).toBe('{"items":[]}');
  });

  it('is whole or not at all as environment', () => {
    expect(bundleAnswer([read('a/b', { x: '1' })], 'text/x-dotenv').body.toString()).toContain('B_X');
    expect(() => bundleAnswer([read('a/b', { x: '1' }), denied('a/c')], 'text/x-dotenv')).toThrow(AuthzError);
  });

  it('wipes what it was made from, whatever happens', () => {
    const [whole, part] = [read('a/b', { x: '1' }), read('a/b', { x: '1' })];
    bundleAnswer([whole], 'application/json');
    expect(() => bundleAnswer([part, denied('a/c')], 'text/x-dotenv')).toThrow();
    expect([whole.answer.value.wiped, part.answer.value.wiped]).toEqual([true, true]);
  });

  it('has a tag that changes with any of its items', () => {
    const tag = (...items: Parameters<typeof bundleAnswer>[0]) => bundleAnswer(items, 'application/json').etag;
    const tags = [tag(), tag(read('a/b', {})), tag(read('a/b', {}, 2)), tag(denied('a/b')), tag(read('a/b', {}), denied('a/c'))];
    expect(new Set(tags).size).toBe(tags.length);
    expect(tag(read('a/b', {}))).toBe(tags[1]);
    expect(bundleAnswer([read('a/b', {})], 'text/x-dotenv').etag).not.toBe(tags[1]);
  });
});
