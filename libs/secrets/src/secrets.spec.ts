import { describe, expect, it } from 'vitest';
import { operator, workload } from '../../../test/support/callers.ts';
import { secretOperations } from '../../../test/support/secret-operations.ts';

const admin = operator('admin');
const api = workload('spiffe://acme.internal/api');
const request = { id: 'r1', peer: '10.0.0.1' };
const roles = [
  { role: 'all', rules: [{ allow: ['secret:*'], on: '**' }], bind: ['operator:admin'] },
  {
    role: 'api',
    rules: [{ allow: ['secret:read', 'secret:write', 'secret:describe'], on: 'app/**' }],
    bind: [api.id],
  },
] as const;
const PATH = 'app/prod/db';

const setUp = () => secretOperations(roles);
type Operations = Awaited<ReturnType<typeof setUp>>;

/** Writes versions of one secret, each with its number as its value. */
async function writeVersions({ write, clock }: Operations, count: number): Promise<void> {
  for (let version = 1; version <= count; version++) {
    clock.advance(1_000);
    await write.perform(admin, request, PATH, { data: { n: String(version) } });
  }
}

async function readData({ read }: Operations, version?: number): Promise<unknown> {
  const { value } = await read.perform(admin, request, PATH, version);
  return JSON.parse(value.bytes.toString()).data;
}

describe('writing', () => {
  it('makes a version that can be read back', async () => {
    const operations = await setUp();
    const input = { data: { user: 'app', key: 'AA==' }, binary: ['key'], labels: { tier: 'web' }, expiresAt: '2027-01-01T01:00:00+01:00' };
    const written = await operations.write.perform(admin, request, PATH, input);
    expect(written).toEqual({ path: PATH, version: 1, createdAt: '2026-12-01T12:00:00.000Z' });
    const { value, ...known } = await operations.read.perform(admin, request, PATH);
    expect(JSON.parse(value.bytes.toString())).toEqual({ data: input.data, binary: ['key'] });
    expect(known).toEqual({
      ...written,
      labels: { tier: 'web' },
      createdBy: 'operator:admin',
      expiresAt: '2027-01-01T00:00:00.000Z',
      etag: '"1.1"',
    });
  });

  it('keeps 1,000 versions, and more only when some are destroyed', async () => {
    const operations = await setUp();
    await writeVersions(operations, 1_000);
    const write = (): Promise<unknown> => operations.write.perform(admin, request, PATH, { data: {} });
    await expect(write()).rejects.toMatchObject({ code: 'conflict', hint: 'it has 1,000 versions; destroy some first' });
    await expect(operations.patch.perform(admin, request, PATH, { data: {} })).rejects.toMatchObject({ code: 'conflict' });
    await operations.destroy.perform(admin, request, PATH, [1]);
    expect(await write()).toMatchObject({ version: 1_001 });
    await expect(write()).rejects.toMatchObject({ code: 'conflict' });
  });

  it('keeps the labels when it brings none', async () => {
    const { write, read } = await setUp();
    await write.perform(admin, request, PATH, { data: {}, labels: { tier: 'web' } });
    await write.perform(api, request, PATH, { data: {} });
    expect(await read.perform(api, request, PATH)).toMatchObject({ version: 2, labels: { tier: 'web' }, createdBy: api.id });
  });

  it('of labels wants the right to label too, and changes nothing without it', async () => {
    const { write, committer } = await setUp();
    await expect(write.perform(api, request, PATH, { data: {}, labels: {} })).rejects.toMatchObject({ code: 'denied' });
    expect(committer.rows.size).toBe(0);
    expect(committer.entries).toMatchObject([{ action: 'secret:write', resource: PATH, outcome: 'denied' }]);
  });

  it('lets exactly one of many win the same version', async () => {
    const { write, committer, versions } = await setUp();
    const racing = Array.from({ length: 20 }, () => write.perform(admin, request, PATH, { data: {}, ifVersion: 0 }));
    const results = await Promise.allSettled(racing);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await versions.perform(admin, request, PATH)).current).toBe(1);
    expect(committer.entries.filter(({ outcome }) => outcome === 'failed')).toMatchObject([{ code: 'conflict' }]);
  });

  it('loses none of many that race without a condition, and makes one namespace', async () => {
    const { write, committer, versions } = await setUp();
    await Promise.all(Array.from({ length: 20 }, () => write.perform(admin, request, PATH, { data: {} })));
    expect((await versions.perform(admin, request, PATH)).versions.map(({ version }) => version)).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
    expect([...committer.rows.keys()].filter((key) => key.startsWith('namespace:'))).toHaveLength(1);
  });

  it.each([
    [{ data: { 'a b': 'x' } }, 'invalid_data'],
    [{ data: {}, labels: { 'a b': 'x' } }, 'invalid_data'],
    [{ data: {}, expiresAt: '2026-12-01T12:00:00Z' }, 'invalid_data'],
    [{ data: {}, ifVersion: 3 }, 'conflict'],
  ])('refuses %j', async (input, code) => {
    const { write, committer } = await setUp();
    await expect(write.perform(admin, request, PATH, input)).rejects.toMatchObject({ code });
    expect(committer.rows.size).toBe(0);
    expect(committer.entries).toMatchObject([{ outcome: 'failed', code }]);
  });

  it('refuses the reserved namespace', async () => {
    const { write } = await setUp();
    await expect(write.perform(admin, request, 'root/x', { data: {} })).rejects.toMatchObject({ code: 'reserved_namespace' });
  });

  it('stores neither a name nor a value in clear', async () => {
    const { write, committer } = await setUp();
    await write.perform(admin, request, 'app/CANARY-name', { data: { CANARY: 'CANARY-value' }, labels: { 'CANARY-l': 'CANARY-v' } });
    const stored = [...committer.rows.values()].flatMap(({ key, sealed, wrapped }) => [key, sealed.toString(), wrapped?.toString() ?? '']);
    expect(stored.filter((text) => text.includes('CANARY'))).toEqual([]);
  });
});

