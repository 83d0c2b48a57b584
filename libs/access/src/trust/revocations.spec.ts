import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { AuthorityBench, REQUEST } from '../../../../test/support/authority-bench.ts';
import type { Principal } from '#identity';
import { LiftRevocation } from './lift-revocation.ts';
import { ListRevocations } from './list-revocations.ts';
import type { RevocationRequest } from './revocation-request.ts';
import { Revocations, revocationSubjectsOf } from './revocations.ts';
import { RevokeIdentity } from './revoke-identity.ts';
import { SignIn } from '../sessions/sign-in.ts';

const ID = 'spiffe://acme.internal/ns/payments/sa/api';

let bench: AuthorityBench;
let admin: Principal;
beforeEach(async () => {
  bench = await AuthorityBench.initialized();
  admin = await bench.administrator();
});

function revoke(revocation: RevocationRequest, caller = admin): Promise<void> {
  return new RevokeIdentity(bench.gate, bench.authority, bench.clock).perform(caller, revocation, REQUEST);
}

function lift(revocation: RevocationRequest, caller = admin): Promise<void> {
  return new LiftRevocation(bench.gate, bench.authority).perform(caller, revocation, REQUEST);
}

function list(caller = admin, query = {}) {
  return new ListRevocations(bench.gate, bench.authority).perform(caller, query, REQUEST);
}

async function holder(id = ID) {
  const { certificate } = await bench.certificateOf(id);
  const principal = bench.authenticator.workload([certificate]);
  const isIn = (): boolean => {
    try {
      return bench.authenticator.workload([certificate]).id === id;
    } catch {
      return false;
    }
  };
  return { certificate, principal, isIn };
}

/** Somebody with these rules beside those of the administrator, or alone. */
async function operatorWith(rules: readonly object[], name = 'olga'): Promise<Principal> {
  await bench.plantRole({ role: `role-of-${name}`, rules: rules as never, bind: [`operator:${name}`] });
  return bench.authenticator.session(bench.plantSession(name));
}

describe('a revocation', () => {
  it.each<[string, (serial: string) => RevocationRequest]>([
    ['its serial number', (serial) => ({ serial })],
    ['its serial number as another tool writes it', (serial) => ({ serial: `00${serial.toUpperCase()}`, trustDomain: 'acme.internal' })],
    ['the prefix of its namespace', () => ({ prefix: 'spiffe://acme.internal/ns/payments/**' })],
    ['its trust domain', () => ({ prefix: 'spiffe://acme.internal/**' })],
    ['its SPIFFE ID', () => ({ spiffeId: ID })],
  ])('ends a certificate by %s, for a request under way too', async (_by, request) => {
    const [one, neighbour] = [await holder(), await holder('spiffe://acme.internal.example/ns/payments/sa/api').catch(() => undefined)];
    expect(neighbour).toBeUndefined();
    const { revision } = bench.authenticator;
    await revoke(request(one.principal.serial ?? ''));
    expect(bench.authenticator.revision).toBeGreaterThan(revision);
    expect(one.isIn()).toBe(false);
    await expect(bench.gate.perform({ caller: one.principal, action: 'secret:read', resource: 'a/b', request: REQUEST }, () => Promise.resolve({ answer: 1 }))).rejects.toMatchObject({ code: 'certificate_refused', hint: 'revoked' }); // prettier-ignore
    bench = await bench.restarted();
    expect(one.isIn()).toBe(false);
  });

  it('by prefix is of what is below, as a whole segment, and of nothing else', async () => {
    const others = [
      'spiffe://acme.internal/ns/payments',
      'spiffe://acme.internal/ns/payments-eu/sa/api',
      'spiffe://acme.internal/ns/shop/a',
    ];
    const holders = await Promise.all(others.map(holder));
    await revoke({ prefix: 'spiffe://acme.internal/ns/payments/**' });
    expect(holders.map((each) => each.isIn())).toEqual([true, true, true]);
  });

  it('by serial number is of one trust domain', async () => {
    const one = await holder();
    await revoke({ serial: one.principal.serial ?? '', trustDomain: 'other.example' });
    expect(one.isIn()).toBe(true);
  });

  it('by prefix ends what came before, and its tokens, and nothing that begins after it', async () => {
    const before = await holder();
    await revoke({ prefix: 'spiffe://acme.internal/ns/payments/**' });
    bench.clock.advance(60_000);
    expect([before.isIn(), (await holder()).isIn()]).toEqual([false, true]);
  });

  it.each<[string, RevocationRequest]>([
    ['that does not end with /**', { prefix: 'spiffe://acme.internal/ns/payments/*' }],
    ['of no trust domain', { prefix: 'spiffe://**' }],
    ['with a wildcard within', { prefix: 'spiffe://acme.internal/*/sa/**' }],
    ['that climbs', { prefix: 'spiffe://acme.internal/../**' }],
  ])('by a prefix %s is refused', async (_what, request) => {
    await expect(revoke(request)).rejects.toMatchObject({ code: 'invalid_spiffe_id' });
  });

  it('by a serial number of what is no trust domain is refused', async () => {
    await expect(revoke({ serial: '1a', trustDomain: 'a/b' })).rejects.toMatchObject({ code: 'invalid_trust_domain' });
  });

  it('by prefix is not for whom a rule denies any of that', async () => {
    const olga = await operatorWith([
      { allow: ['identity:revoke'], on: '**' },
      { deny: ['identity:revoke'], on: 'spiffe://acme.internal/ns/payments/sa/core' },
    ]);
    await expect(revoke({ prefix: 'spiffe://acme.internal/ns/payments/**' }, olga)).rejects.toMatchObject({ code: 'denied' });
    await expect(revoke({ prefix: 'spiffe://acme.internal/ns/shop/**' }, olga)).resolves.toBeUndefined();
  });

  it('by prefix is not for whose rule reaches one segment down only', async () => {
    const olga = await operatorWith([{ allow: ['identity:revoke'], on: 'spiffe://acme.internal/ns/payments/*' }]);
    await expect(revoke({ prefix: 'spiffe://acme.internal/ns/payments/**' }, olga)).rejects.toMatchObject({ code: 'denied' });
  });

  it('by serial number is for whom a rule on its trust domain allows it', async () => {
    const olga = await operatorWith([{ allow: ['identity:revoke'], on: 'trust-domain:acme.internal/serial/*' }]);
    await expect(revoke({ serial: '1a' }, olga)).resolves.toBeUndefined();
    await expect(revoke({ serial: '1a', trustDomain: 'other.example' }, olga)).rejects.toMatchObject({ code: 'denied' });
  });

  it('is not cleared away, however old (F17)', async () => {
    const one = await holder();
    await revoke({ fingerprint: one.principal.credential });
    await revoke({ spiffeId: 'spiffe://acme.internal/other' });
    await bench.firstOperator();
    bench.clock.advance(400 * 86_400_000);
    await new SignIn(bench.gate, bench.authority, bench.clock, bench.attempts).perform(
      { name: 'alice', password: 'correct horse battery' },
      REQUEST,
    );
    expect(bench.authority.all('revocation')).toHaveLength(2);
  });
});

