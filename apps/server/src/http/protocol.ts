import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { MAX_HEADERS } from '../listeners.ts';
import { Refusal } from './refusal.ts';

const HOST = /^[A-Za-z0-9._-]{1,253}(:\d{1,5})?$|^\[[0-9a-f:.]{2,45}\](:\d{1,5})?$/i;
const JSON_TYPE = /^application\/json(?:; ?charset=utf-8)?$/i;

/**
 * What HTTP allows and this server does not, checked on the headers alone (RFC 9110, RFC 9112): another version, no or several
 * hosts, too many headers, an expectation, an encoded body, a body that is not JSON, a body where none belongs.
 *
 * @throws Refusal
 */
export function checkProtocol(message: IncomingMessage, takesBody: boolean): void {
  const { headers } = message;
  if (message.httpVersion !== '1.1') throw new Refusal('malformed_request', { hint: 'only version 1.1 is spoken here' });
  if (message.rawHeaders.length > 2 * MAX_HEADERS) throw new Refusal('headers_too_large');
  if (headers.host === undefined || !HOST.test(headers.host)) throw new Refusal('malformed_request', { hint: 'one Host header is needed' });
  if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue') throw new Refusal('malformed_request');
  if (headers.upgrade !== undefined) throw new Refusal('malformed_request', { hint: 'no other protocol is spoken here' });
  if (hasBody(headers)) checkBodyHeaders(headers, takesBody);
}

function hasBody(headers: IncomingHttpHeaders): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

function checkBodyHeaders(headers: IncomingHttpHeaders, takesBody: boolean): void {
  if (!takesBody) throw new Refusal('malformed_request', { hint: 'this route takes no body' });
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && coding !== 'chunked') throw new Refusal('malformed_request');
  const type = headers['content-type'];
  if (headers['content-encoding'] !== undefined || type === undefined || !JSON_TYPE.test(type)) throw new Refusal('unsupported_media_type');
}
