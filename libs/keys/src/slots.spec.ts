import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SecretBytes } from '#crypto';
import { everyFlip } from '../../../test/support/flipped.ts';
import { wrapDatabaseKey } from './database-key.ts';
import { KeysError } from './errors.ts';
import { RootKey } from './root-key.ts';
import { formatSlotFile, isFinished, parseSlotFile } from './slot-file.ts';
import { readKeyFile, type SlotSecret } from './slot-secret.ts';
import { openSlotFile, sealSlots } from './slots.ts';

const DAMAGED = new KeysError('slot_file_damaged');
const CODES_OF_DAMAGE = ['slot_file_damaged', 'wrong_key', 'unknown_slot'];

const newFile = (): SlotSecret => ({ kind: 'file', key: SecretBytes.random(32) });
const passphrase = (text: string): SlotSecret => ({ kind: 'passphrase', passphrase: text });

async function slotFileFor(secrets: readonly SlotSecret[], root = RootKey.create(), finished = true): Promise<string> {
  const databaseKeys = [wrapDatabaseKey(root, '1', SecretBytes.random(32))];
  return formatSlotFile(root, { finished, generation: 1, databaseKeys, slots: await sealSlots(root, secrets) });
}

async function codeOf(text: string, secret: SlotSecret): Promise<string> {
  try {
    await openSlotFile(parseSlotFile(text), secret);
    return 'opened';
  } catch (error) {
    return error instanceof KeysError ? error.code : 'another error';
  }
}

describe('a slot file', () => {
  it('opens with any one of its secrets', async () => {
    const root = RootKey.create();
    const secrets = [newFile(), newFile(), passphrase('correct horse battery staple')];
    const file = parseSlotFile(await slotFileFor(secrets, root));
    for (const secret of secrets) expect((await openSlotFile(file, secret)).fingerprint).toBe(root.fingerprint);
  });

  it('takes a passphrase in either Unicode form', async () => {
    const file = parseSlotFile(await slotFileFor([passphrase('Zürich')]));
    expect((await openSlotFile(file, passphrase('Zu\u0308rich'))).fingerprint).toBe(file.rootFingerprint);
  });

  it('says which root key it holds when a secret does not open it', async () => {
    const root = RootKey.create();
    const file = parseSlotFile(await slotFileFor([newFile()], root));
    await expect(openSlotFile(file, newFile())).rejects.toMatchObject({
      code: 'wrong_key',
      hint: `the slots hold the root key ${root.fingerprint}`,
    });
  });

  it('says when it has no slot of the kind that is asked for', async () => {
    await expect(codeOf(await slotFileFor([newFile()]), passphrase('any'))).resolves.toBe('unknown_slot');
  });

  it('opens with no bit of it flipped', async () => {
    const secret = newFile();
    const text = await slotFileFor([secret, newFile()]);
    for (const altered of everyFlip(Buffer.from(text))) expect(CODES_OF_DAMAGE).toContain(await codeOf(altered.toString(), secret));
    await expect(codeOf(text, secret)).resolves.toBe('opened');
  });

  it('does not open with the slots, the database key or the generation of another', async () => {
    const secret = newFile();
    const mine = parseSlotFile(await slotFileFor([secret]));
    const other = parseSlotFile(await slotFileFor([secret]));
    const { databaseKeys, slots } = other;
    for (const mixed of [
      { ...mine, slots },
      { ...mine, databaseKeys },
      { ...mine, generation: 2 },
      { ...mine, mac: other.mac },
    ]) {
      expect(CODES_OF_DAMAGE).toContain(await codeOf(JSON.stringify(mixed), secret));
    }
  });

  it('never turns from finished to unfinished by an edit', async () => {
    const secret = newFile();
    const root = RootKey.create();
    const text = await slotFileFor([secret], root);
    const unfinished = text.replace('holdfast-slots/1', 'holdfast-slots/1-unfinished');
    expect(isFinished(parseSlotFile(text))).toBe(true);
    expect(isFinished(parseSlotFile(unfinished))).toBe(false);
    await expect(codeOf(unfinished, secret)).resolves.toBe('slot_file_damaged');
    for (const altered of everyFlip(Buffer.from(text))) expect(seemsUnfinished(altered.toString())).toBe(false);
  });

  it('refuses any other text with one error', () => {
    const text = fc.oneof(fc.string(), fc.json());
    fc.assert(fc.property(text, (text) => void expect(() => parseSlotFile(text)).toThrow(DAMAGED)));
  });

  it.each([
    ['memory beyond reason', { memoryKiB: 2 ** 30 }],
    ['no passes', { passes: 0 }],
    ['a text for a number', { lanes: '4' }],
  ])('refuses %s before it works on it', async (_, params) => {
    const file = parseSlotFile(await slotFileFor([passphrase('secret')]));
    const slots = file.slots.map((slot) => ({ ...slot, params: { ...slot.params, ...params } }));
    await expect(openSlotFile({ ...file, slots }, passphrase('secret'))).rejects.toThrow(DAMAGED);
  });
});

function seemsUnfinished(text: string): boolean {
  try {
    return !isFinished(parseSlotFile(text));
  } catch {
    return false;
  }
}

describe('a key file', () => {
  const key = SecretBytes.random(32);

  it.each([
    ['raw', key.bytes],
    ['base64', Buffer.from(key.bytes.toString('base64'))],
    ['base64 and a line end', Buffer.from(`${key.bytes.toString('base64')}\n`)],
  ])('may be %s', (_, content) => {
    expect(readKeyFile(content).bytes).toEqual(key.bytes);
  });

  it.each([
    ['empty', Buffer.alloc(0)],
    ['too short', Buffer.from(key.bytes.subarray(1).toString('base64'))],
    ['too long', Buffer.alloc(64)],
    ['no base64', Buffer.from('-'.repeat(44))],
  ])('is refused when it is %s', (_, content) => {
    expect(() => readKeyFile(content)).toThrow(new KeysError('wrong_key'));
  });
});
