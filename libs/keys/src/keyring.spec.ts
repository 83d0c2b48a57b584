import { beforeEach, describe, expect, it } from 'vitest';
import type { Row, RowWrite } from '#authz';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { FakeCommitter } from '../../../test/support/fake-committer.ts';
import { FakeReader } from '../../../test/support/fake-reader.ts';
import { everyFlip } from '../../../test/support/flipped.ts';
import { SecretBytes } from '#crypto';
import { CertificateAuthority } from '#identity';
import { KeysError } from './errors.ts';
import { Keyring } from './keyring.ts';
import { createKeyring, loadKeyring } from './keyring-rows.ts';
import type { NamespaceKeys } from './namespace-keys.ts';
import { RootKey } from './root-key.ts';

const BROKEN = new KeysError('integrity_failed');
const SEALED = new KeysError('sealed');

const root = RootKey.create();
const clock = new FakeClock();
const { keyring, writes } = await createKeyring('acme.internal', clock, root);

let database: FakeCommitter;
let reader: FakeReader;

beforeEach(() => {
  database = new FakeCommitter();
  reader = new FakeReader(database);
  for (const write of writes) database.plant(asRow(write));
});

function asRow({ sealed, ...write }: RowWrite): Row {
  if (!sealed) throw new Error('this write removes its row');
  return { ...write, sealed };
}

function bodyRow(id: string, body: object, rev = 1): Row {
  return { kind: 'role', key: keyring.recordIndex('role', id), rev, sealed: keyring.sealRecord('role', id, rev, body) };
}

const roleOf = ({ role }: { role: string }) => role;

describe('the keys of a new server', () => {
  it('are seven rows that hold no key in the open', () => {
    expect(writes.map(({ key }) => key).sort()).toEqual(['audit', 'checkpoint', 'digest', 'index', 'issuing', 'record', 'token']);
    const stored = Buffer.concat(writes.map((write) => asRow(write).sealed)).toString('latin1');
    expect(stored).not.toContain('acme.internal');
  });

  it('come back from their rows', async () => {
    const row = bodyRow('readers', { role: 'readers' });
    const loaded = await loadKeyring(root, reader);
    expect(loaded.openFound(row, roleOf)).toEqual({ role: 'readers' });
    expect(loaded.log.signer.verifierKey).toBe(keyring.log.signer.verifierKey);
    expect(loaded.issuing).toEqual(keyring.issuing);
    expect(loaded.tokenHash('session', 'hfs_x')).toBe(keyring.tokenHash('session', 'hfs_x'));
  });

  it.each(writes.map(({ key }) => key))('do not load without %s, nor with it altered, nor with another in its place', async (key) => {
    const place = `key:${key}`;
    const row = await reader.find('key', key);
    if (!row) throw new Error('no such key');
    database.rows.delete(place);
    await expect(loadKeyring(root, reader)).rejects.toThrow(BROKEN);
    database.rows.set(place, { ...row, sealed: Buffer.concat([row.sealed, Buffer.of(0)]) });
    await expect(loadKeyring(root, reader)).rejects.toThrow(BROKEN);
    database.rows.set(place, { ...row, rev: 2 });
    await expect(loadKeyring(root, reader)).rejects.toThrow(BROKEN);
    const other = await reader.find('key', key === 'audit' ? 'token' : 'audit');
    if (!other) throw new Error('no such key');
    database.rows.set(place, { ...other, key });
    await expect(loadKeyring(root, reader)).rejects.toThrow(BROKEN);
  });

  it('do not load under another root key', async () => {
    await expect(loadKeyring(RootKey.create(), reader)).rejects.toThrow(BROKEN);
  });

  it('hold a CA of the trust domain and a log of this server alone', async () => {
    expect(new CertificateAuthority(keyring.issuing, clock).trustDomain).toBe('acme.internal');
    expect(keyring.log.signer.name).toMatch(/^acme\.internal\/[0-9a-f]{16}\/1$/);
    expect((await createKeyring('acme.internal', clock)).keyring.log.signer.name).not.toBe(keyring.log.signer.name);
  });
});