describe('the revocations', () => {
  it('are listed by subject, a page at a time, with who made them', async () => {
    for (const request of [{ spiffeId: ID }, { serial: '1A' }, { prefix: 'spiffe://acme.internal/ns/a/**' }] as const)
      await revoke(request);
    const { items, nextCursor } = await list(admin, { limit: 2 });
    expect(items).toMatchObject([
      { subject: 'spiffe://acme.internal/ns/a/**', revokedBy: 'admin' },
      { subject: ID, revokedBy: 'admin' },
    ]);
    const rest = await list(admin, { limit: 2, cursor: nextCursor });
    expect(rest).toEqual({ items: [expect.objectContaining({ subject: 'trust-domain:acme.internal/serial/1a' })] });
  });

  it('are shown as far as the caller may see them', async () => {
    await revoke({ spiffeId: ID });
    await revoke({ serial: '1a' });
    const olga = await operatorWith([{ allow: ['identity:describe'], on: 'spiffe://acme.internal/**' }]);
    expect((await list(olga)).items.map(({ subject }) => subject)).toEqual([ID]);
    await expect(list(await operatorWith([], 'otto'))).rejects.toMatchObject({ code: 'denied' });
  });

  it('find a certificate by exactly the subjects that a renewal expects', () => {
    const segment = fc.stringMatching(/^[a-c]{1,2}$/);
    const id = fc.array(segment, { minLength: 1, maxLength: 4 }).map((path) => `spiffe://d/${path.join('/')}`);
    fc.assert(
      fc.property(id, id, fc.boolean(), (mine, other, below) => {
        const revocable = { id: mine, fingerprint: 'sha256:0', serial: '0a' };
        const subject = below ? `${other}/**` : other;
        const revocations = new Revocations([{ subject, revokedAt: '2026-01-01T00:00:00Z', revokedBy: 'x' }]);
        const found = revocations.isRevoked({ ...revocable, from: 0 });
        expect(found).toBe(below ? mine.startsWith(`${other}/`) : mine === other);
        expect(revocationSubjectsOf(revocable).includes(subject)).toBe(found);
      }),
    );
  });
});

describe('a revocation that is lifted', () => {
  it('no longer ends anything, and its lifting is in the log', async () => {
    const one = await holder();
    await revoke({ spiffeId: ID });
    await lift({ spiffeId: ID });
    expect(one.isIn()).toBe(true);
    expect(bench.entries('identity:revoke')).toEqual([`${ID} done`, `${ID} done`]);
  });

  it('has to be there', async () => {
    await expect(lift({ spiffeId: ID })).rejects.toMatchObject({ code: 'not_found' });
  });

  it.each<RevocationRequest>([
    { spiffeId: ID },
    { prefix: 'spiffe://acme.internal/ns/payments/**' },
    { serial: '1a' },
    { fingerprint: `sha256:${'0'.repeat(64)}` },
  ])('wants policy:escalate where it gives back what the lifter may not: %s', async (request) => {
    await revoke(request);
    await bench.plantRole({ role: 'payments', rules: [{ allow: ['secret:read'], on: 'payments/**' }], bind: [ID] });
    const olga = await operatorWith([{ allow: ['identity:*'], on: '**' }]);
    await expect(lift(request, olga)).rejects.toMatchObject({ code: 'denied' });
    await expect(lift(request)).resolves.toBeUndefined();
  });
});
