import type { Gate, RequestContext } from '#authz';
import type { Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';
import type { StoredRole } from '../authority/records.ts';

/** The roles that the caller may list, by name. */
export class ListRoles {
  readonly #gate: Gate;
  readonly #authority: Authority;

  constructor(gate: Gate, authority: Authority) {
    this.#gate = gate;
    this.#authority = authority;
  }

  /** @throws AuthzError as the gate does */
  perform(caller: Principal, request: RequestContext): Promise<readonly StoredRole[]> {
    return this.#gate.performWithin({ caller, action: 'policy:list', resource: '', request }, async (_reader, may) => {
      const roles = this.#authority.all('role').map(({ body }) => body);
      const visible = roles.filter(({ role }) => may('policy:list', role));
      return { answer: visible.toSorted((a, b) => (a.role < b.role ? -1 : 1)) };
    });
  }
}