describe('reading', () => {
  it('is recorded as released, with the version', async () => {
    const operations = await setUp();
    await writeVersions(operations, 2);
    expect(await readData(operations)).toEqual({ n: '2' });
    expect(await readData(operations, 1)).toEqual({ n: '1' });
    expect(operations.committer.entries.slice(2)).toMatchObject([
      { action: 'secret:read', resource: PATH, version: 2, outcome: 'released', rule: 'all#0' },
      { action: 'secret:read', resource: PATH, version: 1, outcome: 'released' },
    ]);
  });

  it.each([
    ['app/none', undefined, 'not_found'],
    ['none/none', undefined, 'not_found'],
    [PATH, 9, 'version_unavailable'],
    [PATH, 0, 'version_unavailable'],
  ])('of %s %s is %s', async (path, version, code) => {
    const operations = await setUp();
    await writeVersions(operations, 1);
    await expect(operations.read.perform(admin, request, path, version)).rejects.toMatchObject({ code });
  });

  it('of what the caller may not read is denied, whether it exists or not', async () => {
    const operations = await setUp();
    await operations.write.perform(admin, request, 'other/db', { data: {} });
    await operations.write.perform(admin, request, 'other/gone', { data: {} });
    await operations.remove.perform(admin, request, 'other/gone');
    for (const path of ['other/db', 'other/gone', 'other/none']) {
      await expect(operations.read.perform(api, request, path)).rejects.toMatchObject({ code: 'denied' });
    }
  });

  it('of what is no path is recorded as refused, without the text', async () => {
    const { read, committer } = await setUp();
    await expect(read.perform(api, request, 'app/../other/db')).rejects.toMatchObject({ code: 'invalid_path' });
    expect(committer.entries).toMatchObject([{ action: 'secret:read', resource: '', outcome: 'refused', code: 'invalid_path' }]);
  });

  it('ends with the expiry', async () => {
    const operations = await setUp();
    await operations.write.perform(admin, request, PATH, { data: {}, expiresAt: '2026-12-01T12:01:00Z' });
    await readData(operations);
    operations.clock.advance(60_000);
    await expect(readData(operations)).rejects.toMatchObject({ code: 'version_unavailable', hint: 'it has expired' });
  });

  it.each(['secret', 'secret-version'] as const)('does not open a %s row that was moved', async (kind) => {
    const operations = await setUp();
    const { write, committer, read } = operations;
    await write.perform(admin, request, 'app/one', { data: { value: 'one' } });
    await write.perform(admin, request, 'app/two', { data: { value: 'two' } });
    const [one, two] = [...committer.rows.values()].filter((row) => row.kind === kind);
    expect(one?.key).not.toBe(two?.key);
    if (one && two) committer.plant({ ...two, key: one.key });
    await expect(read.perform(admin, request, 'app/one')).rejects.toMatchObject({ code: 'integrity_failed' });
    expect(committer.entries.at(-1)).toMatchObject({ outcome: 'failed', code: 'integrity_failed' });
  });

  it('does not open an older version in the place of a newer one', async () => {
    const operations = await setUp();
    await writeVersions(operations, 2);
    const [old, young] = [...operations.committer.rows.values()].filter((row) => row.kind === 'secret-version');
    if (old && young) operations.committer.plant({ ...old, key: young.key });
    await expect(readData(operations)).rejects.toMatchObject({ code: 'integrity_failed' });
  });

  it('is refused when the server was sealed', async () => {
    const operations = await setUp();
    await writeVersions(operations, 1);
    await operations.holder.sealing();
    await expect(readData(operations)).rejects.toMatchObject({ code: 'sealed' });
  });
});

