import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Database from 'better-sqlite3-multiple-ciphers';
import { NamespaceKeys } from '#keys';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { flipped } from '../support/flipped.ts';
import { judge, type Place, putRow, rowsOf, type SecretPath, type StoredRow, UntrustedWorld } from './untrusted-world.ts';

/** Somebody who has the database's key, and so may write any row, alters one and starts the server again. */

let directory: string;
let world: UntrustedWorld;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-'));
  world = await UntrustedWorld.create(directory);
});

afterAll(() => rmSync(directory, { recursive: true }));

/** A version that was destroyed is refused whatever else is. */
const ALWAYS_REFUSED = 'shop/gone@1: version_unavailable';

describe('a database that nobody has touched', () => {
  it('opens, and tells the truth', async () => {
    const verdict = await judge(world.copy());
    expect(verdict).toEqual({
      state: 'unsealed',
      reasons: [],
      lies: [],
      refused: [ALWAYS_REFUSED],
      recorded: ['shop/gone: version_unavailable'],
      logVerifies: true,
    });
  });

  it('does so as well after whoever has the key has read all of it', async () => {
    const verdict = await judge(world.altered((handle) => void rowsOf(handle)));
    expect(verdict).toMatchObject({ state: 'unsealed', lies: [], refused: [ALWAYS_REFUSED], logVerifies: true });
  });
});

describe('this test', () => {
  it('sees a server that gives out what was not asked for', async () => {
    const value = Buffer.from('{"data":{"value":"CANARY-shop-api-1"}}');
    using opening = vi.spyOn(NamespaceKeys.prototype, 'openVersion').mockImplementation(() => Buffer.from(value));
    const { lies } = await judge(world.copy());
    expect(opening).toHaveBeenCalled();
    expect(lies).toEqual([
      'shop/db@: 200',
      'shop/db@1: 200',
      'shop/db@2: 200',
      'shop/gone@: 200',
      'shop/gone@2: 200',
      'bank/db@: 200',
      'bank/db@1: 200',
      'bundle@: 200',
    ]);
  });
});

describe('what decides who may do what', () => {
  const KINDS = ['key', 'namespace', 'role', 'operator', 'session', 'enrolment', 'revocation', 'second-factor', 'trust-bundle'] as const;
  const ALTERATIONS: Readonly<Record<string, (handle: Database, row: StoredRow, other: StoredRow) => void>> = {
    'with one bit flipped': (handle, row) => putRow(handle, { ...row, sealed: flipped(row.sealed, 200) }),
    'cut short by a byte': (handle, row) => putRow(handle, { ...row, sealed: row.sealed.subarray(1) }),
    'that is empty': (handle, row) => putRow(handle, { ...row, sealed: Buffer.alloc(0) }),
    'at the next revision': (handle, row) => putRow(handle, { ...row, rev: row.rev + 1 }),
    'with the bytes of another': (handle, row, { sealed }) => putRow(handle, { ...row, sealed }),
    'swapped with another': (handle, row, other) => swap(handle, row, other),
    'that is removed': (handle, row) => remove(handle, row),
    'copied to a second place': (handle, row) => putRow(handle, { ...row, key: elsewhere(row) }),
    'moved to another place': (handle, row) => {
      remove(handle, row);
      putRow(handle, { ...row, key: elsewhere(row) });
    },
  };
  const CASES = KINDS.flatMap((kind) => Object.entries(ALTERATIONS).map(([alteration, alter]) => ({ kind, alteration, alter })));

  it.each(CASES)('a row of kind $kind $alteration: the server stays sealed', async ({ kind, alter }) => {
    const copy = world.altered((handle) => {
      const [row, other] = rowsOf(handle, kind);
      const [stranger] = rowsOf(handle, kind === 'role' ? 'operator' : 'role');
      if (row === undefined || stranger === undefined) throw new Error(`there is no row of kind ${kind}`);
      alter(handle, row, other ?? stranger);
    });
    await expectSealed(copy, /^(integrity_failed|authority_rolled_back|log_damaged)$/);
  });

  it.each(['role', 'session', 'enrolment', 'revocation'])(
    'a row of kind %s brought back as it was: the server stays sealed',
    async (kind) => {
      const copy = world.altered((handle) => {
        const now = new Map(rowsOf(handle, kind).map((row) => [row.key, row.rev]));
        const before = world.earlier.find((row) => row.kind === kind && now.get(row.key) !== row.rev);
        if (before === undefined) throw new Error(`no row of kind ${kind} has changed`);
        putRow(handle, before);
      });
      await expectSealed(copy, /^authority_rolled_back$/);
    },
  );
});

