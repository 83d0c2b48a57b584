import { X509Certificate } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { workload } from '../../../../test/support/callers.ts';
import { TestAuthority } from '../../../../test/support/certificates.ts';
import { AcceptedCertificates } from './accepted-certificates.ts';

const NOW = new Date('2026-12-01T12:00:00Z');
const DATES = { notBefore: new Date('2026-12-01T11:00:00Z'), notAfter: new Date('2026-12-01T14:00:00Z') };
const INTERMEDIATE_ENDS = new Date('2026-12-01T13:00:00Z');
const CALLER = { ...workload('spiffe://acme.internal/w'), validity: { from: 0, until: INTERMEDIATE_ENDS.getTime() } };

let presented: X509Certificate[];
let accepted: AcceptedCertificates;
let checks: number;
beforeEach(async () => {
  const intermediate = await (await TestAuthority.root('root', DATES)).intermediate('i', { ...DATES, notAfter: INTERMEDIATE_ENDS });
  presented = [(await intermediate.workload(CALLER.id, DATES)).certificate, intermediate.certificate];
  accepted = new AcceptedCertificates();
  checks = 0;
});

function ask(certificates = presented, { revision = 1, now = NOW } = {}) {
  return accepted.callerOf(certificates, { revision, now }, () => {
    checks += 1;
    return CALLER;
  });
}

describe('accepted certificates', () => {
  it('are checked once, also when they come in over another connection', () => {
    ask();
    expect(ask(presented.map(({ raw }) => new X509Certificate(raw)))).toEqual(CALLER);
    expect(checks).toBe(1);
  });

  it('are checked again after any change of trust or revocations', () => {
    ask();
    ask(presented, { revision: 2 });
    ask(presented, { revision: 1 });
    expect(checks).toBe(3);
  });

  it('are checked again when less, more or something else is presented', () => {
    const [leaf, intermediate] = presented as [X509Certificate, X509Certificate];
    for (const other of [presented, [leaf], [intermediate, leaf], [leaf, intermediate, intermediate]]) ask(other);
    expect(checks).toBe(4);
  });

  it('are checked again once the first of them has ended, and when the clock was set back', () => {
    ask();
    ask(presented, { now: new Date(INTERMEDIATE_ENDS.getTime() - 1) });
    expect(checks).toBe(1);
    ask(presented, { now: INTERMEDIATE_ENDS });
    ask(presented, { now: new Date(NOW.getTime() - 1) });
    expect(checks).toBe(3);
  });

  it('hold no refusal: each is looked at anew', () => {
    const refuse = () => {
      checks += 1;
      throw new TypeError('refused');
    };
    const at = { revision: 1, now: NOW };
    expect(() => accepted.callerOf(presented, at, refuse)).toThrow('refused');
    expect(() => accepted.callerOf(presented, at, refuse)).toThrow('refused');
    expect(checks).toBe(2);
  });
});
