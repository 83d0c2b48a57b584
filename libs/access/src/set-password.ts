import type { Gate, RequestContext, RowWrite } from '#authz';
import type { Clock, Passwords, Principal } from '#identity';
import { ADMINISTRATOR } from './administration.ts';
import type { Authority } from './authority.ts';
import { AccessError } from './errors.ts';
import { checkOperatorName, operatorResource } from './operator-name.ts';
import { usableToken } from './usable-token.ts';

/** Makes an operator, who administers, of whoever comes with a one-time token and chooses a password that nobody else knows. */
export class SetPassword {
  readonly #gate: Gate;
  readonly #authority: Authority;
  readonly #clock: Clock;
  readonly #passwords: Passwords;

  constructor(gate: Gate, authority: Authority, clock: Clock, passwords: Passwords) {
    this.#gate = gate;
    this.#authority = authority;
    this.#clock = clock;
    this.#passwords = passwords;
  }

  /**
   * The token goes in the transaction that makes the operator: of any number of uses at once, one succeeds.
   *
   * @throws AuthzError as the gate does; AccessError `invalid_name`, `conflict` when the name is taken, `token_refused` when the token
   *   has been used meanwhile or the caller came with another credential; PasswordError
   */
  perform(caller: Principal, name: string, password: string, request: RequestContext): Promise<void> {
    const ask = { caller, action: 'identity:operate', resource: operatorResource(name), request } as const;
    return this.#gate.perform(ask, async () => {
      checkOperatorName(name);
      const token = usableToken(this.#authority, caller.credential, this.#clock);
      if (this.#authority.find('operator', name) !== undefined) throw new AccessError('conflict');
      const hash = await this.#passwords.hash(password, [name]);
      const operator = { name, password: hash, createdAt: this.#clock.now().toISOString() };
      const spent = this.#authority.remove('enrolment', token);
      return { writes: [spent, this.#authority.put('operator', operator, undefined), ...this.#administers(name)], answer: undefined };
    });
  }

  #administers(name: string): RowWrite[] {
    const held = this.#authority.find('role', ADMINISTRATOR);
    if (held === undefined) return [];
    const { body } = held;
    const bind = [...new Set([...body.bind, `operator:${name}`])];
    const role = { ...body, bind, version: body.version + 1, updatedAt: this.#clock.now().toISOString() };
    return [this.#authority.put('role', role, held)];
  }
}
