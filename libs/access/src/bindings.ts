import { compilePattern, type Role } from '#authz';
import type { Principal } from '#identity';

/** Who holds which roles. What is bound by its whole name is found at once, only patterns are tried in turn. */
export class Bindings {
  readonly #byName = new Map<string, Role[]>();
  readonly #byPattern: { readonly matches: (name: string) => boolean; readonly role: Role }[] = [];

  constructor(roles: Iterable<Role>) {
    for (const role of roles) for (const binding of new Set(role.bind)) this.#add(binding, role);
  }

  /** Each role once, however often it is bound to the caller. */
  rolesOf({ kind, id }: Pick<Principal, 'kind' | 'id'>): readonly Role[] {
    if (kind !== 'workload' && kind !== 'operator') return [];
    const name = kind === 'operator' ? `operator:${id}` : id;
    const matching = this.#byPattern.filter(({ matches }) => matches(name)).map(({ role }) => role);
    return [...new Set([...(this.#byName.get(name) ?? []), ...matching])];
  }

  #add(binding: string, role: Role): void {
    if (binding.includes('*')) this.#byPattern.push({ matches: compilePattern(binding), role });
    else this.#byName.set(binding, [...(this.#byName.get(binding) ?? []), role]);
  }
}
