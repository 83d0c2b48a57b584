import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argon2id, hash } from 'argon2';
import Database from 'better-sqlite3-multiple-ciphers';
import canonicalize from 'canonicalize';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aad, base64, bytesOf, derive, type Field, hmac, numberOf, openOnce, openXaes, sha256 } from '../support/format-reader.ts';
import { Installation } from '../support/installation.ts';
import { API } from '../support/loopback.ts';

const PASSPHRASE = 'written down, and read by nobody else';
const PATH = 'payments/prod/db';
const SECRET = { data: { password: 'p', username: 'app' } };
const AUTHORITY = [
  'key',
  'namespace',
  'role',
  'role-version',
  'deleted-role',
  'approval',
  'operator',
  'session',
  'enrolment',
  'revocation',
  'second-factor',
  'trust-bundle',
];
const ID_FIELD: Record<string, string> = {
  role: 'role',
  'deleted-role': 'role',
  operator: 'name',
  session: 'id',
  enrolment: 'id',
  namespace: 'name',
};

interface Row {
  readonly kind: string;
  readonly key: string;
  readonly rev: number;
  readonly wrapped: Buffer;
  readonly sealed: Buffer;
}

interface SlotFile {
  readonly rootFingerprint: string;
  readonly databaseKeys: readonly { readonly id: string; readonly wrapped: string }[];
  readonly slots: readonly Slot[];
  readonly mac: string;
}

interface Slot {
  readonly id: string;
  readonly kind: string;
  readonly params: { readonly memoryKiB: number; readonly passes: number; readonly lanes: number; readonly salt: string };
  readonly nonce: string;
  readonly wrapped: string;
}

interface NamespaceBody {
  readonly name: string;
  readonly id: string;
  readonly index: string;
  readonly keks: readonly { readonly version: number; readonly wrapped: string }[];
}

const canonical = (value: object): Buffer => Buffer.from(canonicalize(value) ?? '');
const parsed = <T>(bytes: Buffer): T => JSON.parse(bytes.toString());

