import { beforeEach, describe, expect, it } from 'vitest';
import type { Principal } from '#identity';
import { AuthorityBench, REQUEST } from '../../../../test/support/authority-bench.ts';
import { operator } from '../../../../test/support/callers.ts';
import { FakeOpenIdConnect } from '../../../../test/support/fake-openid-connect.ts';
import type { Claims } from './claims.ts';
import { ChangeOperator } from '../operators/change-operator.ts';
import { DeleteProvider } from './delete-provider.ts';
import { AccessError } from '../errors.ts';
import { FinishSignIn } from './finish-sign-in.ts';
import type { ProviderInput } from './parse-provider.ts';
import { PutProvider } from './put-provider.ts';
import { SignIn } from '../sessions/sign-in.ts';
import { SignInFlows } from './sign-in-flows.ts';
import { StartSignIn } from './start-sign-in.ts';

const BACK = 'http://127.0.0.1:4711/callback';
const INPUT: ProviderInput = {
  issuer: 'https://login.acme.example',
  clientId: 'holdfast',
  redirectUris: ['http://127.0.0.1/callback'],
  operator: '{preferred_username}',
  groups: { claim: 'groups', map: [{ value: 'hf-admins', group: 'admins' }] },
  secondFactor: { amr: ['otp'] },
};
const OLGA: Claims = { sub: 's1', preferred_username: 'olga' };

let bench: AuthorityBench;
let admin: Principal;
let protocol: FakeOpenIdConnect;
let start: StartSignIn;
let finish: FinishSignIn;
beforeEach(async () => {
  bench = await AuthorityBench.initialized();
  admin = await bench.administrator();
  protocol = new FakeOpenIdConnect();
  const shared = { protocol, flows: new SignInFlows(bench.clock) };
  start = new StartSignIn(bench.gate, bench.authority, shared);
  finish = new FinishSignIn(bench.gate, bench.authority, shared, bench.clock);
  await provide('corp');
});

async function provide(name: string, more: Partial<ProviderInput> = {}): Promise<void> {
  await new PutProvider(bench.gate, bench.authority, bench.clock).perform(admin, name, { ...INPUT, ...more }, REQUEST);
}

/** What a browser has brought back: whoever has this can finish. */
async function brought(claims: Claims = OLGA, name = 'corp') {
  const { flow } = await start.perform(name, BACK, REQUEST);
  const code = `code-${protocol.begun.length}`;
  protocol.said.set(code, claims);
  return { flow, code, state: protocol.begun.at(-1)?.state ?? '' };
}

const signIn = async (claims: Claims = OLGA, name = 'corp') => finish.perform(name, await brought(claims, name), REQUEST);
const callerOf = ({ token }: { token: string }): Principal => bench.authenticator.session(token);
const operatorRecord = (name = 'olga') => bench.authority.find('operator', name)?.body;
const refused = (hint?: string) => ({ code: 'sign_in_refused', ...(hint !== undefined && { hint: expect.stringContaining(hint) }) });

describe('a sign-in at a provider', () => {
  it('opens a session of an operator whom it makes, and says how', async () => {
    const session = await signIn();
    expect(session).toMatchObject({ name: 'olga', token: expect.stringMatching(/^hfs_/), expiresAt: '2026-12-02T00:00:00.000Z' });
    expect(callerOf(session)).toMatchObject({ kind: 'operator', id: 'olga', method: 'oidc', factors: 1 });
    expect(operatorRecord()).toMatchObject({ name: 'olga', groups: [], oidc: { provider: 'corp', issuer: INPUT.issuer, subject: 's1' } });
    expect(operatorRecord()).not.toHaveProperty('password');
    expect(bench.entries('identity:sign-in')).toEqual(['provider:corp done', 'operator:olga done']);
  });

  it('counts two factors where the provider says so', async () => {
    expect(callerOf(await signIn({ ...OLGA, amr: ['pwd', 'otp'] }))).toMatchObject({ method: 'oidc', factors: 2 });
  });

  it('D19: takes the groups as they are at each sign-in', async () => {
    await signIn({ ...OLGA, groups: ['hf-admins', 'others'] });
    expect(bench.authority.groupsOf('olga')).toEqual(['admins']);
    await signIn(OLGA);
    expect(bench.authority.groupsOf('olga')).toEqual([]);
  });

  it('writes the operator only when something of it has changed, so that nobody is decided anew', async () => {
    await signIn({ ...OLGA, groups: ['hf-admins'] });
    const { operatorStandings } = bench.authority;
    const rev = bench.authority.find('operator', 'olga')?.rev;
    await signIn({ ...OLGA, groups: ['hf-admins', 'x'] });
    expect([bench.authority.operatorStandings, bench.authority.find('operator', 'olga')?.rev]).toEqual([operatorStandings, rev]);
  });

  it('opens the door to no password', async () => {
    await signIn();
    const byPassword = new SignIn(bench.gate, bench.authority, bench.clock, bench.attempts);
    for (const password of ['', 'undefined', 'a password of fifteen'])
      await expect(byPassword.perform({ name: 'olga', password }, REQUEST)).rejects.toMatchObject({ code: 'invalid_credentials' });
  });
});

