import type { Gate, RequestContext, RowWrite } from '#authz';
import { ANONYMOUS, hashPassword, isToken, type Clock } from '#identity';
import { ADMINISTRATOR } from './administrator.ts';
import type { Authority, Held } from './authority.ts';
import { AccessError } from './errors.ts';
import { checkOperatorName, operatorResource } from './operator-name.ts';
import type { EnrolmentRecord } from './records.ts';

interface PasswordChange {
  readonly password: string;
  /** The one-time operator token, as `init` printed it. */
  readonly token: string;
}

/** Makes an operator, who administers, from a one-time token; the operator chooses the password, nobody else knows it. */
export class SetPassword {
  readonly #gate: Gate;
  readonly #authority: Authority;
  readonly #clock: Clock;

  constructor(gate: Gate, authority: Authority, clock: Clock) {
    this.#gate = gate;
    this.#authority = authority;
    this.#clock = clock;
  }

  /**
   * @throws AuthzError as the gate does; AccessError `invalid_name`, `token_refused`, `conflict` when the name is taken; PasswordError
   */
  perform(name: string, { password, token }: PasswordChange, request: RequestContext): Promise<void> {
    const ask = { caller: ANONYMOUS, action: 'identity:operate', resource: operatorResource(name), request } as const;
    return this.#gate.perform(ask, async () => {
      checkOperatorName(name);
      const enrolment = this.#usable(token);
      if (this.#authority.find('operator', name) !== undefined) throw new AccessError('conflict');
      const hash = await hashPassword(password, [name]);
      const operator = { name, password: hash, createdAt: this.#clock.now().toISOString() };
      const spent = this.#authority.remove('enrolment', enrolment);
      return { writes: [spent, this.#authority.put('operator', operator, undefined), ...this.#administers(name)], answer: undefined };
    });
  }

  #usable(token: string): Held<EnrolmentRecord> {
    const id = isToken('operator', token) ? this.#authority.hashOf('operator', token) : '';
    const enrolment = this.#authority.find('enrolment', id);
    if (enrolment === undefined || this.#clock.now().getTime() >= Date.parse(enrolment.body.expiresAt))
      throw new AccessError('token_refused');
    return enrolment;
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
