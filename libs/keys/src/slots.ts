import { associatedData, canonicalBytes, CryptoError } from '#crypto';
import { KeysError } from './errors.ts';
import { RootKey } from './root-key.ts';
import { type Slot, type SlotFile, verifySlotFile } from './slot-file.ts';
import { newParams, slotKey, type SlotSecret } from './slot-secret.ts';

const NONCE_BYTES = 24;

/** New slots that hold the root key for whoever knows one of the secrets. @throws KeysError `unknown_slot` without any */
export async function sealSlots(root: RootKey, secrets: readonly SlotSecret[]): Promise<Slot[]> {
  if (secrets.length === 0) throw new KeysError('unknown_slot');
  const slots: Slot[] = [];
  for (const secret of secrets) slots.push(await sealSlot(root, String(slots.length + 1), secret));
  return slots;
}

async function sealSlot(root: RootKey, id: string, secret: SlotSecret): Promise<Slot> {
  const head = { id, kind: secret.kind, params: newParams(secret.kind) };
  const key = await slotKey(secret, head.params);
  const sealed = root.sealInto(key, slotAad(root.fingerprint, head));
  key.wipe();
  return { ...head, nonce: sealed.toString('base64', 0, NONCE_BYTES), wrapped: sealed.toString('base64', NONCE_BYTES) };
}

/**
 * The root key, from whichever slot this secret opens; the root key then vouches for the whole file.
 *
 * @throws KeysError `unknown_slot` without a slot of that kind; `wrong_key`, with a hint that names the root key wanted;
 *   `slot_file_damaged`
 */
export async function openSlotFile(file: SlotFile, secret: SlotSecret): Promise<RootKey> {
  const slots = file.slots.filter((slot) => slot.kind === secret.kind);
  if (slots.length === 0) throw new KeysError('unknown_slot');
  for (const slot of slots) {
    const root = await openSlot(file.rootFingerprint, slot, secret);
    if (root) return verified(file, root);
  }
  throw new KeysError('wrong_key', `the slots hold the root key ${file.rootFingerprint}`);
}

async function openSlot(fingerprint: string, slot: Slot, secret: SlotSecret): Promise<RootKey | undefined> {
  const key = await slotKey(secret, slot.params);
  const sealed = Buffer.concat([Buffer.from(slot.nonce, 'base64'), Buffer.from(slot.wrapped, 'base64')]);
  try {
    return RootKey.openFrom(key, sealed, slotAad(fingerprint, slot));
  } catch (error) {
    if (error instanceof CryptoError) return undefined;
    throw error;
  } finally {
    key.wipe();
  }
}

function verified(file: SlotFile, root: RootKey): RootKey {
  try {
    verifySlotFile(file, root);
    return root;
  } catch (error) {
    root.wipe();
    throw error;
  }
}

function slotAad(fingerprint: string, { id, kind, params }: Pick<Slot, 'id' | 'kind' | 'params'>): Buffer {
  return associatedData('slot', fingerprint, id, kind, canonicalBytes(params));
}
