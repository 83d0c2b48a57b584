import type { Reader, RowWrite } from '#authz';
import type { Clock } from '#identity';
import { generateKeyMaterial, openKeyMaterial, sealKeyMaterial } from './key-material.ts';
import { Keyring } from './keyring.ts';
import { RootKey } from './root-key.ts';

/** The keyring of a new server, and the rows to write for it. */
export interface NewKeyring {
  readonly keyring: Keyring;
  readonly writes: readonly RowWrite[];
}

/** Makes every key of a new server for a trust domain. The keyring takes the root key over. @throws IdentityError */
export async function createKeyring(trustDomain: string, clock: Clock, root = RootKey.create()): Promise<NewKeyring> {
  const material = await generateKeyMaterial(trustDomain, clock);
  return { keyring: new Keyring(root, material), writes: sealKeyMaterial(root, material) };
}

/** Opens the keyring that the rows hold. It takes the root key over. @throws KeysError `integrity_failed` */
export async function loadKeyring(root: RootKey, reader: Reader): Promise<Keyring> {
  const keyring = new Keyring(root, await openKeyMaterial(root, reader));
  for await (const row of reader.every('namespace')) keyring.learn(row);
  return keyring;
}
