import { beforeEach, describe, expect, it } from 'vitest';
import type { ItemResult, Labels, Rule } from '#authz';
import { operator, workload } from '../../../test/support/callers.ts';
import { secretOperations } from '../../../test/support/secret-operations.ts';

const admin = operator('admin');
const api = workload('spiffe://acme.internal/api');
const request = { id: 'r1', peer: '10.0.0.1' };
const DENIED = { code: 'denied' };

type Operations = Awaited<ReturnType<typeof secretOperations>>;
let on: Operations;

/** A server on which a workload has these rules, with secrets that differ in their labels. */
async function setUp(...rules: Rule[]): Promise<void> {
  on = await secretOperations([
    { role: 'all', rules: [{ allow: ['secret:*'], on: '**' }], bind: ['operator:admin'] },
    { role: 'api', rules, bind: [api.id] },
  ]);
  const data = { username: 'app', password: 'CANARY' };
  await on.write.perform(admin, request, 'app/web', { data, labels: { tier: 'web' } });
  await on.write.perform(admin, request, 'app/db', { data, labels: { tier: 'db' } });
  await on.write.perform(admin, request, 'app/plain', { data });
}

async function fieldsOf(path: string): Promise<string[]> {
  const { value } = await on.read.perform(api, request, path);
  return Object.keys(JSON.parse(value.bytes.toString()).data);
}

/** Does something once, when the next value is looked up. */
function whileReading(something: () => unknown): void {
  const find = on.reader.find.bind(on.reader);
  on.reader.find = async (kind, key) => {
    if (kind !== 'secret-version') return find(kind, key);
    on.reader.find = find;
    await something();
    return find(kind, key);
  };
}

function onlyOf([item]: readonly ItemResult<unknown>[]): unknown {
  if (item?.ok !== true) throw item?.error;
  return item.answer;
}

const read: Rule = { allow: ['secret:read'], on: 'app/**' };

