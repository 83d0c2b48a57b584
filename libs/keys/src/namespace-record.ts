import { randomBytes } from 'node:crypto';
import { associatedData, SecretBytes, XaesKey } from '#crypto';
import type { NamespaceParts } from './namespace-keys.ts';
import { opening } from './opening.ts';
import type { RootKey } from './root-key.ts';

const KEY_BYTES = 32;
const ID_BYTES = 16;
const FIRST_VERSION = 1;

/** A namespace as its sealed row holds it: its keys wrapped by the root key, in base64. */
export interface NamespaceRecord {
  readonly name: string;
  readonly id: string;
  readonly index: string;
  readonly keks: readonly { readonly version: number; readonly wrapped: string }[];
}

/** A new namespace with an id, an index key and a KEK of its own. */
export function newNamespaceRecord(root: RootKey, name: string): NamespaceRecord {
  const id = randomBytes(ID_BYTES).toString('hex');
  const kek = { version: FIRST_VERSION, wrapped: wrapFresh(root, kekAad(id, FIRST_VERSION)) };
  return { name, id, index: wrapFresh(root, indexAad(id)), keks: [kek] };
}

/** The keys that a namespace's record holds. @throws KeysError `integrity_failed` */
export function openNamespaceRecord(root: RootKey, { name, id, index, keks }: NamespaceRecord): NamespaceParts {
  const unwrap = (wrapped: string, aad: Buffer): SecretBytes => opening(() => root.unwrap(Buffer.from(wrapped, 'base64'), aad));
  const opened = keks.map(({ version, wrapped }): [number, XaesKey] => {
    using kek = unwrap(wrapped, kekAad(id, version));
    return [version, new XaesKey(kek)];
  });
  return { name, id, index: unwrap(index, indexAad(id)), keks: new Map(opened) };
}

function wrapFresh(root: RootKey, aad: Buffer): string {
  using key = SecretBytes.random(KEY_BYTES);
  return opening(() => root.wrap(key, aad).toString('base64'));
}

function kekAad(id: string, version: number): Buffer {
  return associatedData('namespace-kek', id, version);
}

function indexAad(id: string): Buffer {
  return associatedData('namespace-index', id);
}
