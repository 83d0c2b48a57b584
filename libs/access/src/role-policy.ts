import { Policy, type Role } from '#authz';
import type { Principal } from '#identity';
import type { Authority } from './authority.ts';

/** The authority's roles, as the gate asks for them. Only a change of a role is a new revision: no sign-in makes it decide anew. */
export class RolePolicy extends Policy {
  readonly #authority: Authority;

  constructor(authority: Authority) {
    super();
    this.#authority = authority;
  }

  get revision(): number {
    return this.#authority.revisionOf('role');
  }

  rolesOf(caller: Principal): readonly Role[] {
    return this.#authority.rolesOf(caller);
  }
}