describe('the name of an operator', () => {
  it('B1: is not given to another person at the same provider', async () => {
    await signIn();
    await expect(signIn({ ...OLGA, sub: 's2' })).rejects.toMatchObject(refused('taken'));
    expect(callerOf(await signIn()).id).toBe('olga');
  });

  it('B1: is not given to the same subject of another provider, nor of one that came in its place', async () => {
    await provide('other');
    await signIn();
    await expect(signIn(OLGA, 'other')).rejects.toMatchObject(refused('taken'));
    await provide('corp', { issuer: 'https://evil.example' });
    await expect(signIn()).rejects.toMatchObject(refused('taken'));
  });

  it('B1: is not given away where it has a password', async () => {
    await bench.plantOperator('olga');
    await expect(signIn()).rejects.toMatchObject(refused('taken'));
    expect(operatorRecord()).not.toHaveProperty('oidc');
  });

  it('is given to a subject of a provider by who could be that operator, and taken away again', async () => {
    for (const name of ['admin', 'olga']) await bench.plantOperator(name);
    const change = new ChangeOperator(bench.gate, bench.authority);
    const oidc = { provider: 'corp', subject: 's1' };
    await bench.plantRole({ role: 'hands', rules: [{ allow: ['identity:operate'], on: '**' }], bind: ['operator:bob'] });
    await bench.plantRole({ role: 'secrets', rules: [{ allow: ['secret:*'], on: '**' }], bind: ['operator:olga'] });
    await expect(change.perform(operator('bob'), { name: 'olga', oidc }, REQUEST)).rejects.toMatchObject({ code: 'denied' });
    await expect(change.perform(admin, { name: 'olga', oidc: { ...oidc, provider: 'missing' } }, REQUEST)).rejects.toMatchObject({
      code: 'not_found',
    });
    expect(await change.perform(admin, { name: 'olga', oidc }, REQUEST)).toMatchObject({ provider: 'corp' });
    await expect(signIn({ ...OLGA, sub: 's2' })).rejects.toMatchObject(refused('taken'));
    const caller = callerOf(await signIn());
    expect(caller).toMatchObject({ id: 'olga', method: 'oidc' });
    expect(await change.perform(admin, { name: 'olga', oidc: null }, REQUEST)).not.toHaveProperty('provider');
    expect(bench.authority.find('session', caller.credential)).toBeUndefined();
    await expect(signIn()).rejects.toMatchObject(refused('taken'));
  });

  it('B7: lets nobody in while it is disabled', async () => {
    await signIn();
    const held = bench.authority.find('operator', 'olga');
    if (held === undefined) throw new Error('nobody was made');
    bench.committer.plantAndTell(bench.authority.put('operator', { ...held.body, disabled: true }, held));
    await expect(signIn({ ...OLGA, groups: ['hf-admins'] })).rejects.toMatchObject(refused('disabled'));
    expect(operatorRecord()?.groups).toEqual([]);
  });

  it('is in the entry; what could be none is not', async () => {
    await expect(signIn({ ...OLGA, preferred_username: 'CANARY!' })).rejects.toMatchObject(refused('name'));
    expect(bench.entries('identity:sign-in').at(-1)).toBe('provider:corp failed sign_in_refused');
    expect(JSON.stringify(bench.committer.entries)).not.toContain('CANARY');
  });
});

