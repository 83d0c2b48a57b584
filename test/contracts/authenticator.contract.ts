import type { X509Certificate } from 'node:crypto';
import type { Authenticator } from '#access';
import { describe, expect, it } from 'vitest';

/** An authenticator with one good credential of each kind. */
export interface AuthenticatorBench {
  readonly authenticator: Authenticator;
  readonly certificate: X509Certificate;
  readonly spiffeId: string;
  readonly session: string;
  readonly operator: string;
  readonly token: string;
}

/** What every `Authenticator` keeps. */
export function authenticatorContract(name: string, make: () => Promise<AuthenticatorBench>): void {
  describe(`the authenticator of ${name}`, () => {
    it('names the workload of a certificate, and refuses a peer without one', async () => {
      const { authenticator, certificate, spiffeId } = await make();
      expect(authenticator.workload([certificate])).toMatchObject({ kind: 'workload', id: spiffeId, method: 'certificate' });
      expect(() => authenticator.workload([])).toThrow(expect.objectContaining({ code: 'certificate_refused', hint: 'no_certificate' }));
    });

    it('names the operator of a session, and knows no session but those', async () => {
      const { authenticator, session, operator, token } = await make();
      expect(authenticator.session(session)).toMatchObject({ kind: 'operator', id: operator, method: 'session' });
      for (const wrong of ['', `${session}x`, session.toUpperCase(), token]) {
        expect(() => authenticator.session(wrong)).toThrow(expect.objectContaining({ code: 'session_refused' }));
      }
    });

    it('takes a one-time token as often as it is only looked at, and no other', async () => {
      const { authenticator, session, token } = await make();
      for (const _ of [1, 2]) expect(authenticator.token(token)).toMatchObject({ kind: 'operator', method: 'token' });
      for (const wrong of ['', `${token}x`, session]) {
        expect(() => authenticator.token(wrong)).toThrow(expect.objectContaining({ code: 'token_refused' }));
      }
    });

    it('counts no look as a change', async () => {
      const { authenticator, certificate, session } = await make();
      const { revision } = authenticator;
      authenticator.workload([certificate]);
      authenticator.session(session);
      expect(authenticator.revision).toBe(revision);
    });
  });
}