describe('a secret', () => {
  const HEAD_OF_SHOP_DB = ['shop/db', 'shop/db@1', 'shop/db@2', 'bundle'];
  const NEWEST_OF_SHOP_DB = ['shop/db', 'shop/db@2'];
  const ALL_OF_SHOP_DB = ['shop/db', 'shop/db@1', 'shop/db@2'];
  type Names = readonly string[];
  type Alter = (handle: Database) => void;

  it.each<[string, Names, Alter]>([
    ['that has the bytes of another in its namespace', HEAD_OF_SHOP_DB, overwrite('shop/db', 'shop/api')],
    ['that has the bytes of one in another namespace', HEAD_OF_SHOP_DB, overwrite('shop/db', 'bank/db')],
    ['that is swapped with another in its namespace', [...HEAD_OF_SHOP_DB, 'shop/api', 'shop/api@1'], exchange('shop/db', 'shop/api')],
    ['that is swapped with one in another namespace', [...HEAD_OF_SHOP_DB, 'bank/db', 'bank/db@1'], exchange('shop/db', 'bank/db')],
    ['with one bit flipped', HEAD_OF_SHOP_DB, at('shop/db', (row) => ({ ...row, sealed: flipped(row.sealed, 300) }))],
    ['cut short by a byte', HEAD_OF_SHOP_DB, at('shop/db', (row) => ({ ...row, sealed: row.sealed.subarray(0, -1) }))],
    ['that is empty', HEAD_OF_SHOP_DB, at('shop/db', (row) => ({ ...row, sealed: Buffer.alloc(0) }))],
    ['at the next revision', HEAD_OF_SHOP_DB, at('shop/db', (row) => ({ ...row, rev: row.rev + 1 }))],
    ['at the revision before', HEAD_OF_SHOP_DB, at('shop/db', (row) => ({ ...row, rev: row.rev - 1 }))],
    ['whose destroyed version its old head remembers', ['shop/gone@1'], (handle) => putRow(handle, earlierOf('shop/gone'))],
  ])('%s is refused', (_what, names, alter) => expectRefused(alter, names, 'integrity_failed'));

  it('that is removed is not found, and nothing else is missing', () =>
    expectRefused((handle) => remove(handle, world.placeOf('shop/db')), ALL_OF_SHOP_DB, 'not_found'));

  it('that is copied to a place of its own spoils what looks through all of them, and is shown by none', () =>
    expectRefused(
      at('shop/db', (row) => ({ ...row, key: elsewhere(row) })),
      ['bundle'],
      'integrity_failed',
    ));

  it.each<[string, Names, Alter]>([
    ['bytes of the version before', NEWEST_OF_SHOP_DB, replace('shop/db', 1, ['sealed'])],
    ['wrapped key of the version before', NEWEST_OF_SHOP_DB, replace('shop/db', 1, ['wrapped'])],
    ['bytes and wrapped key of the version before', NEWEST_OF_SHOP_DB, replace('shop/db', 1, ['sealed', 'wrapped'])],
    ['bytes of another secret', NEWEST_OF_SHOP_DB, replace('shop/api', 1, ['sealed'])],
    ['wrapped key of another secret', NEWEST_OF_SHOP_DB, replace('shop/api', 1, ['wrapped'])],
    ['bytes and wrapped key of another secret', NEWEST_OF_SHOP_DB, replace('shop/api', 1, ['sealed', 'wrapped'])],
    ['bytes of a secret in another namespace', NEWEST_OF_SHOP_DB, replace('bank/db', 1, ['sealed'])],
    ['wrapped key of a secret in another namespace', NEWEST_OF_SHOP_DB, replace('bank/db', 1, ['wrapped'])],
    ['bytes and wrapped key of a secret in another namespace', NEWEST_OF_SHOP_DB, replace('bank/db', 1, ['sealed', 'wrapped'])],
    ['bytes with one bit flipped', NEWEST_OF_SHOP_DB, atNewest((row) => ({ ...row, sealed: flipped(row.sealed, 120) }))],
    ['bytes cut short', NEWEST_OF_SHOP_DB, atNewest((row) => ({ ...row, sealed: row.sealed.subarray(0, -1) }))],
    ['bytes that are none', NEWEST_OF_SHOP_DB, atNewest((row) => ({ ...row, sealed: Buffer.alloc(0) }))],
    ['wrapped key with one bit flipped', NEWEST_OF_SHOP_DB, atNewest((row) => ({ ...row, wrapped: flipped(wrappedOf(row), 400) }))],
    ['wrapped key that claims another KEK', NEWEST_OF_SHOP_DB, atNewest((row) => ({ ...row, wrapped: flipped(wrappedOf(row), 32) }))],
    ['wrapped key of another format', NEWEST_OF_SHOP_DB, atNewest((row) => ({ ...row, wrapped: flipped(wrappedOf(row), 1) }))],
    ['wrapped key taken away', NEWEST_OF_SHOP_DB, atNewest((row) => ({ ...row, wrapped: null }))],
    ['whole row taken away', NEWEST_OF_SHOP_DB, (handle) => remove(handle, world.placeOf('shop/db', 2))],
  ])('whose newest version has the %s is refused', (_what, names, alter) => expectRefused(alter, names, 'integrity_failed'));

  it.each<[string, Names, Alter]>([
    ['two versions', ALL_OF_SHOP_DB, exchange('shop/db', 'shop/db', 1)],
    ['versions of two secrets', [...NEWEST_OF_SHOP_DB, 'shop/api', 'shop/api@1'], exchange('shop/db', 'shop/api', 1)],
    ['versions in two namespaces', [...NEWEST_OF_SHOP_DB, 'bank/db', 'bank/db@1'], exchange('shop/db', 'bank/db', 1)],
  ])('%s that are swapped are both refused', (_what, names, alter) => expectRefused(alter, names, 'integrity_failed'));

  it('whose destroyed version is brought back still does not have it', () =>
    expectRefused((handle) => putRow(handle, earlierOf('shop/gone', 1)), [], ''));

  it('keeps its value when only the counter of a version is changed, which a rewrap moves too', () =>
    expectRefused(
      atNewest((row) => ({ ...row, rev: row.rev + 1 })),
      [],
      '',
    ));
});

