import { describe, expect, it, vi } from 'vitest';
import { ANONYMOUS } from '#identity';
import { workload } from '../../../../test/support/callers.ts';
import { FakeClock } from '../../../../test/support/fake-clock.ts';
import { FakeCommitter } from '../../../../test/support/fake-committer.ts';
import { FakePolicy } from '../../../../test/support/fake-policy.ts';
import { FakeReader } from '../../../../test/support/fake-reader.ts';
import { digestOf } from './digest.ts';
import { Gate } from './gate.ts';
import type { Ask, Plan } from './plan.ts';
import type { Reader } from './reader.ts';
import type { Role } from '../language/role.ts';
import type { RowWrite } from './rows.ts';

const api = workload('spiffe://acme.internal/api');
const request = { id: 'r1', peer: '10.0.0.1' };
const role: Role = {
  role: 'api',
  rules: [
    { allow: ['secret:read', 'secret:write', 'secret:list'], on: 'app/**' },
    { deny: ['secret:read'], on: 'app/root' },
  ],
  bind: [api.id],
};
const read = (resource: string): Ask => ({ caller: api, action: 'secret:read', resource, request });
const write: Ask = { caller: api, action: 'secret:write', resource: 'app/db', request };
const answer = <A>(value: A) => Promise.resolve<Plan<A>>({ answer: value });
const failing = (code: string) => () => Promise.reject<Plan<never>>(Object.assign(new Error('no'), { code }));

function setUp() {
  const committer = new FakeCommitter();
  const clock = new FakeClock();
  const policy = new FakePolicy([role]);
  const reader = new FakeReader(committer);
  return { committer, clock, policy, reader, gate: new Gate(policy, reader, committer, clock) };
}

/** Enough turns of the loop for anything that does not wait for a commit to be done. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Counts a row up by one. */
async function increment(reader: Reader): Promise<Plan<number>> {
  const row = await reader.find('secret', 'counter');
  const rev = (row?.rev ?? 0) + 1;
  const write: RowWrite = { kind: 'secret', key: 'counter', rev, sealed: Buffer.from(String(rev)) };
  return { writes: [write], answer: rev, version: rev };
}

describe('an allowed access', () => {
  it('is answered, and recorded with the rule that allowed it', async () => {
    const { gate, committer } = setUp();
    const plan = { answer: 'value', version: 7 };
    expect(await gate.perform(read('app/db'), () => Promise.resolve(plan))).toBe('value');
    expect(committer.entries).toEqual([
      {
        time: '2026-12-01T12:00:00.000Z',
        caller: api,
        peer: '10.0.0.1',
        action: 'secret:read',
        resource: 'app/db',
        version: 7,
        decision: 'allow',
        rule: 'api#0',
        outcome: 'released',
        requestId: 'r1',
      },
    ]);
  });

  it('has no answer before its entry is durable', async () => {
    const { gate, committer } = setUp();
    const answers: string[] = [];
    committer.hold();
    const asked = gate.perform(read('app/db'), () => answer('value')).then((value) => answers.push(value));
    await settle();
    expect(committer.submissions).toHaveLength(1);
    expect(answers).toEqual([]);
    committer.release();
    await asked;
    expect(answers).toEqual(['value']);
  });

  it('discloses nothing when its entry cannot be written', async () => {
    const { gate, committer } = setUp();
    committer.failWith('storage_unavailable');
    await expect(gate.perform(read('app/db'), () => answer('value'))).rejects.toMatchObject({ code: 'storage_unavailable' });
    expect(committer.entries).toEqual([]);
    committer.failWith(undefined);
    await gate.flush();
    expect(committer.entries).toMatchObject([{ outcome: 'failed', code: 'storage_unavailable', count: 1 }]);
  });

  it('that the database refuses leaves its failed entry alone', async () => {
    const { gate, committer } = setUp();
    committer.failWith('row_refused');
    committer.hold();
    const asked = gate.perform(write, increment);
    await settle();
    committer.release();
    await expect(asked).rejects.toMatchObject({ code: 'row_refused' });
    expect(committer.submissions.map(({ writes, entries }) => [writes.length, entries[0]?.outcome])).toEqual([
      [1, 'done'],
      [0, 'failed'],
    ]);
  });

  it('that fails is recorded with its code, then thrown on', async () => {
    const { gate, committer } = setUp();
    await expect(gate.perform(read('app/db'), failing('not_found'))).rejects.toMatchObject({ code: 'not_found' });
    expect(committer.entries).toMatchObject([{ decision: 'allow', rule: 'api#0', outcome: 'failed', code: 'not_found' }]);
  });

  it.each(['ENOENT', 'ERR_CRYPTO', 'a text with a value'])('does not repeat a foreign code (%s)', async (code) => {
    const { gate, committer } = setUp();
    await expect(gate.perform(read('app/db'), failing(code))).rejects.toMatchObject({ code });
    expect(committer.entries).toMatchObject([{ outcome: 'failed', code: 'internal_error' }]);
  });

  it('may ask for more than it was decided on, and is denied like any other', async () => {
    const { gate, committer } = setUp();
    const asking = gate.perform(write, (_reader, may) => answer([may('secret:read', 'app/db'), may('secret:label', 'app/db')]));
    expect(await asking).toEqual([true, false]);
    await expect(gate.perform(write, failing('denied'))).rejects.toMatchObject({ code: 'denied' });
    expect(committer.entries).toMatchObject([{ outcome: 'done' }, { decision: 'deny', outcome: 'denied' }]);
  });
});