describe('a rule on a label', () => {
  beforeEach(() => setUp({ allow: ['secret:*'], on: 'app/**', when: { 'label.tier': 'web' } }));

  it('lets in to what has it, under the name of the rule', async () => {
    expect(await fieldsOf('app/web')).toEqual(['password', 'username']);
    expect(on.committer.entries.at(-1)).toMatchObject({ outcome: 'released', rule: 'api#0' });
  });

  it('is no to what has another or none, and to what is not there, all alike', async () => {
    const errors = [];
    const paths = ['app/db', 'app/plain', 'app/nothing', 'app/nothing/at/all'];
    for (const path of paths) errors.push(await on.read.perform(api, request, path).catch((error: unknown) => error));
    expect(new Set(errors.map((error) => JSON.stringify({ ...(error as object), text: String(error) })))).toHaveProperty('size', 1);
    const entries = on.committer.entries.slice(-paths.length).map((entry) => ({ ...entry, resource: '' }));
    expect(entries.every((entry) => entry.outcome === 'denied')).toBe(true);
    expect(new Set(entries.map((entry) => JSON.stringify(entry)))).toHaveProperty('size', 1);
  });

  it('is no to what is in a namespace that is not there', async () => {
    await setUp({ ...read, on: '**', when: { 'label.tier': 'web' } });
    await expect(on.read.perform(api, request, 'nowhere/x')).rejects.toMatchObject(DENIED);
  });

  it('holds for every other action too', async () => {
    const { patch, remove, restore, destroy, versions } = on;
    for (const path of ['app/db', 'app/nothing']) {
      const asked = [
        patch.perform(api, request, path, { data: { a: 'b' } }),
        remove.perform(api, request, path),
        restore.perform(api, request, path),
        destroy.perform(api, request, path, [1]),
        versions.perform(api, request, path),
      ];
      for (const refused of await Promise.allSettled(asked)) expect(refused).toMatchObject({ status: 'rejected', reason: DENIED });
    }
    await remove.perform(api, request, 'app/web');
    // It still has its labels: they decide who brings it back.
    await restore.perform(api, request, 'app/web');
    expect((await versions.perform(api, request, 'app/web')).current).toBe(1);
  });

  it('lists and bundles what has it, and nothing else', async () => {
    const { items } = await on.list.perform(api, request, { recursive: true });
    expect(items.map(({ path }) => path)).toEqual(['app/web']);
    expect((await on.bundle.perform(api, request)).map(({ resource, ok }) => [resource, ok])).toEqual([['app/web', true]]);
    const named = await on.bundle.perform(api, request, ['app/web', 'app/db', 'app/nothing']);
    expect(named.map((item) => (item.ok ? 'ok' : (item.error as { code: string }).code))).toEqual(['ok', 'denied', 'denied']);
  });

  it('makes a secret only with that label, and writes another only where it is there already', async () => {
    const { write } = on;
    await write.perform(api, request, 'app/new', { data: {}, labels: { tier: 'web' } });
    await write.perform(api, request, 'app/new', { data: { a: 'b' } });
    for (const labels of [{ tier: 'db' }, { team: 'web' }, undefined] as (Labels | undefined)[]) {
      await expect(write.perform(api, request, 'app/other', { data: {}, labels })).rejects.toMatchObject(DENIED);
    }
    await expect(write.perform(api, request, 'app/db', { data: {}, labels: { tier: 'web' } })).rejects.toMatchObject(DENIED);
  });

  it('is asked again where the label changes before the answer is recorded, alone and in a bundle', async () => {
    for (const ask of [() => on.read.perform(api, request, 'app/web'), () => on.bundle.perform(api, request, ['app/web']).then(onlyOf)]) {
      await on.patch.perform(admin, request, 'app/web', { labels: { tier: 'web' } });
      whileReading(() => on.patch.perform(admin, request, 'app/web', { labels: { tier: 'db' } }));
      const released = on.committer.entries.filter(({ outcome }) => outcome === 'released').length;
      await expect(ask()).rejects.toMatchObject(DENIED);
      expect(on.committer.entries.filter(({ outcome }) => outcome === 'released')).toHaveLength(released);
    }
  });

  it('is no, also for a deny, where nobody finds the labels', async () => {
    on.policy.labels = undefined;
    await expect(on.read.perform(api, request, 'app/web')).rejects.toMatchObject(DENIED);
    on.policy.replace([
      { role: 'api', rules: [read, { deny: ['secret:read'], on: 'app/db', when: { 'label.tier': 'x' } }], bind: [api.id] },
    ]);
    await expect(on.read.perform(api, request, 'app/db')).rejects.toMatchObject(DENIED);
    expect(await fieldsOf('app/web')).toEqual(['password', 'username']);
  });

  it('is recorded as failed, and not as decided, where the record does not open', async () => {
    for (const [key, row] of on.committer.rows)
      if (key.startsWith('secret:')) on.committer.rows.set(key, { ...row, sealed: Buffer.alloc(99) });
    await expect(on.read.perform(api, request, 'app/web')).rejects.toMatchObject({ code: 'integrity_failed' });
    expect(on.committer.entries.at(-1)).toMatchObject({ decision: 'none', outcome: 'failed', code: 'integrity_failed' });
    const [item] = await on.bundle.perform(api, request, ['app/web']);
    expect(item).toMatchObject({ ok: false, error: { code: 'integrity_failed' } });
  });
});

