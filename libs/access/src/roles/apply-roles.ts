import type { Gate, JointPlan, May, Reader, RequestContext } from '#authz';
import { subjectOf, type Clock, type Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { checkRoles, partOf, type RoleChange, type RoleWish } from './role-change.ts';

/** Roles that are to be applied together, and why. */
interface RolesToApply {
  readonly wishes: readonly RoleWish[];
  readonly reason?: string;
  /** Whether to say what would change, and to change nothing. */
  readonly dryRun?: boolean;
}

interface AppliedRole {
  readonly role: string;
  readonly version: number;
  readonly change: 'created' | 'changed' | 'unchanged';
  /** Whether it takes `policy:escalate`. */
  readonly escalates: boolean;
  /** As `roleDiff` writes it; left out for who may not read the role. */
  readonly diff?: readonly string[];
}

/** Applies roles in one commit or not at all. Each is decided and recorded by itself; whether they are allowed, by all of them together. */
export class ApplyRoles {
  readonly #gate: Gate;
  readonly #authority: Authority;
  readonly #clock: Clock;

  constructor(gate: Gate, authority: Authority, clock: Clock) {
    this.#gate = gate;
    this.#authority = authority;
    this.#clock = clock;
  }

  /** @throws as ApplyRole does, for any of them, and whether it is a dry run or not */
  perform(caller: Principal, roles: RolesToApply, request: RequestContext): Promise<readonly AppliedRole[]> {
    const ask = { caller, action: 'policy:write', request } as const;
    const names = roles.wishes.map(({ name }) => name);
    return this.#authority.changeRoles(() =>
      this.#gate.performAll(ask, names, (reader, may) => this.#plan(subjectOf(caller), roles, reader, may)),
    );
  }

  async #plan(by: string, { wishes, reason, dryRun }: RolesToApply, reader: Reader, may: May): Promise<JointPlan<AppliedRole[]>> {
    const note = { updatedBy: by, updatedAt: this.#clock.now().toISOString(), reason };
    const changes = checkRoles(this.#authority, may, wishes, note);
    const answer = changes.map((change) => applied(change, may));
    if (dryRun === true) return { parts: changes.map(({ name: resource }) => ({ resource })), answer };
    return { parts: await Promise.all(changes.map((change) => partOf(this.#authority, reader, change))), answer };
  }
}

function applied({ name: role, before, after, diff, escalates }: RoleChange, may: May): AppliedRole {
  const kind = before === undefined ? 'created' : 'changed';
  const shown = may('policy:read', role) ? { diff } : {};
  return { role, version: after.version, change: after === before ? 'unchanged' : kind, escalates, ...shown };
}