describe('the log', () => {
  const LAST = '(SELECT max(first_index) FROM audit_batch)';
  const SECOND = '(SELECT min(first_index) FROM audit_batch WHERE first_index > 0)';
  const THIRD = `(SELECT min(first_index) FROM audit_batch WHERE first_index > ${SECOND})`;

  it.each([
    ['whose last entries are removed', `DELETE FROM audit_batch WHERE first_index = ${LAST}`],
    ['that is emptied', 'DELETE FROM audit_batch'],
    ['whose last entries are altered', `UPDATE audit_batch SET sealed = zeroblob(length(sealed)) WHERE first_index = ${LAST}`],
    [
      'whose last entries are older ones',
      `UPDATE audit_batch SET sealed = (SELECT sealed FROM audit_batch WHERE first_index = 0) WHERE first_index = ${LAST}`,
    ],
    ['whose last entries say that they are fewer', `UPDATE audit_batch SET first_index = first_index + 1 WHERE first_index = ${LAST}`],
    ['whose last entries say that they are more', `UPDATE audit_batch SET count = count + 1 WHERE first_index = ${LAST}`],
    ['whose last entries are of another segment', `UPDATE audit_batch SET segment = segment - 1 WHERE first_index = ${LAST}`],
    ['without its segments', 'PRAGMA foreign_keys = OFF; DELETE FROM audit_segment'],
    ["whose segments all have the first one's key", 'UPDATE audit_segment SET wrapped = (SELECT wrapped FROM audit_segment WHERE id = 1)'],
    ['whose segments have altered keys', 'UPDATE audit_segment SET wrapped = zeroblob(length(wrapped))'],
    [
      'whose last checkpoint is an older one',
      `UPDATE audit_checkpoint SET note = (SELECT note FROM audit_checkpoint ORDER BY size LIMIT 1) WHERE size = (SELECT max(size) FROM audit_checkpoint)`,
    ],
    [
      'whose last checkpoint is altered',
      `UPDATE audit_checkpoint SET note = replace(note, '/', '+') WHERE size = (SELECT max(size) FROM audit_checkpoint)`,
    ],
    [
      'whose last checkpoint is for more',
      `UPDATE audit_checkpoint SET size = size + 1 WHERE size = (SELECT max(size) FROM audit_checkpoint)`,
    ],
    ['that is older than the roles', `DELETE FROM audit_checkpoint; DELETE FROM audit_batch WHERE first_index > ${THIRD}`],
    [
      'without a checkpoint and with an altered entry',
      `DELETE FROM audit_checkpoint; UPDATE audit_batch SET sealed = zeroblob(9) WHERE first_index = ${THIRD}`,
    ],
  ])('%s keeps the server sealed', (_what, sql) =>
    expectSealed(
      world.altered((handle) => unguarded(handle, sql)),
      /^(log_damaged|log_behind_checkpoint|authority_rolled_back)$/,
    ),
  );

  it.each([
    ['with an entry removed', `DELETE FROM audit_batch WHERE first_index = ${SECOND}`],
    ['with an entry altered', `UPDATE audit_batch SET sealed = zeroblob(length(sealed)) WHERE first_index = ${SECOND}`],
    [
      'with an entry twice',
      `UPDATE audit_batch SET sealed = (SELECT sealed FROM audit_batch WHERE first_index = ${THIRD}) WHERE first_index = ${SECOND}`,
    ],
  ])('%s long ago is not given out as if it were whole', async (_what, sql) => {
    const verdict = await judge(world.altered((handle) => unguarded(handle, sql)));
    expect(verdict).toMatchObject({ state: 'unsealed', lies: [], refused: [ALWAYS_REFUSED], logVerifies: false });
  });
});

