import { beforeEach, describe, expect, it } from 'vitest';
import type { EntryDraft } from '#audit';
import { RuleBook, isAction, type Role } from '#authz';
import { AuthorityBench, REQUEST } from '../../../../test/support/authority-bench.ts';
import { operator, workload } from '../../../../test/support/callers.ts';
import { FakeHistory } from '../../../../test/support/fake-history.ts';
import { SuggestRole } from './suggest-role.ts';

const API = 'spiffe://acme.internal/api';
const OTHER = 'spiffe://acme.internal/other';
const SINCE = '2026-11-01T00:00:00Z';
const ROLE: Role = {
  role: 'wide',
  rules: [
    { allow: ['secret:*'], on: 'app/**' },
    { allow: ['secret:read'], on: 'never/**' },
    { allow: ['secret:read'], on: 'over/**', until: '2020-01-01T00:00:00Z' },
  ],
  bind: [API, OTHER],
};

let bench: AuthorityBench;
let history: FakeHistory;
let suggest: SuggestRole;
beforeEach(async () => {
  bench = await AuthorityBench.initialized();
  await bench.administrator();
  await bench.plantRole(ROLE);
  const rules = [{ allow: ['audit:read' as const], on: '**' }];
  await bench.plantRole({ role: 'auditor', rules, bind: ['operator:audrey', 'operator:both'] });
  await bench.plantRole({ role: 'reader', rules: [{ allow: ['policy:read'], on: '**' }], bind: ['operator:both'] });
  history = new FakeHistory();
  suggest = new SuggestRole(bench.gate, bench.authority, bench.clock, history);
});

function entry(id: string, action: string, resource: string, more: Partial<EntryDraft> = {}): EntryDraft {
  const caller = { kind: 'workload', id, method: 'certificate', credential: '' };
  const what = { action, resource, decision: 'allow', rule: 'wide#0', outcome: 'done' } as const;
  return { time: '2026-11-15T00:00:00.000Z', caller, peer: '', ...what, requestId: 'r', ...more };
}

const ask = (name = 'both', caller = API) => suggest.perform(operator(name), { caller, since: SINCE }, REQUEST);

describe('a suggested role', () => {
  it('is what the caller did and was allowed, and nothing else', async () => {
    history.entries = [
      entry(API, 'secret:read', 'app/old', { time: '2026-10-01T00:00:00.000Z' }),
      entry(API, 'secret:read', 'app/db', { outcome: 'released' }),
      entry(API, 'secret:read', 'app/db', { outcome: 'failed', code: 'not_found' }),
      entry(API, 'secret:write', 'app/db'),
      entry(API, 'secret:list', 'app/**'),
      entry(API, 'secret:read', 'app/forbidden', { decision: 'deny', outcome: 'denied', code: 'denied' }),
      entry(API, 'identity:certify', API, { rule: 'builtin:own-certificate' }),
      entry(OTHER, 'secret:delete', 'app/other'),
    ];
    expect(await ask()).toMatchObject({
      caller: API,
      entries: 7,
      role: {
        role: 'suggested',
        rules: [
          { allow: ['secret:list'], on: 'app/**' },
          { allow: ['secret:read', 'secret:write'], on: 'app/db' },
        ],
        bind: [API],
      },
    });
    expect(bench.entries('audit:read')).toEqual(['** done']);
  });

  it('comes with the grants that nobody used, of those who hold them', async () => {
    history.entries = [
      entry(API, 'secret:read', 'app/db'),
      entry(OTHER, 'secret:delete', 'app/db'),
      entry('spiffe://acme.internal/no', 'secret:write', 'app/db'),
    ];
    expect((await ask()).unused).toEqual([
      {
        name: 'wide#0',
        role: 'wide',
        rule: ROLE.rules[0],
        actions: ['secret:write', 'secret:label', 'secret:destroy', 'secret:describe', 'secret:list'],
      },
      { name: 'wide#1', role: 'wide', rule: ROLE.rules[1], actions: ['secret:read'] },
    ]);
  });

  it('tells nothing of roles to who may not read them', async () => {
    history.entries = [entry(API, 'secret:read', 'app/db')];
    expect(await ask('audrey')).toMatchObject({ role: { rules: [{ on: 'app/db' }] }, unused: [] });
  });

  it('takes secrets together where there are too many for a rule each, and says so', async () => {
    history.entries = Array.from({ length: 1_200 }, (_, i) => entry(API, 'secret:read', `app/${i % 3}/s${i}`));
    const { role, widened } = await ask();
    expect({ on: role.rules.map(({ on }) => on), widened }).toEqual({ on: ['app/0/*', 'app/1/*', 'app/2/*'], widened: true });
  });

  it.each([[700], [1_500]])('allows each thing that was done, however many places it was done in: %s', async (places) => {
    history.entries = Array.from({ length: 3_000 }, (_, i) =>
      entry(API, i % 2 ? 'secret:read' : 'secret:write', `app/${i % places}/${i % 7}/s`),
    );
    const book = new RuleBook([(await ask()).role], () => []);
    const denied = history.entries.filter(({ action, resource }) => {
      return !isAction(action) || !book.decide({ caller: workload(API), action, resource, peer: '', now: 0 }).allowed;
    });
    expect(denied).toEqual([]);
  });

  it('says how far it looked, and that there is more', async () => {
    history.entries = Array.from({ length: 100_001 }, () => entry(API, 'secret:read', 'app/db'));
    expect(await ask()).toMatchObject({ entries: 100_000, partial: true, oldest: '2026-11-15T00:00:00.000Z' });
  });

  it('is for who may read the log, and answers questions only', async () => {
    await expect(ask('admin')).rejects.toMatchObject({ code: 'denied' });
    for (const caller of ['anonymous', 'alice', 'group:sre'])
      await expect(ask('both', caller)).rejects.toMatchObject({ code: 'invalid_question' });
  });
});
