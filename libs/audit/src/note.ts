import { type KeyObject, createPublicKey, hash, sign, verify } from 'node:crypto';
import { AuditError } from './errors.ts';

/** A key that signs notes under a name. */
export interface NoteSigner {
  /** Non-empty, without a space or a plus sign. */
  readonly name: string;
  /** Ed25519. */
  readonly privateKey: KeyObject;
}

const ED25519 = 0x01;
const KEY_SIZE = 32;
const ID_SIZE = 4;
/** The DER of an Ed25519 SubjectPublicKeyInfo up to the key itself (RFC 8410 §4). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const MAX_SIGNATURES = 100;
const NAME = /^[^\s+]+$/u;
const SIGNATURE_LINE = /^— ([^\s+]+) ([A-Za-z0-9+/]+=*)$/u;
/** Any control character but the newline. */
const CONTROL = /[^\P{Cc}\n]/u;

/** The verifier key `<name>+<key id>+<base64>` of an Ed25519 public key, as Go's sumdb/note writes it. */
export function verifierKey(name: string, publicKey: KeyObject): string {
  const key = Buffer.concat([Buffer.of(ED25519), publicKey.export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX.length)]);
  return `${name}+${keyId(name, key).toString('hex')}+${key.toString('base64')}`;
}

/** Signs a text, which must end with a newline, as a note (C2SP signed-note, Ed25519). */
export function signNote(text: string, { name, privateKey }: NoteSigner): string {
  const { id } = readVerifierKey(verifierKey(name, createPublicKey(privateKey)));
  const signature = Buffer.concat([id, sign(null, Buffer.from(text), privateKey)]);
  return `${text}\n— ${name} ${signature.toString('base64')}\n`;
}

/**
 * The text of a note that the given key signed. Signatures of other keys are ignored; one of this key that fails spoils the note.
 *
 * @throws AuditError malformed_note, malformed_verifier_key, unknown_signer or bad_signature
 */
export function openNote(note: string, key: string): string {
  const { name, id, publicKey } = readVerifierKey(key);
  const { text, signatures } = splitNote(note);
  const own = signatures.filter((signature) => signature.name === name && signature.bytes.subarray(0, ID_SIZE).equals(id));
  if (own.length === 0) throw new AuditError('unknown_signer');
  const body = Buffer.from(text);
  if (!own.every(({ bytes }) => verify(null, body, publicKey, bytes.subarray(ID_SIZE)))) throw new AuditError('bad_signature');
  return text;
}

interface VerifierKey {
  readonly name: string;
  readonly id: Buffer;
  readonly publicKey: KeyObject;
}

/** @throws AuditError malformed_verifier_key */
export function readVerifierKey(text: string): VerifierKey {
  const [name = '', id = '', ...rest] = text.split('+');
  const key = decodeBase64(rest.join('+'));
  const sound = NAME.test(name) && key?.length === 1 + KEY_SIZE && key[0] === ED25519 && keyId(name, key).toString('hex') === id;
  if (!sound || key === undefined) throw new AuditError('malformed_verifier_key');
  const der = Buffer.concat([SPKI_PREFIX, key.subarray(1)]);
  return { name, id: keyId(name, key), publicKey: createPublicKey({ key: der, format: 'der', type: 'spki' }) };
}

/** SHA-256(name ‖ 0x0A ‖ type ‖ key), its first four bytes (C2SP signed-note). */
function keyId(name: string, typedKey: Buffer): Buffer {
  return hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), typedKey]), 'buffer').subarray(0, ID_SIZE);
}

/** Text and signatures are parted by the last empty line. */
function splitNote(note: string): { text: string; signatures: { name: string; bytes: Buffer }[] } {
  const end = note.lastIndexOf('\n\n');
  const lines = note.slice(end + 2).split('\n');
  const whole = end >= 0 && lines.length > 1 && lines.pop() === '' && lines.length <= MAX_SIGNATURES;
  if (!whole || CONTROL.test(note) || !note.isWellFormed()) throw new AuditError('malformed_note');
  return { text: note.slice(0, end + 1), signatures: lines.map(readSignature) };
}

function readSignature(line: string): { name: string; bytes: Buffer } {
  const [, name, base64 = ''] = SIGNATURE_LINE.exec(line) ?? [];
  const bytes = decodeBase64(base64);
  if (name === undefined || bytes === undefined || bytes.length <= ID_SIZE) throw new AuditError('malformed_note');
  return { name, bytes };
}

/** Bytes of standard base64, or undefined where the text is not exactly what they encode to. */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
