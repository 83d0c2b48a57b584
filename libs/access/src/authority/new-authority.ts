import { newToken, SERVER, type Clock } from '#identity';
import { AuthorityBootstrap, type FirstAuthority, type Keyring } from '#keys';
import { ADMINISTRATOR } from '../roles/administration.ts';
import { recordWrite, type StoredRole } from './records.ts';

/** Long enough for an installation that is finished next week. Once it has ended, only a new initialization helps. */
const TOKEN_LIFE_MS = 7 * 86_400_000;

/** The authority of a new server: a role that administers and is bound to nobody, the own trust bundle, and one operator token. */
export class NewAuthority extends AuthorityBootstrap {
  readonly trustDomain: string;
  readonly #clock: Clock;

  constructor(trustDomain: string, clock: Clock) {
    super();
    this.trustDomain = trustDomain;
    this.#clock = clock;
  }

  prepare(keyring: Keyring): Promise<FirstAuthority> {
    const now = this.#clock.now();
    const operatorToken = newToken('operator');
    const token = {
      id: keyring.tokenHash('operator', operatorToken),
      createdBy: SERVER.id,
      expiresAt: new Date(now.getTime() + TOKEN_LIFE_MS).toISOString(),
    };
    const writes = [
      recordWrite(keyring, 'role', 1, administrator(now)),
      recordWrite(keyring, 'trust-bundle', 1, { trustDomain: this.trustDomain, certificates: [keyring.issuing.certificatePem] }),
      recordWrite(keyring, 'enrolment', 1, token),
    ];
    return Promise.resolve({ writes, operatorToken });
  }
}

function administrator(now: Date): StoredRole {
  return {
    role: ADMINISTRATOR,
    rules: [
      { allow: ['identity:*'], on: '**' },
      { allow: ['policy:*'], on: '**' },
      { allow: ['system:*'], on: 'server' },
    ],
    bind: [],
    version: 1,
    updatedAt: now.toISOString(),
    updatedBy: SERVER.id,
  };
}
