import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { Reader, RowWrite } from '#authz';
import { associatedData, canonicalBytes, SecretBytes } from '#crypto';
import { CertificateAuthority, type Clock } from '#identity';
import { KeysError } from './errors.ts';
import { opening } from './opening.ts';
import type { RootKey } from './root-key.ts';

const KEY_BYTES = 32;
const LOG_ID_BYTES = 8;
const FIRST_EPOCH = 1;

/** The keys that are rows of the database, one purpose each, independent of one another. */
const PURPOSES = ['record', 'index', 'token', 'digest', 'audit', 'checkpoint', 'issuing'] as const;

type KeyPurpose = (typeof PURPOSES)[number];

/** 32 random bytes each, but for `checkpoint` (a `CheckpointMaterial`) and `issuing` (an `IssuingRecord`), which are JSON. */
export type KeyMaterial = Readonly<Record<KeyPurpose, SecretBytes>>;

/** What signs the log, and the log's own name, which a restored or cloned server must not keep. */
export interface CheckpointMaterial {
  readonly logId: string;
  readonly epoch: number;
  /** Ed25519, PKCS #8 in base64. */
  readonly privateKey: string;
}

/** The issuing CA: its P-256 key as PKCS #8 in base64. */
export interface IssuingRecord {
  readonly privateKey: string;
  readonly certificate: string;
}

/** New keys for a new server, its own CA among them. @throws IdentityError for a trust domain that is none */
export async function generateKeyMaterial(trustDomain: string, clock: Clock): Promise<KeyMaterial> {
  const random = (): SecretBytes => SecretBytes.random(KEY_BYTES);
  const issuing = await newIssuing(trustDomain, clock);
  const checkpoint = newCheckpoint(trustDomain);
  return { record: random(), index: random(), token: random(), digest: random(), audit: random(), checkpoint, issuing };
}

/** The rows that keep them, new. */
export function sealKeyMaterial(root: RootKey, material: KeyMaterial): RowWrite[] {
  return PURPOSES.map((key) => ({ kind: 'key', key, rev: 1, sealed: root.wrap(material[key], keyAad(key, 1)) }));
}

/** All of them, from their rows. @throws KeysError `integrity_failed` when one is missing or does not open */
export async function openKeyMaterial(root: RootKey, reader: Reader): Promise<KeyMaterial> {
  const open = async (purpose: KeyPurpose): Promise<SecretBytes> => {
    const row = await reader.find('key', purpose);
    if (!row) throw new KeysError('integrity_failed');
    return opening(() => root.unwrap(row.sealed, keyAad(purpose, row.rev)));
  };
  return {
    record: await open('record'),
    index: await open('index'),
    token: await open('token'),
    digest: await open('digest'),
    audit: await open('audit'),
    checkpoint: await open('checkpoint'),
    issuing: await open('issuing'),
  };
}

async function newIssuing(trustDomain: string, clock: Clock): Promise<SecretBytes> {
  const { privateKeyPkcs8, certificatePem } = await CertificateAuthority.create(trustDomain, clock);
  return serialised({ privateKey: privateKeyPkcs8.toString('base64'), certificate: certificatePem } satisfies IssuingRecord);
}

/** The log's id is of this server alone, so that no other log can ever take its origin. */
function newCheckpoint(trustDomain: string): SecretBytes {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pkcs8 = privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64');
  const logId = `${trustDomain}/${randomBytes(LOG_ID_BYTES).toString('hex')}`;
  return serialised({ logId, epoch: FIRST_EPOCH, privateKey: pkcs8 } satisfies CheckpointMaterial);
}

function serialised(value: object): SecretBytes {
  return new SecretBytes(canonicalBytes(value));
}

function keyAad(purpose: KeyPurpose, rev: number): Buffer {
  return associatedData('key', purpose, rev);
}