describe('a data directory, read by docs/formats.md alone', () => {
  let directory: string;
  let file: SlotFile;
  let root: Buffer;
  let database: Database;
  const keys: Record<string, Buffer> = {};

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'holdfast-formats-'));
    {
      await using installation = await Installation.create(directory, { passphrase: PASSPHRASE });
      await installation.grant('writers', 'operator:admin', { allow: ['secret:write'], on: 'payments/**' });
      await installation.grant('once', 'operator:admin', { allow: ['secret:list'], on: 'payments/**' });
      await installation.admin().must('DELETE', `${API}/roles/once`);
      await installation.admin().must('PUT', `${API}/secrets/${PATH}`, SECRET);
      await installation.admin().must('POST', `${API}/enrolments`, { spiffeId: 'spiffe://acme.internal/app' });
    }
    file = parsed(readFileSync(join(directory, 'data/slots.json')));
    root = await openSlot(slotOf('passphrase'), PASSPHRASE);
    database = openDatabase();
    for (const { key, rev, sealed } of rows('key')) keys[key] = openXaes(root, aad('key', key, rev), sealed);
  });

  afterAll(async () => {
    database?.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('names its root key and vouches for the slot file with it', () => {
    const { mac, ...rest } = file;
    expect(sha256(derive(root, 'fingerprint')).toString('hex').slice(0, 16)).toBe(file.rootFingerprint);
    expect(hmac(derive(root, 'slot-file'), canonical(rest)).toString('base64')).toBe(mac);
  });

  it('opens by the key file too', () => {
    const key = base64(readFileSync(join(directory, 'unseal.key'), 'utf8'));
    expect(openXaes(key, slotAad(slotOf('file')), slotBytes(slotOf('file')))).toEqual(root);
  });

  it('keeps every record where its own id belongs', () => {
    const found = Object.entries(ID_FIELD).map(([kind, field]) => {
      const some = rows(kind);
      for (const row of some) expect(recordIndex(kind, openRecord<Record<string, string>>(row)[field] ?? '')).toBe(row.key);
      return [kind, some.length > 0];
    });
    expect(found).toEqual(Object.keys(ID_FIELD).map((kind) => [kind, true]));
  });

  it('holds the value at its blind index, under its data key', () => {
    const { id, index, keks } = openRecord<NamespaceBody>(rows('namespace')[0]);
    const place = blindIndex(id, openXaes(root, aad('namespace-index', id), base64(index)));
    const { wrapped, sealed } = rows('secret-version', `${place}/v0000000001`)[0] ?? { wrapped: Buffer.alloc(0), sealed: Buffer.alloc(0) };
    const kek = openXaes(root, aad('namespace-kek', id, 1), base64(keks[0]?.wrapped ?? ''));
    const value = aad('secret-version', id, PATH, 1);
    const dataKey = openXaes(kek, aad('data-key', value, wrapped.readUInt32BE(1)), wrapped.subarray(5));
    expect([wrapped.length, wrapped[0]]).toEqual([77, 1]);
    expect(openOnce(dataKey, value, sealed)).toEqual(canonical(SECRET));
    expect(openRecord<{ path: string }>(rows('secret', place)[0]).path).toBe(PATH);
  });

  it('holds a log whose last row says what the authority is and how large the tree', () => {
    const log = database
      .prepare<[], { first_index: number; count: number; segment: number; sealed: Buffer }>(
        'SELECT * FROM audit_batch ORDER BY first_index',
      )
      .all();
    const frames = log.map(({ first_index: first, count, segment, sealed }) =>
      readFrame(openXaes(segmentKey(segment), aad('audit-batch', segment, first, count), sealed)),
    );
    expect(frames.map(({ entries }) => entries.length)).toEqual(log.map(({ count }) => count));
    const size = frames.reduce((sum, { entries }) => sum + entries.length, 0);
    expect(frames.at(-1)?.roots).toBe(size.toString(2).replaceAll('0', '').length);
    expect(frames.at(-1)?.authority).toEqual(setDigest());
  });

  const slotOf = (kind: string): Slot => file.slots.find((slot) => slot.kind === kind) ?? expect.fail(`no slot ${kind}`);
  const slotBytes = ({ nonce, wrapped }: Slot): Buffer => Buffer.concat([base64(nonce), base64(wrapped)]);
  const slotAad = ({ id, kind, params }: Slot): Buffer => aad('slot', file.rootFingerprint, id, kind, canonical(params));

  async function openSlot(slot: Slot, passphrase: string): Promise<Buffer> {
    const { memoryKiB: memoryCost, passes: timeCost, lanes: parallelism, salt } = slot.params;
    const cost = {
      type: argon2id,
      version: 0x13,
      hashLength: 32,
      memoryCost,
      timeCost,
      parallelism,
      salt: base64(salt),
      raw: true,
    } as const;
    return openXaes(await hash(passphrase.normalize('NFKC'), cost), slotAad(slot), slotBytes(slot));
  }

  function openDatabase(): Database {
    const { id, wrapped } = file.databaseKeys[0] ?? { id: '', wrapped: '' };
    const opened = new Database(join(directory, 'data/holdfast.db'));
    opened.pragma("cipher = 'aegis'");
    opened.pragma("algorithm = 'aegis-256'");
    opened.key(Buffer.concat([Buffer.from('raw:'), openXaes(root, aad('database-key', id), base64(wrapped))]));
    return opened;
  }

  function rows(kind: string, key?: string): Row[] {
    const some = database.prepare<[string], Row>('SELECT * FROM record WHERE kind = ?').all(kind);
    return key === undefined ? some : some.filter((row) => row.key === key);
  }

  const keyOf = (purpose: string): Buffer => keys[purpose] ?? Buffer.alloc(0);
  const shortened = (key: Buffer, ...fields: readonly Field[]): string => hmac(key, aad(...fields)).toString('hex').slice(0, 32); // prettier-ignore
  const recordIndex = (kind: string, id: string): string => shortened(keyOf('index'), 'record-index', kind, id);

  function openRecord<T>(row: Row | undefined): T {
    if (row === undefined) return expect.fail('no such row');
    return parsed<T>(openXaes(keyOf('record'), aad('record', row.kind, row.key, row.rev), row.sealed));
  }

  function blindIndex(id: string, key: Buffer): string {
    const segments = PATH.split('/').slice(1);
    return [id, ...segments.map((_, at) => shortened(key, 'blind-index', ...segments.slice(0, at + 1)))].join('/');
  }

  function segmentKey(id: number): Buffer {
    const row = database.prepare<[number], { wrapped: Buffer }>('SELECT wrapped FROM audit_segment WHERE id = ?').get(id);
    return openXaes(keyOf('audit'), aad('segment-key', id), row?.wrapped ?? Buffer.alloc(0));
  }

  function setDigest(): Buffer {
    const elements = AUTHORITY.flatMap((kind) => rows(kind)).map(({ kind, key, rev, sealed }) =>
      aad('authority', kind, key, rev, sha256(sealed)),
    );
    const sum = elements.reduce((total, element) => total + numberOf(hmac(keyOf('digest'), element)), 0n);
    return bytesOf(BigInt.asUintN(256, sum), 32);
  }
});

/** `01 ‖ roots (1) ‖ frontier (32 × roots) ‖ authority (32) ‖ ( length (4) ‖ entry )…` */
function readFrame(frame: Buffer): { roots: number; authority: Buffer; entries: Buffer[] } {
  const roots = frame[1] ?? 0;
  const authority = frame.subarray(2 + 32 * roots, 34 + 32 * roots);
  const entries: Buffer[] = [];
  for (let at = 34 + 32 * roots; at < frame.length; at += 4 + frame.readUInt32BE(at))
    entries.push(frame.subarray(at + 4, at + 4 + frame.readUInt32BE(at)));
  return { roots, authority, entries };
}
