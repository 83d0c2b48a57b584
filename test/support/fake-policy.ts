import { compilePattern, Policy, type Role } from '#authz';
import type { Principal } from '#identity';

/** Roles in memory, given to callers by their bindings. Replacing them is a new revision. */
export class FakePolicy extends Policy {
  revision = 1;
  /** What became of everybody's credential. */
  lapse: Error | undefined;
  #roles: readonly Role[];

  constructor(roles: readonly Role[] = []) {
    super();
    this.#roles = roles;
  }

  rolesOf({ kind, id }: Principal): readonly Role[] {
    const name = kind === 'operator' ? `operator:${id}` : id;
    return this.#roles.filter((role) => role.bind.some((pattern) => compilePattern(pattern)(name)));
  }

  lapseOf(): Error | undefined {
    return this.lapse;
  }

  replace(roles: readonly Role[]): void {
    this.#roles = roles;
    this.revision++;
  }
}