describe('the schema', () => {
  it.each([
    ['a trigger that swallows entries', 'CREATE TRIGGER x BEFORE INSERT ON audit_batch BEGIN SELECT RAISE(IGNORE); END'],
    [
      'a trigger that takes entries back',
      'DROP TRIGGER audit_batch_refuses_delete; CREATE TRIGGER x AFTER INSERT ON audit_batch BEGIN DELETE FROM audit_batch WHERE first_index = NEW.first_index; END',
    ],
    ['a trigger that swallows changes', 'CREATE TRIGGER x BEFORE INSERT ON record BEGIN SELECT RAISE(IGNORE); END'],
    [
      'a trigger that brings removed rows back',
      'CREATE TRIGGER x AFTER DELETE ON record BEGIN INSERT INTO record VALUES (OLD.kind, OLD.key, OLD.rev, OLD.wrapped, OLD.sealed); END',
    ],
    ['no guard of the log', 'DROP TRIGGER audit_batch_refuses_update'],
    [
      'a guard of the log that guards nothing',
      'DROP TRIGGER audit_batch_refuses_delete; CREATE TRIGGER audit_batch_refuses_delete BEFORE DELETE ON audit_batch BEGIN SELECT 1; END',
    ],
    ['a view in the place of a table', 'ALTER TABLE record RENAME TO hidden; CREATE VIEW record AS SELECT * FROM hidden'],
    ['a table more', 'CREATE TABLE spare (value BLOB)'],
    ['a table less', 'DROP TABLE audit_checkpoint'],
    ['an index more', 'CREATE INDEX spare ON record (rev)'],
    ['a migration that this release does not know', "INSERT INTO migration (timestamp, name) VALUES (1800000000000, 'Next1800000000000')"],
  ])('with %s keeps the server sealed', (_what, sql) =>
    expectSealed(
      world.altered((handle) => handle.exec(sql)),
      /^(database_altered|database_newer)$/,
    ),
  );
});

