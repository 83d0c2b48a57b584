import type { RowWrite } from '#authz';
import { CertificateAuthority, newToken, SERVER, type Clock } from '#identity';
import type { Keyring } from '#keys';
import { ADMINISTRATOR } from './administrator.ts';
import { recordWrite, type StoredRole } from './records.ts';

const TOKEN_LIFE_MS = 7 * 86_400_000;

/** What a new server starts with. */
export interface Bootstrap {
  readonly writes: readonly RowWrite[];
  /** The one-time token that makes the first operator. It is nowhere else. */
  readonly operatorToken: string;
}

/** The authority of a new server: a role that administers and is bound to nobody, the own trust bundle, and one token. */
export function bootstrapAuthority(keyring: Keyring, clock: Clock): Bootstrap {
  const now = clock.now();
  const operatorToken = newToken('operator');
  const { trustDomain } = new CertificateAuthority(keyring.issuing, clock);
  const enrolment = {
    id: keyring.tokenHash('operator', operatorToken),
    createdBy: SERVER.id,
    expiresAt: new Date(now.getTime() + TOKEN_LIFE_MS).toISOString(),
  };
  const writes = [
    recordWrite(keyring, 'role', 1, administrator(now)),
    recordWrite(keyring, 'trust-bundle', 1, { trustDomain, certificates: [keyring.issuing.certificatePem] }),
    recordWrite(keyring, 'enrolment', 1, enrolment),
  ];
  return { writes, operatorToken };
}

function administrator(now: Date): StoredRole {
  return {
    role: ADMINISTRATOR,
    rules: [
      { allow: ['identity:*'], on: '**' },
      { allow: ['policy:*'], on: '**' },
      { allow: ['key:*'], on: '**' },
      { allow: ['system:*'], on: 'server' },
    ],
    bind: [],
    version: 1,
    updatedAt: now.toISOString(),
  };
}
