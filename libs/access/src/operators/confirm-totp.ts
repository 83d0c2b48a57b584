import type { Gate, Plan, RequestContext } from '#authz';
import { newRecoveryCodes, normalRecoveryCode, totpStepOf, type Clock, type Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { AccessError } from '../errors.ts';
import { endOf } from './operator-end.ts';
import { ownName, ownResource } from './own-account.ts';

/** Confirms a second factor by its first code. From then on it is asked for, and sessions that were opened without it have ended. */
export class ConfirmTotp {
  readonly #gate: Gate;
  readonly #authority: Authority;
  readonly #clock: Clock;

  constructor(gate: Gate, authority: Authority, clock: Clock) {
    this.#gate = gate;
    this.#authority = authority;
    this.#clock = clock;
  }

  /**
   * The recovery codes, which are shown once: only their keyed hashes are kept.
   *
   * @throws AuthzError as the gate does; AccessError `not_found` when nothing waits to be confirmed, `invalid_credentials` for a wrong code
   */
  perform(caller: Principal, code: string, request: RequestContext): Promise<{ readonly recoveryCodes: readonly string[] }> {
    const ask = { caller, action: 'identity:credentials', resource: ownResource(caller), request } as const;
    return this.#gate.perform(ask, () => this.#plan(caller, code));
  }

  async #plan(caller: Principal, code: string): Promise<Plan<{ readonly recoveryCodes: readonly string[] }>> {
    const operator = ownName(caller);
    const held = this.#authority.find('second-factor', operator);
    const { secret, pendingUntil } = held?.body ?? {};
    const now = this.#clock.now();
    if (secret === undefined || pendingUntil === undefined || now >= new Date(pendingUntil)) throw new AccessError('not_found');
    const lastStep = totpStepOf(secret, code, now);
    if (lastStep === undefined) throw new AccessError('invalid_credentials');
    const recoveryCodes = newRecoveryCodes();
    const recovery = recoveryCodes.map((each) => this.#authority.hashOf('recovery', normalRecoveryCode(each) ?? each));
    const confirmed = this.#authority.put('second-factor', { operator, secret, lastStep, recovery }, held);
    return { writes: [confirmed, ...endOf(this.#authority, operator, caller.credential)], answer: { recoveryCodes } };
  }
}
