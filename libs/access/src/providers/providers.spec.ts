import { beforeEach, describe, expect, it } from 'vitest';
import type { Principal } from '#identity';
import { AuthorityBench, REQUEST } from '../../../../test/support/authority-bench.ts';
import { operator } from '../../../../test/support/callers.ts';
import { DeleteProvider } from './delete-provider.ts';
import { GetProvider } from './get-provider.ts';
import { ListProviders } from './list-providers.ts';
import { PutProvider } from './put-provider.ts';

const INPUT = {
  issuer: 'https://login.acme.example',
  clientId: 'holdfast',
  clientSecret: 'CANARY',
  redirectUris: ['http://127.0.0.1/callback'],
  operator: 'corp-{sub}',
};
const GROUPS = { groups: { claim: 'groups', map: [{ value: 'x', group: 'admins' }] } };

let bench: AuthorityBench;
let admin: Principal;
let put: PutProvider;
let get: GetProvider;
let list: ListProviders;
let remove: DeleteProvider;
beforeEach(async () => {
  bench = await AuthorityBench.initialized();
  admin = await bench.administrator();
  put = new PutProvider(bench.gate, bench.authority, bench.clock);
  get = new GetProvider(bench.gate, bench.authority);
  list = new ListProviders(bench.gate, bench.authority);
  remove = new DeleteProvider(bench.gate, bench.authority);
});

/** One that was opened at `corp`, one of the same operator that was not, and one of somebody else's provider. */
function plantSessions(): void {
  const oidc = { provider: 'corp', issuer: INPUT.issuer, subject: 's' };
  const times = { issuedAt: bench.clock.now().toISOString(), expiresAt: '2099-01-01T00:00:00.000Z' };
  const operators = [{ name: 'corp-1', oidc }, { name: 'bob' }];
  for (const body of operators) bench.committer.plantAndTell(bench.authority.put('operator', { createdAt: '', ...body }, undefined));
  const sessions = [
    { id: 'a', operator: 'corp-1', method: 'oidc' },
    { id: 'b', operator: 'corp-1' },
    { id: 'c', operator: 'bob', method: 'oidc' },
  ] as const;
  for (const body of sessions) bench.committer.plantAndTell(bench.authority.put('session', { ...body, ...times }, undefined));
}

const left = (): string[] => ['a', 'b', 'c'].filter((id) => bench.authority.find('session', id) !== undefined);

const secretOf = (name: string): string | undefined => bench.authority.find('provider', name)?.body.clientSecret;

