import { compilePattern } from '../language/pattern.ts';
import type { Role } from '../language/role.ts';
import type { Principal } from '#identity';

interface BoundPattern {
  readonly matches: (id: string) => boolean;
  readonly role: string;
}

/**
 * Who holds which roles, and by `extends` whose rules besides. What is bound by its whole name is found at once; patterns lie by the
 * segments before their first wildcard, so that only those are tried that begin like the id. Changing a role touches what was its own.
 */
export class Bindings {
  readonly #roles = new Map<string, Role>();
  readonly #byName = new Map<string, Set<string>>();
  readonly #byBeginning = new Map<string, BoundPattern[]>();

  constructor(roles: Iterable<Role> = []) {
    for (const role of roles) this.put(role);
  }

  /** A role as it is from now on. */
  put(role: Role): void {
    this.delete(role.role);
    this.#roles.set(role.role, role);
    for (const binding of new Set(role.bind)) this.#bind(binding, role.role);
  }

  delete(name: string): void {
    const role = this.#roles.get(name);
    this.#roles.delete(name);
    for (const binding of new Set(role?.bind)) this.#unbind(binding, name);
  }

  /** Each role once, however often it is bound to the caller or extended by one that is. `groups` are those of an operator. */
  rolesOf({ kind, id }: Pick<Principal, 'kind' | 'id'>, groups: readonly string[] = []): readonly Role[] {
    if (kind === 'workload') return this.#withParents([...this.#named(id), ...this.#matching(id)]);
    if (kind === 'operator')
      return this.#withParents([`operator:${id}`, ...groups.map((group) => `group:${group}`)].flatMap((name) => this.#named(name)));
    return [];
  }

  #named(name: string): string[] {
    return [...(this.#byName.get(name) ?? [])];
  }

  #matching(id: string): string[] {
    const found: string[] = [];
    for (let end = id.indexOf('/'); end >= 0; end = id.indexOf('/', end + 1)) {
      for (const { matches, role } of this.#byBeginning.get(id.slice(0, end + 1)) ?? []) if (matches(id)) found.push(role);
    }
    return found;
  }

  #withParents(names: readonly string[]): readonly Role[] {
    const held = new Set<Role>();
    const wanted = [...names];
    for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
      const role = this.#roles.get(name);
      if (role === undefined || held.has(role)) continue;
      held.add(role);
      wanted.push(...(role.extends ?? []));
    }
    return [...held];
  }

  #bind(binding: string, role: string): void {
    if (!binding.includes('*')) {
      this.#byName.set(binding, (this.#byName.get(binding) ?? new Set()).add(role));
      return;
    }
    const bound = { matches: compilePattern(binding), role };
    const others = this.#byBeginning.get(beginningOf(binding));
    if (others) others.push(bound);
    else this.#byBeginning.set(beginningOf(binding), [bound]);
  }

  #unbind(binding: string, role: string): void {
    if (!binding.includes('*')) {
      const others = this.#byName.get(binding);
      others?.delete(role);
      if (others?.size === 0) this.#byName.delete(binding);
      return;
    }
    const beginning = beginningOf(binding);
    const others = (this.#byBeginning.get(beginning) ?? []).filter((bound) => bound.role !== role);
    if (others.length > 0) this.#byBeginning.set(beginning, others);
    else this.#byBeginning.delete(beginning);
  }
}

/** All that comes before the first segment with a wildcard, with its `/`. */
function beginningOf(binding: string): string {
  return binding.slice(0, binding.lastIndexOf('/', binding.indexOf('*')) + 1);
}
