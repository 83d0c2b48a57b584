import { SecretBytes } from '#crypto';
import { type Keyring, LogKeys } from '#keys';
import { generateKeyPairSync } from 'node:crypto';

/** A keyring of which only the log's part is there. The same call twice makes two logs. */
export function logKeyring(logId = 'acme.internal/00112233'): Pick<Keyring, 'log'> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64');
  const checkpoint = new SecretBytes(Buffer.from(JSON.stringify({ logId, epoch: 1, privateKey: pkcs8 })));
  return { log: new LogKeys({ audit: SecretBytes.random(32), checkpoint }) };
}
