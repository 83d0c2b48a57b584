import { type Gate, KeyedQueue, type Plan, type Reader, type RequestContext, type RowWrite } from '#authz';
import type { Clock, Passwords, Principal } from '#identity';
import { ADMINISTRATOR } from '../roles/administration.ts';
import type { Authority } from '../authority/authority.ts';
import { AccessError } from '../errors.ts';
import { checkOperatorName, operatorResource } from './operator-name.ts';
import { roleWrites } from '../roles/role-history.ts';
import { usableToken } from '../authority/usable-token.ts';

interface Choice {
  readonly caller: Principal;
  readonly name: string;
  readonly password: string;
}

/**
 * Gives an operator a password that nobody else knows, chosen by whoever comes with a one-time token: the first of all, who is made by it
 * and administers, or one who was invited.
 */
export class SetPassword {
  readonly #gate: Gate;
  readonly #authority: Authority;
  readonly #clock: Clock;
  readonly #passwords: Passwords;
  /** Who comes with the same token waits, so that it costs one hash and not one for each. */
  readonly #turns = new KeyedQueue();

  constructor(gate: Gate, authority: Authority, clock: Clock, passwords: Passwords) {
    this.#gate = gate;
    this.#authority = authority;
    this.#clock = clock;
    this.#passwords = passwords;
  }

  /**
   * The token goes in the transaction that sets the password: of any number of uses at once, one succeeds.
   *
   * @throws AuthzError as the gate does; AccessError `invalid_name`, `conflict` when a first operator's name is taken, `token_refused` when
   *   the token has been used meanwhile or the caller came with another credential; PasswordError
   */
  perform(caller: Principal, name: string, password: string, request: RequestContext): Promise<void> {
    const ask = { caller, action: 'identity:credentials', resource: operatorResource(name), request } as const;
    const set = () => this.#gate.perform(ask, (reader) => this.#plan(reader, { caller, name, password }));
    return this.#turns.run(caller.credential, set);
  }

  async #plan(reader: Reader, { caller, name, password }: Choice): Promise<Plan<void>> {
    checkOperatorName(name);
    const token = usableToken(this.#authority, caller.credential, this.#clock);
    const isFirst = token.body.operator === undefined;
    const held = this.#authority.find('operator', name);
    if (isFirst && held !== undefined) throw new AccessError('conflict');
    // The rules that let a token in are about its own name; this does not rest on them.
    if (!isFirst && (token.body.operator !== name || held === undefined)) throw new AccessError('token_refused');
    const hash = await this.#passwords.hash(password, [name]);
    const operator = { name, createdAt: this.#clock.now().toISOString(), ...held?.body, password: hash };
    const writes = [this.#authority.remove('enrolment', token), this.#authority.put('operator', operator, held)];
    return { writes: isFirst ? [...writes, ...(await this.#administers(reader, name))] : writes, answer: undefined };
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