describe('patching', () => {
  it('merges fields into a new version', async () => {
    const operations = await setUp();
    await operations.write.perform(admin, request, PATH, { data: { a: 'AA==', b: 'AA==', c: '3' }, binary: ['a', 'b'] });
    await operations.patch.perform(api, request, PATH, { data: { b: 'text', c: null, d: 'AQ==' }, binary: ['d'] });
    const { value, version } = await operations.read.perform(admin, request, PATH);
    expect(version).toBe(2);
    expect(JSON.parse(value.bytes.toString())).toEqual({ data: { a: 'AA==', b: 'text', d: 'AQ==' }, binary: ['a', 'd'] });
  });

  it('of labels and expiry alone makes no new version, but another ETag', async () => {
    const { write, patch, read } = await setUp();
    await write.perform(admin, request, PATH, { data: {}, labels: { a: '1', b: '2' }, expiresAt: '2027-01-01T00:00:00Z' });
    await patch.perform(admin, request, PATH, { labels: { a: null, c: '3' }, expiresAt: null });
    const { value: _, ...known } = await read.perform(admin, request, PATH);
    expect(known).toMatchObject({ version: 1, labels: { b: '2', c: '3' }, expiresAt: undefined, etag: '"1.2"' });
  });

  it.each([
    [PATH, { ifVersion: 2, data: {} }, 'conflict'],
    ['app/none', { data: {} }, 'not_found'],
    [PATH, { binary: ['none'] }, 'invalid_data'],
  ])('of %s by %j is refused', async (path, patch, code) => {
    const operations = await setUp();
    await writeVersions(operations, 1);
    await expect(operations.patch.perform(admin, request, path, patch)).rejects.toMatchObject({ code });
  });

  it('of labels wants the right to label too', async () => {
    const operations = await setUp();
    await writeVersions(operations, 1);
    await expect(operations.patch.perform(api, request, PATH, { labels: {} })).rejects.toMatchObject({ code: 'denied' });
  });
});

describe('deleting, restoring, destroying', () => {
  it('takes a secret away and brings it back', async () => {
    const operations = await setUp();
    await writeVersions(operations, 2);
    await operations.remove.perform(admin, request, PATH);
    const unavailable = { code: 'version_unavailable', hint: 'it is deleted; a restore brings it back' };
    await expect(readData(operations)).rejects.toMatchObject(unavailable);
    await expect(readData(operations, 1)).rejects.toMatchObject(unavailable);
    await expect(operations.remove.perform(admin, request, PATH)).rejects.toMatchObject(unavailable);
    await operations.restore.perform(admin, request, PATH);
    expect([await readData(operations), await readData(operations, 1)]).toEqual([{ n: '2' }, { n: '1' }]);
  });

  it('undoes the latest delete only', async () => {
    const operations = await setUp();
    await writeVersions(operations, 3);
    await operations.remove.perform(admin, request, PATH, 1);
    operations.clock.advance(1_000);
    await operations.remove.perform(admin, request, PATH);
    await operations.restore.perform(admin, request, PATH);
    expect(await readData(operations, 2)).toEqual({ n: '2' });
    await expect(readData(operations, 1)).rejects.toMatchObject({ code: 'version_unavailable' });
    await operations.restore.perform(admin, request, PATH, [1]);
    expect(await readData(operations, 1)).toEqual({ n: '1' });
  });

  it('writes on top of a deleted secret', async () => {
    const operations = await setUp();
    await writeVersions(operations, 1);
    await operations.remove.perform(admin, request, PATH);
    await expect(operations.write.perform(admin, request, PATH, { data: {}, ifVersion: 0 })).rejects.toMatchObject({ code: 'conflict' });
    expect(await operations.write.perform(admin, request, PATH, { data: {}, ifVersion: 1 })).toMatchObject({ version: 2 });
  });

  it('destroys the value and keeps the fact', async () => {
    const operations = await setUp();
    await writeVersions(operations, 2);
    await operations.destroy.perform(admin, request, PATH, [1]);
    await expect(readData(operations, 1)).rejects.toMatchObject({ code: 'version_unavailable', hint: 'it is destroyed for good' });
    await expect(operations.restore.perform(admin, request, PATH, [1])).rejects.toMatchObject({ code: 'version_unavailable' });
    expect([...operations.committer.rows.values()].filter((row) => row.kind === 'secret-version')).toHaveLength(1);
    const { versions } = await operations.versions.perform(admin, request, PATH);
    expect(versions.map(({ destroyedAt }) => destroyedAt)).toEqual(['2026-12-01T12:00:02.000Z', undefined]);
  });

  it('destroys all that is named or nothing', async () => {
    const operations = await setUp();
    await writeVersions(operations, 1);
    await expect(operations.destroy.perform(admin, request, PATH, [1, 2])).rejects.toMatchObject({ code: 'version_unavailable' });
    expect(await readData(operations)).toEqual({ n: '1' });
  });

  it.each(['remove', 'restore', 'versions'] as const)('finds nothing to %s where nothing is', async (name) => {
    const operations = await setUp();
    await expect(operations[name].perform(admin, request, 'app/none')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('tells who made which version, and no value', async () => {
    const operations = await setUp();
    await writeVersions(operations, 1);
    await operations.write.perform(api, request, PATH, { data: { secret: 'CANARY' } });
    const known = await operations.versions.perform(api, request, PATH);
    expect(known.versions.map(({ version, createdBy }) => [version, createdBy])).toEqual([
      [1, 'operator:admin'],
      [2, api.id],
    ]);
    expect(JSON.stringify(known)).not.toContain('CANARY');
  });
});