describe('a provider on record', () => {
  it('is shown without its secret, which is in no entry either', async () => {
    const { clientSecret: _, ...rest } = INPUT;
    const view = { name: 'corp', ...rest, clientAuth: 'basic', scopes: ['openid'], require: [], userinfo: false, hasClientSecret: true };
    expect(await put.perform(admin, 'corp', INPUT, REQUEST)).toMatchObject(view);
    expect(await get.perform(admin, 'corp', REQUEST)).toMatchObject(view);
    expect(await list.perform(admin, REQUEST)).toEqual([await get.perform(admin, 'corp', REQUEST)]);
    expect(secretOf('corp')).toBe('CANARY');
    expect(JSON.stringify([bench.committer.entries, await list.perform(admin, REQUEST)])).not.toContain('CANARY');
    expect(bench.entries('identity:trust')).toEqual(['provider:corp done']);
  });

  it('keeps its secret where none is given, but only for whom it was given', async () => {
    const { clientSecret: _, ...rest } = INPUT;
    await put.perform(admin, 'corp', INPUT, REQUEST);
    expect(await put.perform(admin, 'corp', { ...rest, scopes: ['email'] }, REQUEST)).toMatchObject({ hasClientSecret: true });
    for (const change of [{ issuer: 'https://evil.example' }, { clientId: 'other' }]) {
      await put.perform(admin, 'corp', INPUT, REQUEST);
      expect(await put.perform(admin, 'corp', { ...rest, ...change }, REQUEST)).toMatchObject({ hasClientSecret: false });
      expect(secretOf('corp')).toBeUndefined();
    }
  });

  it.each(['', 'Corp', 'a/b', 'a b', '__proto__', '../x', 'x'.repeat(33)])(
    'A5: is never called %j, and that is in no entry',
    async (name) => {
      await expect(put.perform(admin, name, INPUT, REQUEST)).rejects.toMatchObject({ code: 'invalid_name' });
      expect(bench.entries('identity:trust')).toEqual(['provider:? failed invalid_name']);
    },
  );

  it('is deleted with the sessions that were opened there, and with no other', async () => {
    await put.perform(admin, 'corp', INPUT, REQUEST);
    plantSessions();
    await put.perform(admin, 'corp', { ...INPUT, scopes: ['email'] }, REQUEST);
    expect(left()).toEqual(['a', 'b', 'c']);
    await remove.perform(admin, 'corp', REQUEST);
    expect(left()).toEqual(['b', 'c']);
    await expect(get.perform(admin, 'corp', REQUEST)).rejects.toMatchObject({ code: 'not_found' });
    await expect(remove.perform(admin, 'corp', REQUEST)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('ends the same sessions where another issuer takes its place', async () => {
    await put.perform(admin, 'corp', INPUT, REQUEST);
    plantSessions();
    await put.perform(admin, 'corp', { ...INPUT, issuer: 'https://elsewhere.example' }, REQUEST);
    expect(left()).toEqual(['b', 'c']);
  });

  it('is seen by who may see it alone', async () => {
    for (const name of ['corp', 'other']) await put.perform(admin, name, INPUT, REQUEST);
    const rules = [{ allow: ['identity:describe'], on: 'provider:corp' }] as const;
    await bench.plantRole({ role: 'looker', rules, bind: ['operator:bob'] });
    expect((await list.perform(operator('bob'), REQUEST)).map(({ name }) => name)).toEqual(['corp']);
    for (const name of ['other', 'missing'])
      await expect(get.perform(operator('bob'), name, REQUEST)).rejects.toMatchObject({ code: 'denied' });
  });
});

describe('who trusts a provider gives it no more than they have', () => {
  const trusts = [{ allow: ['identity:trust'], on: '**' }] as const;
  const escalates = { allow: ['policy:escalate'], on: '**' } as const;
  const secrets = { role: 'secrets', rules: [{ allow: ['secret:*'], on: '**' }] } as const;

  const codeOf = (input: object): Promise<string> =>
    put.perform(operator('bob'), 'corp', { ...INPUT, ...input }, REQUEST).then(
      () => 'done',
      (error: { code: string }) => error.code,
    );

  it.each([
    ['operator:corp-1', {}, 'denied'],
    ['operator:corp-1', { operator: 'other-{sub}' }, 'done'],
    ['operator:alice', {}, 'done'],
    ['operator:alice', { operator: '{preferred_username}' }, 'denied'],
    ['operator:alice@corp', { operator: '{preferred_username}@corp' }, 'denied'],
    ['operator:alice', { operator: '{preferred_username}@corp' }, 'done'],
    ['group:admins', GROUPS, 'denied'],
    ['group:others', GROUPS, 'done'],
    ['spiffe://acme.internal/api', GROUPS, 'done'],
  ] as const)('where secrets are bound to %s, with %j: %s', async (binding, input, code) => {
    await bench.plantRole({ role: 'truster', rules: trusts, bind: ['operator:bob'] });
    await bench.plantRole({ ...secrets, bind: [binding] });
    expect(await codeOf(input)).toBe(code);
    await bench.plantRole({ role: 'truster', rules: [...trusts, escalates], bind: ['operator:bob'] });
    expect(await codeOf(input)).toBe('done');
    expect(bench.entries('identity:trust')[0]).toBe(code === 'done' ? 'provider:corp done' : 'provider:corp denied denied');
  });

  it('which is no more where they have it themselves', async () => {
    await bench.plantRole({ role: 'truster', rules: trusts, bind: ['operator:bob'] });
    await bench.plantRole({ ...secrets, bind: ['operator:bob', 'operator:corp-1'] });
    expect(await codeOf({})).toBe('done');
  });

  it('and sheds nothing that denies them something', async () => {
    await bench.plantRole({ role: 'truster', rules: [...trusts, { deny: ['secret:read'], on: '**' }], bind: ['operator:bob'] });
    expect(await codeOf({})).toBe('denied');
  });

  it('B8: for a record that is there as for one that is not', async () => {
    await put.perform(admin, 'there', INPUT, REQUEST);
    await bench.plantRole({ role: 'truster', rules: [{ allow: ['identity:trust'], on: 'provider:corp' }], bind: ['operator:bob'] });
    for (const name of ['there', 'missing']) {
      await expect(put.perform(operator('bob'), name, INPUT, REQUEST)).rejects.toMatchObject({ code: 'denied' });
      await expect(remove.perform(operator('bob'), name, REQUEST)).rejects.toMatchObject({ code: 'denied' });
    }
  });
});