describe('a record', () => {
  it('lies under an index that differs by kind and tells nothing of the id', () => {
    expect(keyring.recordIndex('role', 'readers')).toMatch(/^[0-9a-f]{32}$/);
    expect(keyring.recordIndex('role', 'readers')).not.toBe(keyring.recordIndex('operator', 'readers'));
  });

  it('does not open as another record, kind or revision', () => {
    const row = bodyRow('readers', { role: 'readers' });
    expect(() => keyring.openFound({ ...row, key: keyring.recordIndex('role', 'writers') }, roleOf)).toThrow(BROKEN);
    expect(() => keyring.openFound({ ...row, kind: 'operator', key: keyring.recordIndex('operator', 'readers') }, roleOf)).toThrow(BROKEN);
    expect(() => keyring.openFound({ ...row, rev: 2 }, roleOf)).toThrow(BROKEN);
  });

  it('answers one and the same error for any flipped bit', () => {
    const row = bodyRow('readers', { role: 'readers' });
    for (const sealed of everyFlip(row.sealed)) expect(() => keyring.openFound({ ...row, sealed }, roleOf)).toThrow(BROKEN);
  });

  it('must lie where its own id belongs', () => {
    expect(() => keyring.openFound(bodyRow('readers', { role: 'writers' }), roleOf)).toThrow(BROKEN);
  });
});

describe('tokens, cursors and segment keys', () => {
  it('hash a token by its purpose', () => {
    expect(keyring.tokenHash('session', 'x')).toMatch(/^[0-9a-f]{64}$/);
    expect(keyring.tokenHash('session', 'x')).not.toBe(keyring.tokenHash('enrolment', 'x'));
  });

  it('bind a cursor to its query', () => {
    const cursor = keyring.sealCursor('prefix=a', 'position');
    expect(keyring.openCursor('prefix=a', cursor)).toBe('position');
    expect(() => keyring.openCursor('prefix=b', cursor)).toThrow(BROKEN);
    expect(() => keyring.openCursor('prefix=a', `${cursor}AAAA`)).toThrow(BROKEN);
    expect(() => keyring.openCursor('prefix=a', '')).toThrow(BROKEN);
  });

  it('bind a segment key to its segment', () => {
    const dek = SecretBytes.random(32);
    const wrapped = keyring.log.sealSegmentKey(7, dek);
    expect(keyring.log.openSegmentKey(7, wrapped).bytes).toEqual(dek.bytes);
    expect(() => keyring.log.openSegmentKey(8, wrapped)).toThrow(BROKEN);
  });
});