describe('a denied access', () => {
  it('looks nothing up, and is recorded', async () => {
    const { gate, committer, reader } = setUp();
    for (const resource of ['app/root', 'other/db']) {
      await expect(gate.perform(read(resource), (reader) => increment(reader))).rejects.toMatchObject({ code: 'denied' });
    }
    expect(reader.found).toEqual([]);
    expect(committer.entries).toMatchObject([
      { resource: 'app/root', decision: 'deny', rule: 'api#1', outcome: 'denied', code: 'denied' },
      { resource: 'other/db', decision: 'deny', outcome: 'denied', code: 'denied' },
    ]);
  });

  it('is not answered before its entry is durable, and its repeats are counted', async () => {
    const { gate, committer, clock } = setUp();
    const codes: string[] = [];
    const ask = () => gate.perform(read('app/root'), () => answer('value')).catch(({ code }) => codes.push(code));
    committer.hold();
    const first = ask();
    await settle();
    expect(codes).toEqual([]);
    committer.release();
    await first;
    for (let repeat = 0; repeat < 5; repeat++) {
      clock.advance(1_000);
      await ask();
    }
    expect(codes).toHaveLength(6);
    expect(committer.entries).toHaveLength(1);
    await gate.flush();
    const [, folded] = committer.entries;
    expect(folded).toMatchObject({ outcome: 'denied', count: 5, first: '2026-12-01T12:00:01.000Z', last: '2026-12-01T12:00:05.000Z' });
  });
});

