import { beforeEach, describe, expect, it } from 'vitest';
import { AccessHistory, type HistoryPage, type LabelProvider, type Lookback, type Reader } from '#authz';
import type { EntryDraft } from '#audit';
import type { Principal } from '#identity';
import { AuthorityBench, REQUEST } from '../../../../test/support/authority-bench.ts';
import { operator, workload } from '../../../../test/support/callers.ts';
import { ExplainAccess, type ExplainQuestion } from './explain-access.ts';

const API = 'spiffe://acme.internal/api';
const READER = { role: 'reader', rules: [{ allow: ['secret:read' as const], on: 'app/**' }], bind: [API] };

/** The entries that the bench's committer took, newest first. */
class BenchHistory extends AccessHistory {
  entries: readonly EntryDraft[] = [];

  page(_reader: Reader, { since, most }: Lookback): Promise<HistoryPage> {
    const all = this.entries.toReversed().map((draft, seq) => ({ ...draft, v: 1 as const, salt: '', writer: '', seq }));
    return Promise.resolve({ entries: all.filter(({ time }) => Date.parse(time) >= since).slice(0, most) });
  }
}

/** Everything is labelled alike. */
const labels: LabelProvider = { find: () => Promise.resolve({ labels: { tier: 'web' }, expects: { kind: 'secret', key: '', rev: 0 } }) };

let bench: AuthorityBench;
let admin: Principal;
let history: BenchHistory;
let explain: ExplainAccess;
beforeEach(async () => {
  bench = await AuthorityBench.initialized();
  admin = await bench.administrator();
  await bench.plantRole(READER);
  history = new BenchHistory();
  explain = new ExplainAccess(bench.gate, bench.authority, bench.clock, { history, labels });
});

const ask = (question: ExplainQuestion, caller = admin) => explain.perform(caller, question, REQUEST);

/** Somebody asks for a thing and is denied. */
async function beDenied(resource: string, id: string): Promise<void> {
  const request = { id, peer: '192.0.2.1' };
  const asked = bench.gate.perform({ caller: workload(API), action: 'secret:write', resource, request }, async () => ({ answer: 1 }));
  await expect(asked).rejects.toMatchObject({ code: 'denied' });
}

describe('an explanation', () => {
  it('says whose it is, what decides and what is missing, and is one entry', async () => {
    expect(await ask({ caller: API, action: 'secret:write', resource: 'app/db' })).toMatchObject({
      caller: API,
      allowed: false,
      roles: ['reader'],
      nearest: { name: 'reader#0', lacks: ['action'] },
      missing: { rule: { allow: ['secret:write'], on: 'app/db' }, bind: API },
    });
    expect(bench.entries('policy:read')).toEqual(['** done']);
  });

  it('is found by the id of a request that was denied, and of its repeats, which the log counts', async () => {
    await beDenied('app/db', 'first');
    await beDenied('app/db', 'again');
    expect(bench.committer.entries.map(({ requestId }) => requestId)).toEqual(['first']);
    for (const requestId of ['first', 'again']) {
      expect(await ask({ requestId })).toMatchObject({
        caller: API,
        action: 'secret:write',
        resource: 'app/db',
        request: { id: requestId },
      });
    }
  });

  it('is found in the log once memory has lost it', async () => {
    await beDenied('app/db', 'first');
    history.entries = bench.committer.entries.slice();
    const later = await bench.restarted();
    explain = new ExplainAccess(later.gate, later.authority, later.clock, { history, labels });
    expect(await ask({ requestId: 'first' })).toMatchObject({ resource: 'app/db', rule: undefined, request: { id: 'first' } });
  });

  it('is not there for a request that was not denied: an id tells of nothing else', async () => {
    await ask({ caller: API, action: 'secret:read', resource: 'app/db' });
    history.entries = bench.committer.entries.slice();
    await expect(ask({ requestId: REQUEST.id })).rejects.toMatchObject({ code: 'not_found' });
    await expect(ask({ requestId: 'unheard' })).rejects.toMatchObject({ code: 'not_found' });
  });

  it.each([
    { caller: 'alice', action: 'secret:read', resource: 'app/db' },
    { caller: API, action: 'secret:reed', resource: 'app/db' },
    { caller: API, action: 'secret:read', resource: 'app/../db' },
    { caller: API, action: 'secret:read', resource: 'app/*' },
    { caller: API, action: 'policy:read', resource: 'app/db' },
  ])('is not given on what is no question: %j', async (question) => {
    await expect(ask(question)).rejects.toMatchObject({ code: 'invalid_question' });
    expect(bench.entries('policy:read')).toEqual(['** failed invalid_question']);
  });

  it('is for who may read every role: it rests on all of them', async () => {
    const question = { caller: API, action: 'secret:read', resource: 'app/db' };
    await bench.plantRole({ role: 'some', rules: [{ allow: ['policy:read'], on: 'r*' }], bind: ['operator:some'] });
    await bench.plantRole({
      role: 'most',
      rules: [{ allow: ['policy:read'], on: '**' }, { deny: ['policy:read'], on: 'reader' }], // prettier-ignore
      bind: ['operator:most'],
    });
    for (const name of ['nobody', 'some', 'most']) await expect(ask(question, operator(name))).rejects.toMatchObject({ code: 'denied' });
    await bench.plantRole({ role: 'most', rules: [{ allow: ['policy:read'], on: '**' }], bind: ['operator:most'] });
    expect(await ask(question, operator('most'))).toMatchObject({ allowed: true });
  });

  it('looks at labels for who may see them, and says that it hangs on them to who may not', async () => {
    const rules = [{ allow: ['secret:read' as const], on: 'labelled/**', when: { 'label.tier': 'web' } }];
    await bench.plantRole({ role: 'labelled', rules, bind: [API] });
    const question = { caller: API, action: 'secret:read', resource: 'labelled/db' };
    expect(await ask(question)).toMatchObject({ allowed: false, depends: true, nearest: { name: 'labelled#0', lacks: ['labels'] } });
    await bench.plantRole({ role: 'describer', rules: [{ allow: ['secret:describe'], on: 'labelled/**' }], bind: ['operator:admin'] });
    expect(await ask(question)).toMatchObject({ allowed: true, rule: 'labelled#0' });
  });

  it('takes the circumstances that it is asked about', async () => {
    const rules = [{ allow: ['secret:read' as const], on: 'office/**', when: { from: '10.0.0.0/8' } }];
    await bench.plantRole({ role: 'office', rules, bind: [API] });
    const question = { caller: API, action: 'secret:read', resource: 'office/db' };
    expect(await ask(question)).toMatchObject({ allowed: false, nearest: { name: 'office#0', lacks: ['condition'] } });
    expect(await ask({ ...question, circumstances: { from: '10.1.2.3' } })).toMatchObject({ allowed: true });
  });
});
