import type { Gate, Plan, RequestContext } from '#authz';
import type { Passwords, Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { endOf } from './operator-end.ts';
import { ownName, ownResource } from './own-account.ts';
import type { SignInAttempt, SignInAttempts } from '../sessions/sign-in-attempt.ts';

/** An operator's own password, and the one that it wants. */
interface PasswordChange {
  readonly current: string;
  readonly password: string;
}

/** Gives an operator another password for its own, and ends all its sessions but the one it came with. */
export class ChangePassword {
  readonly #gate: Gate;
  readonly #authority: Authority;
  readonly #attempts: SignInAttempts;
  readonly #passwords: Passwords;

  constructor(gate: Gate, authority: Authority, attempts: SignInAttempts, passwords: Passwords) {
    this.#gate = gate;
    this.#authority = authority;
    this.#attempts = attempts;
    this.#passwords = passwords;
  }

  /**
   * A session alone is not enough: whoever has stolen one can't take the account over.
   *
   * @throws AuthzError as the gate does; AccessError `invalid_credentials` for a wrong current password, `too_many_requests` whatever it
   *   is; PasswordError; IdentityError `too_many_requests`
   */
  async perform(caller: Principal, { current, password }: PasswordChange, request: RequestContext): Promise<void> {
    const attempt = this.#attempts.begin({ name: caller.id, password: current, peer: request.peer });
    let hash: Promise<string> | undefined;
    const hashed = (): Promise<string> => (hash ??= this.#passwords.hash(password, [caller.id]));
    const ask = { caller, action: 'identity:credentials', resource: ownResource(caller), request } as const;
    await this.#gate.perform(ask, () => this.#plan(caller, attempt, hashed));
    attempt.succeeded();
  }

  async #plan(caller: Principal, attempt: SignInAttempt, hashed: () => Promise<string>): Promise<Plan<void>> {
    const name = ownName(caller);
    const held = await attempt.operator();
    const changed = this.#authority.put('operator', { ...held.body, password: await hashed() }, held);
    return { writes: [changed, ...endOf(this.#authority, name, caller.credential)], answer: undefined };
  }
}
