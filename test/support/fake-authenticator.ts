import type { X509Certificate } from 'node:crypto';
import { AccessError, Authenticator } from '#access';
import type { Principal } from '#identity';
import { operator, workload } from './callers.ts';

/** Knows one workload, whatever its certificate, one session and one token. It counts how often it looks at a certificate. */
export class FakeAuthenticator extends Authenticator {
  readonly api = { ...workload('spiffe://acme.internal/api'), validity: { from: 0, until: Date.parse('2099-01-01T00:00:00Z') } };
  revision = 1;
  looks = 0;
  defect: string | undefined;

  workload([leaf]: readonly X509Certificate[]): Principal {
    this.looks += 1;
    const defect = leaf === undefined ? 'no_certificate' : this.defect;
    if (defect !== undefined) throw new AccessError('certificate_refused', defect);
    return this.api;
  }

  session(token: string): Principal {
    if (token !== 'hfs_good') throw new AccessError('session_refused');
    return operator('alice');
  }

  token(token: string): Principal {
    if (token !== 'hfo_good') throw new AccessError('token_refused');
    return { ...operator('(first)'), method: 'token' };
  }
}
