import { describe, expect, it } from 'vitest';
import { isAllowedRedirect, isRedirectUri } from './redirect-uri.ts';

describe('a redirect URI', () => {
  it.each(['https://vault.acme.example/callback', 'http://127.0.0.1/callback', 'http://127.0.0.1:4711/', 'http://[::1]:1/x'])(
    'may be %s',
    (uri) => {
      expect(isRedirectUri(uri)).toBe(true);
    },
  );

  it.each([
    'http://vault.acme.example/callback',
    'http://localhost/callback',
    'http://127.0.0.2/callback',
    'http://127.1/callback',
    'http://127.0.0.1.acme.example/callback',
    'http://127.0.0.1@evil.example/callback',
    'https://user@acme.example/callback',
    'https://acme.example',
    'https://ACME.example/callback',
    'https://acme.example/a/../callback',
    'https://acme.example/callback?x=1',
    'https://acme.example/callback#x',
    'javascript:alert(1)',
    'holdfast:/callback',
    '',
  ])('is never %j', (uri) => {
    expect(isRedirectUri(uri)).toBe(false);
  });

  it.each([
    ['https://acme.example/callback', true],
    ['https://acme.example:444/callback', false],
    ['https://acme.example/callback/', false],
    ['https://acme.example/Callback', false],
    ['https://sub.acme.example/callback', false],
    ['https://acme.example/callback?code=x', false],
    ['http://127.0.0.1:1/callback', true],
    ['http://127.0.0.1:65535/callback', true],
    ['http://127.0.0.1:1/other', false],
    ['http://[::1]:1/callback', false],
    ['http://localhost:1/callback', false],
    ['https://127.0.0.1:1/callback', false],
  ])('%s is on the list: %s', (uri, isAllowed) => {
    expect(isAllowedRedirect(uri, ['https://acme.example/callback', 'http://127.0.0.1/callback'])).toBe(isAllowed);
  });
});
