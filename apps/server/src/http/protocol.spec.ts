import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { checkProtocol } from './protocol.ts';
import { Refusal } from './refusal.ts';

function message(headers: Record<string, string>, httpVersion = '1.1'): IncomingMessage {
  const incoming = new IncomingMessage(new Socket());
  incoming.httpVersion = httpVersion;
  incoming.headers = headers;
  incoming.rawHeaders = Object.entries(headers).flat();
  return incoming;
}

function refusal(headers: Record<string, string>, takesBody = true, version?: string): string | undefined {
  try {
    checkProtocol(message(headers, version), takesBody);
    return undefined;
  } catch (error) {
    return error instanceof Refusal ? error.code : String(error);
  }
}

const host = 'holdfast.internal:8443';
const body = { host, 'content-length': '2', 'content-type': 'application/json' };

describe('the check of the protocol', () => {
  it.each(['holdfast.internal', '10.0.0.1:8443', '[::1]', '[fe80::1]:8443', 'Holdfast-1:1'])('takes the host %s', (host) => {
    expect(refusal({ host })).toBeUndefined();
  });

  it.each(['', 'a, b', 'a b', 'a:b', 'user@a', 'a/b', '[::1', 'a'.repeat(254)])('refuses the host %j', (host) => {
    expect(refusal({ host })).toBe('malformed_request');
  });

  it('wants a host, and version 1.1', () => {
    expect(refusal({})).toBe('malformed_request');
    expect(refusal({ host }, true, '1.0')).toBe('malformed_request');
  });

  it('takes 100 headers and no more', () => {
    const many = (count: number) => ({ host, ...Object.fromEntries(Array.from({ length: count - 1 }, (_, at) => [`x-${at}`, ''])) });
    expect(refusal(many(100))).toBeUndefined();
    expect(refusal(many(101))).toBe('headers_too_large');
  });

  it('speaks no other protocol and knows one expectation', () => {
    expect(refusal({ host, upgrade: 'h2c' })).toBe('malformed_request');
    expect(refusal({ host, expect: 'magic' })).toBe('malformed_request');
    expect(refusal({ ...body, expect: '100-continue' })).toBeUndefined();
  });

  it('takes a body of JSON as it stands, where there may be one', () => {
    expect(refusal(body)).toBeUndefined();
    expect(refusal({ ...body, 'content-type': 'application/json; charset=utf-8' })).toBeUndefined();
    expect(refusal(body, false)).toBe('malformed_request');
    expect(refusal({ host, 'content-length': '0' }, false)).toBeUndefined();
  });

  it.each([
    'text/plain',
    'application/jsonp',
    'application/json; charset=latin1',
    'application/json, application/json',
    'multipart/form-data',
  ])('refuses a body of %s', (type) => {
    expect(refusal({ ...body, 'content-type': type })).toBe('unsupported_media_type');
  });

  it('refuses an encoded body, and a transfer coding but chunked', () => {
    expect(refusal({ ...body, 'content-encoding': 'gzip' })).toBe('unsupported_media_type');
    expect(refusal({ ...body, 'content-encoding': 'identity' })).toBe('unsupported_media_type');
    expect(refusal({ host, 'content-type': 'application/json', 'transfer-encoding': 'chunked' })).toBeUndefined();
    expect(refusal({ host, 'content-type': 'application/json', 'transfer-encoding': 'gzip, chunked' })).toBe('malformed_request');
  });
});
