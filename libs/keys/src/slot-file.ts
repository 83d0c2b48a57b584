import { canonicalBytes, constantTimeEqual } from '#crypto';
import { KeysError } from './errors.ts';
import type { RootKey } from './root-key.ts';

const FORMAT = 'holdfast-slots/1';
/** Another word and not another number: no flipped bit can make an initialized server look as if it were not. */
const UNFINISHED = 'holdfast-slots/1-unfinished';
const FINGERPRINT = /^[0-9a-f]{16}$/;
const ID = /^[a-z0-9][a-z0-9-]{0,31}$/;

/** One way to the root key. Binary fields are standard base64. */
export interface Slot {
  readonly id: string;
  readonly kind: 'passphrase' | 'file';
  /** What the kind needs to derive its key: of `passphrase` argon2id's parameters, of `file` nothing. */
  readonly params: Readonly<Record<string, string | number>>;
  readonly nonce: string;
  readonly wrapped: string;
}

/** The key of the database's pages, wrapped by the root key. There are two while it is being changed, the new one first. */
export interface WrappedDatabaseKey {
  readonly id: string;
  readonly wrapped: string;
}

/** All that can be read before unsealing. */
export interface SlotFile {
  readonly format: typeof FORMAT | typeof UNFINISHED;
  readonly rootFingerprint: string;
  /** Counts the changes of the slots from 1. */
  readonly generation: number;
  readonly databaseKeys: readonly WrappedDatabaseKey[];
  readonly slots: readonly Slot[];
  /** HMAC-SHA-256 under a key derived from the root key, over the canonical bytes (RFC 8785) of everything else. */
  readonly mac: string;
}

/** A slot file before the root key vouches for it. */
export interface SlotFileContent extends Pick<SlotFile, 'generation' | 'databaseKeys' | 'slots'> {
  /** Whether initialization came to its end. */
  readonly finished: boolean;
}

/** The text of a slot file that the root key vouches for. */
export function formatSlotFile(root: RootKey, { finished, generation, databaseKeys, slots }: SlotFileContent): string {
  const content = { format: finished ? FORMAT : UNFINISHED, rootFingerprint: root.fingerprint, generation, databaseKeys, slots };
  const mac = root.authenticate(canonicalBytes(content)).toString('base64');
  return `${JSON.stringify({ ...content, mac }, null, 2)}\n`;
}

/** Reads the form only: nothing in it can be trusted before `verifySlotFile`. @throws KeysError `slot_file_damaged` */
export function parseSlotFile(text: string): SlotFile {
  const value = parseJson(text);
  if (!isSlotFile(value)) throw new KeysError('slot_file_damaged');
  return value;
}

/** Whether the server that this file belongs to is initialized. */
export function isFinished(file: SlotFile | undefined): file is SlotFile {
  return file?.format === FORMAT;
}

/** Checks that the root key vouches for the whole file. @throws KeysError `slot_file_damaged` */
export function verifySlotFile({ mac, ...content }: SlotFile, root: RootKey): void {
  const sound = constantTimeEqual(root.authenticate(canonicalBytes(content)), Buffer.from(mac, 'base64'));
  if (!sound || content.rootFingerprint !== root.fingerprint) throw new KeysError('slot_file_damaged');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new KeysError('slot_file_damaged');
  }
}

function isSlotFile(value: unknown): value is SlotFile {
  if (!hasFields(value, ['format', 'rootFingerprint', 'generation', 'databaseKeys', 'slots', 'mac'])) return false;
  const { format, rootFingerprint, generation, databaseKeys, slots, mac } = value;
  const head =
    (format === FORMAT || format === UNFINISHED) && matches(rootFingerprint, FINGERPRINT) && isCount(generation) && isBase64(mac);
  return head && isListOf(databaseKeys, isDatabaseKey) && isListOf(slots, isSlot);
}

function isDatabaseKey(value: unknown): boolean {
  return hasFields(value, ['id', 'wrapped']) && matches(value.id, ID) && isBase64(value.wrapped);
}

function isSlot(value: unknown): boolean {
  if (!hasFields(value, ['id', 'kind', 'params', 'nonce', 'wrapped'])) return false;
  const { id, kind, params, nonce, wrapped } = value;
  return matches(id, ID) && (kind === 'passphrase' || kind === 'file') && isParams(params) && isBase64(nonce) && isBase64(wrapped);
}

function isParams(value: unknown): boolean {
  return isObject(value) && Object.values(value).every((param) => typeof param === 'string' || isCount(param));
}

/** Exactly these fields, and no other. */
function hasFields<Name extends string>(value: unknown, names: readonly Name[]): value is Record<Name, unknown> {
  return isObject(value) && Object.keys(value).length === names.length && names.every((name) => Object.hasOwn(value, name));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isListOf(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(isItem);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function matches(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && pattern.test(value);
}

/** Standard base64 in its one canonical form. */
function isBase64(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && Buffer.from(value, 'base64').toString('base64') === value;
}
