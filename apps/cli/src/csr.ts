import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

const SEQUENCE = 0x30;
const BIT_STRING = 0x03;
const ATTRIBUTES = 0xa0;
const VERSION_0 = Buffer.from('020100', 'hex');
const ECDSA_WITH_SHA256 = Buffer.from('06082a8648ce3d040302', 'hex');

/** A new P-256 key. */
export function newKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
}

/**
 * A PKCS #10 request (RFC 2986) for a P-256 key, as PEM. It asks for nothing by name: the server knows the id, from the token or from the
 * certificate that is to be renewed.
 */
export function certificateRequest(key: KeyObject): string {
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const info = der(SEQUENCE, VERSION_0, der(SEQUENCE), spki, der(ATTRIBUTES));
  return pem('CERTIFICATE REQUEST', der(SEQUENCE, info, der(SEQUENCE, ECDSA_WITH_SHA256), bitString(signatureOver(info, key))));
}

const signatureOver = (bytes: Buffer, key: KeyObject): Buffer => sign('sha256', bytes, key);

const bitString = (bytes: Buffer): Buffer => der(BIT_STRING, Buffer.of(0), bytes);

/** One value in the Distinguished Encoding Rules (X.690). */
function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.of(tag), lengthOf(content.length), content]);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  return length < 0x100 ? Buffer.of(0x81, length) : Buffer.of(0x82, length >> 8, length & 0xff);
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').replaceAll(/.{64}(?!$)/g, '$&\n');
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}