describe('a change', () => {
  it('is committed with its entry, which holds the digest of what it left', async () => {
    const { gate, committer } = setUp();
    expect(await gate.perform(write, increment)).toBe(1);
    const [submission] = committer.submissions;
    expect(submission?.writes).toHaveLength(1);
    expect(submission?.entries).toMatchObject([{ outcome: 'done', version: 1, digest: digestOf(submission?.writes ?? []) }]);
  });

  it('that was overtaken is prepared again, so that none is lost', async () => {
    const { gate, committer } = setUp();
    const answers = await Promise.all(Array.from({ length: 20 }, () => gate.perform(write, increment)));
    expect(answers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(committer.rows.get('secret:counter')?.rev).toBe(20);
    expect(committer.entries.map((entry) => entry.version)).toEqual(answers.toSorted((a, b) => a - b));
  });

  it('that is overtaken again and again gives up, and says so', async () => {
    const { gate, committer } = setUp();
    let prepared = 0;
    const never = () => Promise.resolve({ expects: [{ kind: 'secret', key: 'x', rev: 9 }] as const, answer: ++prepared });
    await expect(gate.perform(write, never)).rejects.toMatchObject({ code: 'contended' });
    expect(prepared).toBe(8);
    expect(committer.entries).toMatchObject([{ outcome: 'failed', code: 'contended' }]);
  });

  it('has a digest that a rewrap does not change', () => {
    const row = { kind: 'secret', key: 'a', rev: 1, sealed: Buffer.from('x') } as const;
    expect(digestOf([{ ...row, wrapped: Buffer.from('new') }])).toBe(digestOf([{ ...row, wrapped: Buffer.from('old') }]));
    expect(digestOf([{ ...row, rev: 2 }])).not.toBe(digestOf([row]));
    expect(digestOf([{ ...row, sealed: null }])).not.toBe(digestOf([row]));
  });
});

describe('an authority that changes while work is prepared', () => {
  const taking = <A>(policy: FakePolicy, plan: Plan<A>) => {
    policy.replace([]);
    return Promise.resolve(plan);
  };

  it('takes the right away before anything is disclosed', async () => {
    const { gate, committer, policy } = setUp();
    await expect(gate.perform(read('app/db'), () => taking(policy, { answer: 'value' }))).rejects.toMatchObject({ code: 'denied' });
    expect(committer.entries).toMatchObject([{ decision: 'deny', outcome: 'denied' }]);
  });

  it('has what was asked on the way asked again', async () => {
    const { gate, policy } = setUp();
    const seen: boolean[] = [];
    const asking = gate.perform(read('app/db'), (_reader, may) => {
      seen.push(may('secret:write', 'app/db'));
      if (seen.length === 1) policy.replace([{ ...role, rules: [{ allow: ['secret:read'], on: 'app/**' }] }]);
      return answer('value');
    });
    expect(await asking).toBe('value');
    expect(seen).toEqual([true, false]);
  });

  it('decides every item of a bundle again', async () => {
    const { gate, policy } = setUp();
    const prepare = () => taking(policy, { answer: 'value' });
    const items = await gate.performEach({ caller: api, action: 'secret:read', request }, () => Promise.resolve(['app/a']), prepare);
    expect(items).toMatchObject([{ ok: false, error: { code: 'denied' } }]);
  });
});

describe('a caller whose credential lapses', () => {
  const revoked = () => Object.assign(new Error('no'), { code: 'certificate_refused' });
  const refusal = { caller: { id: api.id }, decision: 'none', outcome: 'refused', code: 'certificate_refused' };

  it('before the request is whole is refused, and nothing is looked up', async () => {
    const { gate, committer, policy, reader } = setUp();
    policy.lapse = revoked();
    await expect(gate.perform(write, increment)).rejects.toMatchObject({ code: 'certificate_refused' });
    expect(reader.found).toEqual([]);
    expect(committer.entries).toMatchObject([{ ...refusal, action: 'secret:write', resource: 'app/db' }]);
  });

  it('while work is prepared changes nothing and learns nothing', async () => {
    const { gate, committer, policy } = setUp();
    const asked = gate.perform(write, (reader) => {
      policy.lapse = revoked();
      return increment(reader);
    });
    await expect(asked).rejects.toMatchObject({ code: 'certificate_refused' });
    expect(committer.rows.size).toBe(0);
    expect(committer.entries).toMatchObject([refusal]);
  });

  it('while others are ahead is refused when its turn comes', async () => {
    const { gate, committer, policy } = setUp();
    committer.hold();
    const asked = Promise.allSettled([gate.perform(write, increment), gate.perform(write, increment)]);
    await settle();
    policy.lapse = revoked();
    committer.release();
    expect(await asked).toMatchObject([{ value: 1 }, { reason: { code: 'certificate_refused' } }]);
    expect(committer.rows.get('secret:counter')?.rev).toBe(1);
  });

  it.each<[string, (lapse: () => void) => void, (lapse: () => void) => void]>([
    ['before they are found', (lapse) => lapse(), () => undefined],
    ['while they are found', () => undefined, (lapse) => lapse()],
  ])('gets none of many, %s', async (_when, before, meanwhile) => {
    const { gate, committer, policy } = setUp();
    const lapse = () => void (policy.lapse = revoked());
    const find = () => {
      meanwhile(lapse);
      return Promise.resolve(['app/a', 'app/b']);
    };
    before(lapse);
    const asked = gate.performEach({ caller: api, action: 'secret:read', request }, find, () => answer('value'));
    await expect(asked).rejects.toMatchObject({ code: 'certificate_refused' });
    expect(committer.entries).toMatchObject([{ ...refusal, action: 'secret:read', resource: '**' }]);
  });
});

describe('an access below a prefix', () => {
  const list = (resource: string): Ask => ({ caller: api, action: 'secret:list', resource, request });

  it.each([
    ['', '**'],
    ['app', 'app/**'],
    ['app/eu', 'app/eu/**'],
  ])('of %j is recorded as %s', async (prefix, resource) => {
    const { gate, committer } = setUp();
    await gate.performWithin(list(prefix), () => answer([]));
    expect(committer.entries).toMatchObject([{ action: 'secret:list', resource, outcome: 'done', rule: 'api#0' }]);
  });

  it('is denied when nothing there is within reach', async () => {
    const { gate, committer } = setUp();
    await expect(gate.performWithin(list('other'), () => answer([]))).rejects.toMatchObject({ code: 'denied' });
    expect(committer.entries).toMatchObject([{ resource: 'other/**', outcome: 'denied' }]);
  });
});

describe('many at once', () => {
  const many = { caller: api, action: 'secret:read', request } as const;
  const valueOf = (_reader: Reader, resource: string) =>
    resource === 'app/gone' ? failing('not_found')() : Promise.resolve({ answer: `value of ${resource}`, version: 1 });

  it('are decided, recorded and answered one by one, in one commit', async () => {
    const { gate, committer } = setUp();
    const found = ['app/a', 'app/root', 'other/b', 'app/gone', 'app/c'];
    const items = await gate.performEach(many, () => Promise.resolve(found), valueOf);
    expect(items.map((item) => (item.ok ? item.answer : (item.error as { code: string }).code))).toEqual([
      'value of app/a',
      'denied',
      'denied',
      'not_found',
      'value of app/c',
    ]);
    expect(committer.submissions).toHaveLength(1);
    expect(committer.entries.map(({ resource, outcome }) => [resource, outcome])).toEqual([
      ['app/a', 'released'],
      ['app/root', 'denied'],
      ['other/b', 'denied'],
      ['app/gone', 'failed'],
      ['app/c', 'released'],
    ]);
  });

  it('release nothing before all their entries are durable', async () => {
    const { gate, committer } = setUp();
    let answered = false;
    committer.hold();
    const asked = gate.performEach(many, () => Promise.resolve(['app/a', 'app/b']), valueOf).then(() => (answered = true));
    await settle();
    expect(answered).toBe(false);
    committer.release();
    await asked;
    expect(committer.entries).toHaveLength(2);
  });

  it('disclose nothing when the entries cannot be written', async () => {
    const { gate, committer } = setUp();
    committer.failWith('storage_unavailable');
    const asked = gate.performEach(many, () => Promise.resolve(['app/a', 'app/root']), valueOf);
    await expect(asked).rejects.toMatchObject({ code: 'storage_unavailable' });
    committer.failWith(undefined);
    await gate.flush();
    expect(committer.entries).toMatchObject([
      { resource: 'app/root', outcome: 'denied', count: 1 },
      { resource: '**', outcome: 'failed', count: 1 },
    ]);
  });

  it('leave a hundred denials and the count of the others, which name their caller, and take nobody the room', async () => {
    const { gate, committer } = setUp();
    const beyond = Array.from({ length: 1_000 }, (_, index) => `other/${index}`);
    for (let turn = 0; turn < 11; turn++) {
      const items = await gate.performEach(many, () => Promise.resolve(['app/a', ...beyond.map((each) => `${each}/${turn}`)]), valueOf);
      expect(items.filter((item) => item.ok)).toHaveLength(1);
    }
    const web = workload('spiffe://acme.internal/web');
    await expect(gate.perform({ ...read('app/db'), caller: web }, () => answer('value'))).rejects.toMatchObject({ code: 'denied' });
    await gate.flush();
    const denied = committer.entries.filter(({ outcome }) => outcome === 'denied');
    expect(denied).toHaveLength(102);
    expect(denied.at(-2)).toMatchObject({ caller: { id: web.id }, resource: 'app/db' });
    expect(denied.at(-1)).toMatchObject({ caller: { id: api.id }, action: 'secret:read', resource: '**', count: 10_900, code: 'denied' });
    expect(committer.entries.filter(({ outcome }) => outcome === 'released')).toHaveLength(11);
  });

  it('leave one entry when there is none of them', async () => {
    const { gate, committer } = setUp();
    expect(await gate.performEach(many, () => Promise.resolve([]), valueOf)).toEqual([]);
    expect(committer.entries).toMatchObject([{ action: 'secret:read', resource: '**', decision: 'none', outcome: 'done' }]);
  });

  it('leave one entry when they cannot be found', async () => {
    const { gate, committer } = setUp();
    const failed = () => Promise.reject<string[]>(Object.assign(new Error('no'), { code: 'too_many_items' }));
    await expect(gate.performEach(many, failed, valueOf)).rejects.toMatchObject({ code: 'too_many_items' });
    expect(committer.entries).toMatchObject([{ resource: '**', outcome: 'failed', code: 'too_many_items' }]);
  });
});

describe('a stranger', () => {
  const status: Ask = { caller: ANONYMOUS, action: 'system:status', resource: 'server', request };

  it('may look at the status again and again, and is counted', async () => {
    const { gate, committer, clock } = setUp();
    for (let look = 0; look < 10; look++) expect(await gate.perform(status, () => answer('sealed: false'))).toBe('sealed: false');
    expect(committer.entries).toMatchObject([{ outcome: 'done', rule: 'builtin:look-around' }]);
    clock.advance(61_000);
    await gate.perform(status, () => answer('sealed: false'));
    await gate.flush();
    expect(committer.entries.map((entry) => entry.count)).toEqual([undefined, undefined, 9]);
  });

  it('is refused with an entry for the first malformed request, and counted after that', async () => {
    const { gate, committer } = setUp();
    for (let index = 0; index < 4; index++) {
      await gate.refuse({ caller: ANONYMOUS, code: 'malformed_path', request: { id: `r${index}`, peer: '10.0.0.9' } });
    }
    await gate.flush();
    const common = { caller: ANONYMOUS, peer: '10.0.0.9', action: '', decision: 'none', outcome: 'refused', code: 'malformed_path' };
    expect(committer.entries).toMatchObject([
      { ...common, requestId: 'r0' },
      { ...common, count: 3 },
    ]);
  });

  it('takes those who are known no room, from however many addresses', async () => {
    const { gate, committer } = setUp();
    committer.failWith('storage_unavailable');
    for (let index = 0; index < 10_010; index++) {
      await gate
        .refuse({ caller: ANONYMOUS, code: 'malformed_path', request: { id: `r${index}`, peer: `2001:db8::${index}` } })
        .catch(() => 0);
    }
    committer.failWith(undefined);
    await expect(gate.perform(read('app/root'), () => answer('value'))).rejects.toMatchObject({ code: 'denied' });
    expect(committer.entries).toMatchObject([{ caller: { id: api.id }, resource: 'app/root' }]);
    await gate.flush();
    expect(committer.entries.at(-1)).toMatchObject({ code: 'too_many_refusals', count: 10 });
  });

  it('finds what was counted written when the minute is over, once the database takes it', async () => {
    vi.useFakeTimers();
    try {
      const { gate, committer, clock } = setUp();
      const pass = async (seconds: number) => {
        clock.advance(seconds * 1_000);
        await vi.advanceTimersByTimeAsync(seconds * 1_000);
      };
      for (let index = 0; index < 3; index++) await gate.refuse({ caller: ANONYMOUS, code: 'malformed_path', request });
      committer.failWith('storage_unavailable');
      await pass(60);
      expect(committer.entries).toHaveLength(1);
      committer.failWith(undefined);
      await pass(60);
      expect(committer.entries[1]).toMatchObject({ code: 'malformed_path', count: 2 });
    } finally {
      vi.useRealTimers();
    }
  });
});
