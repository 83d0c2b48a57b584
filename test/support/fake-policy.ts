import { type Action, compilePattern, type LabelProvider, type LiveApproval, Policy, type Role } from '#authz';
import type { Principal } from '#identity';

/** Roles in memory, given to callers by their bindings. Replacing them is a new revision. */
export class FakePolicy extends Policy {
  revision = 1;
  /** What became of everybody's credential. */
  lapse: Error | undefined;
  labels: LabelProvider | undefined;
  /** `action resource` of what somebody has approved of, for everybody, as often as it is wanted. */
  readonly approved = new Set<string>();
  /** `action request-id` of accesses that rested on an approval. */
  readonly used: string[] = [];
  #roles: readonly Role[];

  constructor(roles: readonly Role[] = []) {
    super();
    this.#roles = roles;
  }

  rolesOf({ kind, id }: Principal): readonly Role[] {
    const name = kind === 'operator' ? `operator:${id}` : id;
    const held = new Set(this.#roles.filter((role) => role.bind.some((pattern) => compilePattern(pattern)(name))));
    // What is added while it is walked through is walked through too.
    for (const role of held) for (const parent of this.#roles.filter((other) => role.extends?.includes(other.role))) held.add(parent);
    return [...held];
  }

  isApproved(_caller: Principal, action: Action, resource: string): boolean {
    return this.approved.has(`${action} ${resource}`);
  }

  approvalOf(caller: Principal, action: Action, resource: string): LiveApproval | undefined {
    if (!this.isApproved(caller, action, resource)) return undefined;
    return { id: `${action} ${resource}`, use: { kind: 'approval', key: 'a', rev: this.used.length + 1, sealed: Buffer.from('used') } };
  }

  approvalUsed(action: Action, requestId: string): void {
    this.used.push(`${action} ${requestId}`);
  }

  lapseOf(): Error | undefined {
    return this.lapse;
  }

  replace(roles: readonly Role[]): void {
    this.#roles = roles;
    this.revision++;
  }
}