describe('a deny on a label', () => {
  beforeEach(() =>
    setUp(
      { allow: ['secret:read', 'secret:write', 'secret:list'], on: 'app/**' },
      { deny: ['secret:*'], on: '**', when: { 'label.tier': 'db' } },
    ),
  );

  it('keeps from what has it, and from what is not there: who is denied can not tell', async () => {
    expect(await fieldsOf('app/web')).toHaveLength(2);
    expect(await fieldsOf('app/plain')).toHaveLength(2);
    for (const path of ['app/db', 'app/nothing']) await expect(on.read.perform(api, request, path)).rejects.toMatchObject(DENIED);
  });

  it('keeps nobody from making a secret without it', async () => {
    await on.write.perform(api, request, 'app/new', { data: {} });
    await on.write.perform(api, request, 'app/new', { data: {} });
    await expect(on.write.perform(api, request, 'app/db', { data: {} })).rejects.toMatchObject(DENIED);
  });

  it('hides from lists what has it', async () => {
    const { items } = await on.list.perform(api, request, { recursive: true });
    expect(items.map(({ path }) => path).toSorted()).toEqual(['app/plain', 'app/web']);
  });
});

describe('relabelling', () => {
  const label = (when: Rule['when']): Rule => ({ allow: ['secret:label'], on: 'app/**', when });

  it('wants the right on the labels as they were and as they will be', async () => {
    await setUp({ allow: ['secret:write'], on: '**' }, label({ 'label.tier': ['web', 'api'] }));
    const { patch, write } = on;
    await patch.perform(api, request, 'app/web', { labels: { tier: 'api' } });
    await write.perform(api, request, 'app/web', { data: {}, labels: { tier: 'web' } });
    for (const labels of [{ tier: 'db' }, {}] as Labels[]) {
      await expect(write.perform(api, request, 'app/web', { data: {}, labels })).rejects.toMatchObject(DENIED);
    }
    await expect(patch.perform(api, request, 'app/web', { labels: { tier: null } })).rejects.toMatchObject(DENIED);
    await expect(patch.perform(api, request, 'app/db', { labels: { tier: 'web' } })).rejects.toMatchObject(DENIED);
    await write.perform(api, request, 'app/new', { data: {}, labels: { tier: 'web' } });
    await expect(write.perform(api, request, 'app/newer', { data: {}, labels: { tier: 'db' } })).rejects.toMatchObject(DENIED);
  });

  it('leaves everything as it was where it is denied', async () => {
    await setUp(
      { allow: ['secret:write'], on: '**' },
      { ...label(undefined) },
      { deny: ['secret:label'], on: '**', when: { 'label.tier': 'db' } },
    );
    const before = [...on.committer.rows.values()];
    await expect(on.patch.perform(api, request, 'app/web', { data: { a: 'b' }, labels: { tier: 'db' } })).rejects.toMatchObject(DENIED);
    await expect(on.patch.perform(api, request, 'app/nothing', { labels: { tier: 'db' } })).rejects.toMatchObject(DENIED);
    await expect(on.patch.perform(api, request, 'app/nothing', { labels: { tier: 'web' } })).rejects.toMatchObject({ code: 'not_found' });
    expect([...on.committer.rows.values()]).toEqual(before);
  });
});