async function expectSealed(copy: ReturnType<UntrustedWorld['copy']>, reason: RegExp): Promise<void> {
  const { state, reasons, lies, refused } = await judge(copy);
  expect({ state, lies }).toEqual({ state: 'sealed', lies: [] });
  expect(new Set(refused.map((each) => each.split(': ')[1]))).toEqual(new Set(['sealed']));
  expect(reasons).toEqual([expect.stringMatching(reason)]);
}

async function expectRefused(alter: (handle: Database) => void, names: readonly string[], code: string): Promise<void> {
  const { state, lies, refused, recorded, logVerifies } = await judge(world.altered(alter));
  expect({ state, lies, logVerifies }).toEqual({ state: 'unsealed', lies: [], logVerifies: true });
  expect(new Set(refused)).toEqual(
    new Set([...(names.includes('shop/gone@1') ? [] : [ALWAYS_REFUSED]), ...names.map((name) => `${name}: ${code}`)]),
  );
  const paths = names.map((name) => (name === 'bundle' ? '**' : name.replace(/@\d+$/, '')));
  expect(recorded).toEqual(expect.arrayContaining(paths.map((path) => `${path}: ${code}`)));
}

function find(handle: Database, { kind, key }: Place): StoredRow {
  const row = rowsOf(handle, kind).find((each) => each.key === key);
  if (row === undefined) throw new Error('there is no such row');
  return row;
}

function remove(handle: Database, { kind, key }: Place): void {
  handle.prepare('DELETE FROM record WHERE kind = ? AND key = ?').run(kind, key);
}

/** Each gets what the other one holds. */
function swap(handle: Database, one: StoredRow, other: StoredRow): void {
  putRow(handle, { ...one, sealed: other.sealed, wrapped: other.wrapped });
  putRow(handle, { ...other, sealed: one.sealed, wrapped: one.wrapped });
}

/** A place beside the row's own that nothing lies at. */
function elsewhere({ key }: Place): string {
  return key.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'));
}

function earlierOf(path: SecretPath, version?: number): StoredRow {
  const { kind, key } = world.placeOf(path, version);
  const row = world.earlier.find((each) => each.kind === kind && each.key === key);
  if (row === undefined) throw new Error('there was no such row');
  return row;
}

function at(path: SecretPath, alter: (row: StoredRow) => StoredRow) {
  return (handle: Database): void => putRow(handle, alter(find(handle, world.placeOf(path))));
}

function atNewest(alter: (row: StoredRow) => StoredRow) {
  return (handle: Database): void => putRow(handle, alter(find(handle, world.placeOf('shop/db', 2))));
}

function overwrite(path: SecretPath, by: SecretPath) {
  return (handle: Database): void => at(path, (row) => ({ ...row, sealed: find(handle, world.placeOf(by)).sealed }))(handle);
}

/** The newest version of `shop/db` gets these columns of another version. */
function replace(path: SecretPath, version: number, columns: readonly ('sealed' | 'wrapped')[]) {
  return (handle: Database): void => {
    const source = find(handle, world.placeOf(path, version));
    atNewest((row) => ({ ...row, ...Object.fromEntries(columns.map((column) => [column, source[column]])) }))(handle);
  };
}

/** Swaps two heads, or the newest version of the one with a version of the other. */
function exchange(one: SecretPath, other: SecretPath, version?: number) {
  return (handle: Database): void =>
    swap(handle, find(handle, world.placeOf(one, version && 2)), find(handle, world.placeOf(other, version)));
}

function wrappedOf({ wrapped }: StoredRow): Buffer {
  if (wrapped === null) throw new Error('the row has no wrapped key');
  return wrapped;
}

/** Takes the log's guards away, and puts them back as they were. */
function unguarded(handle: Database, sql: string): void {
  const guards = handle.prepare<[], { name: string; sql: string }>("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").all();
  for (const { name } of guards) handle.exec(`DROP TRIGGER ${name}`);
  handle.exec(sql);
  for (const guard of guards) handle.exec(guard.sql);
}
