import { createHash, type X509Certificate } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Principal } from '#identity';
import { AuthorityBench, REQUEST } from '../../../../test/support/authority-bench.ts';
import { ChangeOperator } from './change-operator.ts';
import { DeleteOperator } from './delete-operator.ts';
import { EnrolWorkload } from '../certificates/enrol-workload.ts';
import { RevokeIdentity } from '../trust/revoke-identity.ts';

const ID = 'spiffe://acme.internal/operator/bob';

let bench: AuthorityBench;
let admin: Principal;
let certificate: X509Certificate;
beforeEach(async () => {
  bench = await AuthorityBench.initialized();
  admin = await bench.administrator();
  await bench.firstOperator();
  for (const name of ['bob', 'carol']) await bench.plantOperator(name);
  ({ certificate } = await bench.certificateOf(ID));
});

const change = (name: string, more: { certificate?: string | null; disabled?: boolean }, caller = admin) =>
  new ChangeOperator(bench.gate, bench.authority).perform(caller, { name, ...more }, REQUEST);
const come = (): Principal => bench.authenticator.workload([certificate]);
const lapse = (caller: Principal) => bench.policy.lapseOf(caller, bench.clock.now().getTime());
const keyOf = ({ publicKey }: X509Certificate): string =>
  `sha256:${createHash('sha256')
    .update(publicKey.export({ format: 'der', type: 'spki' }))
    .digest('hex')}`;

describe('a client certificate that an operator names', () => {
  it('is a workload until then, and the operator for the next request', async () => {
    const before = come();
    expect(before).toMatchObject({ kind: 'workload', id: ID });
    const { revision } = bench.authenticator;
    await change('bob', { certificate: ID });
    expect(bench.authenticator.revision).toBeGreaterThan(revision);
    expect(come()).toMatchObject({ kind: 'operator', id: 'bob', method: 'certificate', credential: before.credential });
    await change('bob', { certificate: null });
    expect(come()).toMatchObject({ kind: 'workload', id: ID });
  });

  it('may be named by its public key, whatever SPIFFE ID is in it', async () => {
    await change('bob', { certificate: keyOf(certificate) });
    expect(come()).toMatchObject({ kind: 'operator', id: 'bob' });
    const other = await bench.certificateOf(ID);
    expect(bench.authenticator.workload([other.certificate])).toMatchObject({ kind: 'workload' });
  });

  it.each<[string, () => Promise<unknown>]>([
    ['is disabled', () => change('bob', { disabled: true })],
    ['names another one', () => change('bob', { certificate: `${ID}-2` })],
    ['names none', () => change('bob', { certificate: null })],
    ['is deleted', () => new DeleteOperator(bench.gate, bench.authority).perform(admin, 'bob', REQUEST)],
  ])('holds no longer once its operator %s, for a request under way too', async (_what, end) => {
    await change('bob', { certificate: ID });
    const bob = come();
    expect(lapse(bob)).toBeUndefined();
    await end();
    expect(lapse(bob)).toMatchObject({ code: 'certificate_refused', hint: 'operator_refused' });
  });

  it('stands for nobody while its operator is disabled, and for no workload either', async () => {
    await change('bob', { certificate: ID });
    await change('bob', { disabled: true });
    expect(come).toThrow(expect.objectContaining({ code: 'certificate_refused', hint: 'operator_refused' }));
  });

  it('is revoked like any other', async () => {
    await change('bob', { certificate: ID });
    const bob = come();
    const revoke = new RevokeIdentity(bench.gate, bench.authority, bench.clock);
    await revoke.perform(admin, { spiffeId: ID }, REQUEST);
    expect(lapse(bob)).toMatchObject({ code: 'certificate_refused', hint: 'revoked' });
    expect(come).toThrow(expect.objectContaining({ hint: 'revoked' }));
  });

  it('is named by one operator, and has a name', async () => {
    await change('bob', { certificate: ID });
    await expect(change('carol', { certificate: ID })).rejects.toMatchObject({ code: 'conflict' });
    await expect(change('carol', { certificate: 'spiffe://acme.internal' })).rejects.toMatchObject({ code: 'invalid_spiffe_id' });
    await expect(change('carol', { certificate: 'sha256:AB' })).rejects.toMatchObject({ code: 'invalid_spiffe_id' });
    await expect(change('nobody', { certificate: ID })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('gives nobody what they do not have: naming it, or enrolling its ID, wants policy:escalate', async () => {
    const rules = [{ allow: ['identity:*' as const], on: '**' }];
    await bench.plantRole({ role: 'lesser', rules, bind: ['operator:lesser'] });
    await bench.plantRole({ role: 'rich', rules: [{ allow: ['secret:read'], on: 'app/**' }], bind: ['operator:bob'] });
    const lesser = bench.authenticator.session(bench.plantSession('lesser'));
    const enrol = (caller: Principal, spiffeId: string) =>
      new EnrolWorkload(bench.gate, bench.authority, bench.clock, 60).perform(caller, { spiffeId }, REQUEST);
    await expect(change('bob', { certificate: ID }, lesser)).rejects.toMatchObject({ code: 'denied' });
    await expect(change('carol', { certificate: `${ID}-2` }, lesser)).resolves.toMatchObject({ certificate: `${ID}-2` });
    await change('bob', { certificate: ID });
    await expect(enrol(lesser, ID)).rejects.toMatchObject({ code: 'denied' });
    await expect(enrol(lesser, `${ID}-3`)).resolves.toMatchObject({ token: expect.any(String) });
    await expect(enrol(admin, ID)).resolves.toMatchObject({ token: expect.any(String) });
  });
});
