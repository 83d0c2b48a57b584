import type { Gate, Reader, RequestContext, RowWrite } from '#authz';
import type { Clock, Passwords, Principal } from '#identity';
import { ADMINISTRATOR } from './administration.ts';
import type { Authority } from './authority.ts';
import { AccessError } from './errors.ts';
import { checkOperatorName, operatorResource } from './operator-name.ts';
import { roleWrites } from './role-history.ts';
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
    return this.#gate.perform(ask, async (reader) => {
      checkOperatorName(name);
      const token = usableToken(this.#authority, caller.credential, this.#clock);
      if (this.#authority.find('operator', name) !== undefined) throw new AccessError('conflict');
      const hash = await this.#passwords.hash(password, [name]);
      const operator = { name, password: hash, createdAt: this.#clock.now().toISOString() };
      const spent = this.#authority.remove('enrolment', token);
      const made = this.#authority.put('operator', operator, undefined);
      return { writes: [spent, made, ...(await this.#administers(reader, name))], answer: undefined };
    });
  }

  async #administers(reader: Reader, name: string): Promise<RowWrite[]> {
    const role = this.#authority.find('role', ADMINISTRATOR)?.body;
    if (role === undefined) return [];
    const updatedBy = `operator:${name}`;
    const bind = [...new Set([...role.bind, updatedBy])];
    const next = { ...role, bind, version: role.version + 1, updatedAt: this.#clock.now().toISOString(), updatedBy };
    return roleWrites(this.#authority, reader, next);
  }
}