describe('a namespace', () => {
  const made = keyring.createNamespace('payments');
  const value = Buffer.from('{"password":"hunter2"}');

  it('is known once its row is committed, and again after the next load', async () => {
    expect(keyring.namespace('payments')).toBeUndefined();
    keyring.committed([made.write]);
    expect(keyring.namespace('payments')?.id).toBe(made.keys.id);
    database.plant(asRow(made.write));
    const loaded = await loadKeyring(root, reader);
    expect(loaded.namespaces().map(({ name }) => name)).toEqual(['payments']);
    expect(opened(loaded.namespace('payments'))).toEqual(value);
  });

  it('is forgotten when its row is removed', () => {
    const { write } = keyring.createNamespace('passing');
    keyring.committed([write]);
    const { kind, key } = write;
    keyring.committed([{ kind, key, rev: 2, sealed: null }]);
    expect(keyring.namespace('passing')).toBeUndefined();
  });

  it('does not load from a row that was moved', async () => {
    const row = asRow(made.write);
    database.plant({ ...row, key: keyring.recordIndex('namespace', 'other') });
    await expect(loadKeyring(root, reader)).rejects.toThrow(BROKEN);
  });

  it('puts its secrets under its id, each segment below its parent', () => {
    const { keys } = made;
    expect(keys.indexOf('payments')).toBe(keys.id);
    expect(keys.indexOf('payments/prod/db')).toMatch(new RegExp(`^${keys.indexOf('payments/prod')}/[0-9a-f]{32}$`));
    expect(keys.versionIndexOf('payments/prod/db', 12)).toBe(`${keys.indexOf('payments/prod/db')}/v0000000012`);
    expect(() => keys.indexOf('other/prod/db')).toThrow(BROKEN);
  });

  it('opens a value only as the path and version that it was sealed for', () => {
    const { keys } = made;
    const row = keys.sealVersion('payments/db', 3, value);
    expect(keys.openVersion('payments/db', 3, row)).toEqual(value);
    expect(() => keys.openVersion('payments/db', 4, row)).toThrow(BROKEN);
    expect(() => keys.openVersion('payments/web', 3, row)).toThrow(BROKEN);
    expect(() => keyring.createNamespace('payments').keys.openVersion('payments/db', 3, row)).toThrow(BROKEN);
    expect(() => keys.openVersion('payments/db', 3, { sealed: row.sealed })).toThrow(BROKEN);
    expect(keys.openVersion('payments/db', 3, row)).toEqual(value);
  });

  it('opens what another data key seals at the same place', () => {
    const { keys } = made;
    const [one, two] = [keys.sealVersion('payments/db', 3, value), keys.sealVersion('payments/db', 3, Buffer.from('another'))];
    for (const row of [one, two, one])
      expect(keys.openVersion('payments/db', 3, row)).toEqual(row === one ? value : Buffer.from('another'));
    expect(() => keys.openVersion('payments/db', 3, { ...one, sealed: two.sealed })).toThrow(BROKEN);
    expect(() => keys.openVersion('payments/db', 3, { ...one, wrapped: two.wrapped })).toThrow(BROKEN);
  });

  it('answers one and the same error for any flipped bit of a value, wrapped key or head', () => {
    const { keys } = made;
    const { wrapped, sealed } = keys.sealVersion('payments/db', 3, Buffer.from('v'));
    for (const altered of everyFlip(wrapped))
      expect(() => keys.openVersion('payments/db', 3, { wrapped: altered, sealed })).toThrow(BROKEN);
    for (const altered of everyFlip(sealed)) expect(() => keys.openVersion('payments/db', 3, { wrapped, sealed: altered })).toThrow(BROKEN);
    const head = headRow(keys, 'payments/db');
    for (const altered of everyFlip(head.sealed)) expect(() => keys.openHead('payments/db', { ...head, sealed: altered })).toThrow(BROKEN);
  });

  it('seals heads, before the namespace itself is committed too', () => {
    const { keys } = keyring.createNamespace('fresh');
    const row = headRow(keys, 'fresh/db');
    expect(keys.openHead('fresh/db', row)).toEqual({ path: 'fresh/db' });
    expect(keys.openFoundHead(row, ({ path }: { path: string }) => path)).toEqual({ path: 'fresh/db' });
    expect(() => keys.openHead('fresh/web', row)).toThrow(BROKEN);
    expect(() => keys.openFoundHead({ ...row, key: keys.indexOf('fresh/web') }, ({ path }: { path: string }) => path)).toThrow(BROKEN);
  });

  function opened(keys: NamespaceKeys | undefined): Buffer | undefined {
    return keys?.openVersion('payments/db', 1, made.keys.sealVersion('payments/db', 1, value));
  }

  function headRow(keys: NamespaceKeys, path: string): Row {
    return { kind: 'secret', key: keys.indexOf(path), rev: 1, sealed: keys.sealHead(path, 1, { path }) };
  }
});

describe('a wiped keyring', () => {
  it('says that the server is sealed, whatever is asked of it', async () => {
    const { keyring } = await createKeyring('acme.internal', clock);
    const { write, keys } = keyring.createNamespace('payments');
    const version = keys.sealVersion('payments/db', 1, Buffer.from('v'));
    const key = keyring.recordIndex('role', 'readers');
    const row = { kind: 'role', key, rev: 1, sealed: keyring.sealRecord('role', 'readers', 1, {}) } as const;
    keyring.committed([write]);
    const known = keyring.namespace('payments');
    known?.openVersion('payments/db', 1, version);
    keyring.wipe();
    expect(() => known?.openVersion('payments/db', 1, version)).toThrow(SEALED);
    expect(() => known?.indexOf('payments/db')).toThrow(SEALED);
    expect(() => keyring.openFound(row, () => 'readers')).toThrow(SEALED);
    expect(() => keyring.tokenHash('session', 'x')).toThrow(SEALED);
    expect(() => keyring.log.sealSegmentKey(1, SecretBytes.random(32))).toThrow(SEALED);
    expect(() => keyring.createNamespace('other')).toThrow(SEALED);
    expect(keyring.issuing.privateKeyPkcs8.every((byte) => byte === 0)).toBe(true);
    expect(keyring).toBeInstanceOf(Keyring);
  });
});