describe('fields', () => {
  it('are all that is read of a secret, alone and in a bundle', async () => {
    await setUp({ ...read, fields: ['username'] });
    expect(await fieldsOf('app/web')).toEqual(['username']);
    const items = await on.bundle.perform(api, request);
    expect(items).toHaveLength(3);
    for (const item of items) {
      expect(item.ok && JSON.parse(item.answer.value.bytes.toString())).toEqual({ data: { username: 'app' } });
    }
  });

  it('that a deny names are hidden, and no others', async () => {
    await setUp(read, { deny: ['secret:read'], on: 'app/db', fields: ['password', 'key'] });
    await on.write.perform(admin, request, 'app/db', { data: { username: 'app', key: 'AA==', cert: 'AA==' }, binary: ['key', 'cert'] });
    const { value } = await on.read.perform(api, request, 'app/db');
    expect(JSON.parse(value.bytes.toString())).toEqual({ binary: ['cert'], data: { cert: 'AA==', username: 'app' } });
    expect(await fieldsOf('app/web')).toEqual(['password', 'username']);
  });

  it('may hang on labels', async () => {
    await setUp({ ...read, fields: ['username'] }, { ...read, when: { 'label.tier': 'web' } });
    expect(await fieldsOf('app/web')).toEqual(['password', 'username']);
    expect(await fieldsOf('app/db')).toEqual(['username']);
  });

  it('of which none is there are none, and the secret is', async () => {
    await setUp({ ...read, fields: ['token'] });
    expect(await fieldsOf('app/web')).toEqual([]);
    await expect(on.read.perform(api, request, 'app/nothing')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('have a tag of their own, which says nothing of the others', async () => {
    await setUp({ ...read, fields: ['username'] });
    const etag = async (caller = api) => (await on.read.perform(caller, request, 'app/web')).etag;
    const [part, whole] = [await etag(), await etag(admin)];
    expect(part).not.toBe(whole);
    expect(whole).toBe('"1.1"');
    on.policy.replace([{ role: 'api', rules: [{ ...read, fields: ['username', 'token'] }], bind: [api.id] }]);
    expect(await etag()).toBe(part);
    on.policy.replace([{ role: 'api', rules: [{ ...read, fields: ['username', 'password'] }], bind: [api.id] }]);
    expect([part, whole]).not.toContain(await etag());
  });

  it('are decided anew where the roles change while it is read', async () => {
    await setUp(read);
    whileReading(() => on.policy.replace([{ role: 'api', rules: [{ ...read, fields: ['username'] }], bind: [api.id] }]));
    expect(await fieldsOf('app/web')).toEqual(['username']);
  });
});

describe('a rule on who asks, from where and when', () => {
  it.each<[string, Rule['when'], object, object]>([
    ['network', { from: '10.0.0.0/8' }, { peer: '10.2.3.4' }, { peer: '11.2.3.4' }],
    ['method', { method: 'certificate' }, {}, { caller: { ...api, method: 'session' } }],
    [
      'factors',
      { factors: 2 },
      { caller: { ...api, method: 'session', factors: 2 } },
      { caller: { ...api, method: 'session', factors: 1 } },
    ],
    ['time', { time: { days: ['tue'] } }, {}, { later: 86_400_000 }],
  ])('holds alike for reads, lists and bundles: %s', async (_what, when, good, bad) => {
    await setUp({ allow: ['secret:read', 'secret:list'], on: 'app/**', when });
    const outcomes = async ({ caller = api, peer = request.peer, later = 0 }: { caller?: typeof api; peer?: string; later?: number }) => {
      on.clock.advance(later);
      const context = { id: 'r2', peer };
      const asked = [
        on.read.perform(caller, context, 'app/web'),
        on.list.perform(caller, context, {}),
        on.bundle.perform(caller, context, ['app/web']).then(([item]) => (item?.ok ? 'ok' : Promise.reject(item?.error as Error))),
        on.bundle.perform(caller, context).then((items) => (items.length > 0 ? 'ok' : Promise.reject(new Error('nothing')))),
      ];
      return (await Promise.allSettled(asked)).map(({ status }) => status);
    };
    expect(await outcomes(good)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'fulfilled']);
    expect(await outcomes(bad)).toEqual(['rejected', 'rejected', 'rejected', 'rejected']);
  });

  it('is for one thing at a time where it rests on an approval', async () => {
    await setUp({ ...read, when: { approved: true } });
    await expect(on.read.perform(api, request, 'app/web')).rejects.toMatchObject({ code: 'approval_needed' });
    on.policy.approved.add('secret:read app/web');
    expect(await fieldsOf('app/web')).toHaveLength(2);
    for (const path of ['app/db', 'app/nothing']) {
      await expect(on.read.perform(api, request, path)).rejects.toMatchObject({ code: 'approval_needed' });
    }
    expect(await on.bundle.perform(api, request, ['app/web'])).toMatchObject([{ ok: false, error: DENIED }]);
    expect(await on.bundle.perform(api, request)).toEqual([]);
  });
});