describe('finishing', () => {
  it.each<[string, (good: { flow: string; code: string; state: string }) => object]>([
    ['another state (login CSRF)', (good) => ({ ...good, state: 'x' })],
    ['no state', (good) => ({ ...good, state: '' })],
    ['a flow that nobody began', (good) => ({ ...good, flow: `hff_${'A'.repeat(43)}` })],
    ['D8: no flow', (good) => ({ ...good, flow: '' })],
    ['a token of another kind', (good) => ({ ...good, flow: good.flow.replace('hff_', 'hfs_') })],
    ['the token in another spelling', (good) => ({ ...good, flow: ` ${good.flow}` })],
  ])('is refused with %s, before the provider hears of it', async (_, spoil) => {
    await expect(finish.perform('corp', spoil(await brought()) as never, REQUEST)).rejects.toMatchObject(refused());
    expect(protocol.redeemed).toBe(0);
    expect(bench.authority.all('session').filter(({ body }) => body.method === 'oidc')).toEqual([]);
  });

  it('is refused to who has stolen the code and began a flow of their own', async () => {
    const victim = await brought();
    const thief = await brought({ sub: 'thief', preferred_username: 'thief' });
    await expect(finish.perform('corp', { ...victim, flow: thief.flow }, REQUEST)).rejects.toMatchObject(refused());
  });

  it('F4, D17: is refused at another provider than the one where it was begun', async () => {
    await provide('other');
    await expect(finish.perform('other', await brought(), REQUEST)).rejects.toMatchObject(refused());
    expect(protocol.redeemed).toBe(0);
  });

  it('is done once, whatever came of it', async () => {
    const good = await brought();
    await finish.perform('corp', good, REQUEST);
    await expect(finish.perform('corp', good, REQUEST)).rejects.toMatchObject(refused());
    const spoiled = await brought();
    await expect(finish.perform('corp', { ...spoiled, state: 'x' }, REQUEST)).rejects.toMatchObject(refused());
    await expect(finish.perform('corp', spoiled, REQUEST)).rejects.toMatchObject(refused());
  });

  it('F5: is done once by sixty-four at a time, a thousand times over', async () => {
    for (let round = 1; round <= 1_000; round += 1) {
      const good = await brought();
      const all = await Promise.allSettled(Array.from({ length: 64 }, () => finish.perform('corp', good, REQUEST)));
      expect([all.filter(({ status }) => status === 'fulfilled').length, protocol.redeemed]).toEqual([1, round]);
    }
  });

  it('redeems a code once, even where its plan is made again', async () => {
    await signIn();
    const good = [];
    for (const groups of [['hf-admins'], [], ['hf-admins']]) good.push(await brought({ ...OLGA, groups }));
    const all = await Promise.all(good.map((each) => finish.perform('corp', each, REQUEST)));
    expect(all).toHaveLength(3);
    expect(protocol.redeemed).toBe(4);
  });

  it('comes too late after ten minutes', async () => {
    const good = await brought();
    bench.clock.advance(600_000);
    await expect(finish.perform('corp', good, REQUEST)).rejects.toMatchObject(refused());
  });

  it.each<[string, () => Promise<void>]>([
    ['deleted', () => new DeleteProvider(bench.gate, bench.authority).perform(admin, 'corp', REQUEST)],
    ['changed', () => provide('corp', { operator: 'corp-{sub}' })],
  ])('signs nobody in once the provider was %s, even between the redeeming and the session', async (_, change) => {
    const early = await brought();
    protocol.meanwhile = change;
    await expect(finish.perform('corp', early, REQUEST)).rejects.toMatchObject(refused('changed'));
    expect(operatorRecord()).toBeUndefined();
  });

  it('lets nobody in when it can not be recorded', async () => {
    const good = await brought();
    bench.committer.failWith('storage_unavailable');
    await expect(finish.perform('corp', good, REQUEST)).rejects.toMatchObject({ code: 'storage_unavailable' });
    expect(operatorRecord()).toBeUndefined();
  });

  it('says that the provider can not be reached, and records it', async () => {
    const good = await brought();
    protocol.failure = new AccessError('issuer_unreachable');
    await expect(finish.perform('corp', good, REQUEST)).rejects.toMatchObject({ code: 'issuer_unreachable' });
    expect(bench.entries('identity:sign-in').at(-1)).toBe('provider:corp failed issuer_unreachable');
  });
});

describe('beginning', () => {
  it('is refused at a provider that is not there, and back to where it may not lead', async () => {
    await expect(start.perform('missing', BACK, REQUEST)).rejects.toMatchObject({ code: 'not_found' });
    for (const uri of ['https://evil.example/callback', 'http://127.0.0.1:4711/other', 'http://localhost:4711/callback'])
      await expect(start.perform('corp', uri, REQUEST)).rejects.toMatchObject({ code: 'redirect_refused' });
    expect(protocol.begun).toEqual([]);
  });

  it('makes another state, nonce and verifier each time, and gives none of the secrets away', async () => {
    const answers = [await start.perform('corp', BACK, REQUEST), await start.perform('corp', BACK, REQUEST)];
    const secrets = protocol.begun.flatMap(({ state, nonce, verifier }) => [state, nonce, verifier]);
    expect(new Set(secrets).size).toBe(6);
    for (const secret of secrets) expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(answers.every(({ flow }) => /^hff_[A-Za-z0-9_-]{43}$/.test(flow))).toBe(true);
    for (const answer of answers) expect(Object.keys(answer)).toEqual(['authorizationUrl', 'flow', 'expiresAt']);
  });

  it('G: leaves one entry a minute of a stranger who begins without end', async () => {
    for (let i = 0; i < 100; i += 1) await start.perform('corp', BACK, REQUEST);
    expect(bench.entries('identity:sign-in')).toEqual(['provider:corp done']);
    await bench.gate.flush();
    expect(bench.committer.entries.at(-1)).toMatchObject({ action: 'identity:sign-in', count: 99, outcome: 'done' });
  });
});
