import { AuthzError, parseRole, type May, type PlanPart, type Reader, type Role } from '#authz';
import { checkAdministered } from './administration.ts';
import type { Authority } from '../authority/authority.ts';
import { AccessError } from '../errors.ts';
import { checkParents, inEffect, type FindRole } from './inheritance.ts';
import type { StoredRole } from '../authority/records.ts';
import { roleDiff } from './role-diff.ts';
import { latestOf, roleWrites } from './role-history.ts';
import { widens } from './widening.ts';

/** A role as it is to be. `role` is untrusted input. */
export interface RoleWish extends Pick<ChangeTerms, 'ifVersion'> {
  readonly name: string;
  readonly role: unknown;
}

/** On which terms a role is changed, and why. */
export interface ChangeTerms {
  readonly reason?: string;
  /** The version that it must have; 0 where it must not be there. */
  readonly ifVersion?: number;
}

/** Who changes roles, when and why. */
export interface ChangeNote {
  readonly updatedBy: string;
  readonly updatedAt: string;
  readonly reason?: string;
}

/** One role of a change that is allowed and holds together. */
export interface RoleChange {
  readonly name: string;
  readonly before: StoredRole | undefined;
  /** The role as it is now where nothing changes. */
  readonly after: StoredRole;
  /** As `roleDiff` writes it; empty where nothing changes. */
  readonly diff: readonly string[];
  /** Whether it gives anybody more than before. */
  readonly escalates: boolean;
}

/**
 * Checks roles that are to be applied together, as they are once all of them are: a rule may move from one to the other, one may extend the
 * other, and only what the last of them leaves has to be administered. It awaits nothing.
 *
 * @throws AuthzError `invalid_role`, `denied` without the `policy:escalate` that it takes; AccessError `conflict`
 */
export function checkRoles(authority: Authority, may: May, wishes: readonly RoleWish[], note: ChangeNote): readonly RoleChange[] {
  const drafts = wishes.map((wish) => draftOf(authority, wish, note));
  const changed = new Map<string, Role>(drafts.map(({ name, after }) => [name, after]));
  if (changed.size < drafts.length) throw new AuthzError('invalid_role', 'role: one name twice');
  const find: FindRole = (name) => changed.get(name) ?? authority.roles(name);
  // Who may not read a role does not learn whether there is one to extend.
  if (!drafts.every(({ after }) => (after.extends ?? []).every((parent) => may('policy:read', parent)))) throw new AuthzError('denied');
  for (const { after } of drafts) checkParents(find, after);
  const changes = drafts.map((draft) => ({ ...draft, escalates: escalates(authority, find, draft) }));
  if (!changes.every(({ name, escalates }) => !escalates || may('policy:escalate', name))) throw new AuthzError('denied');
  checkAdministered(authority, changed);
  return changes;
}

/** What a change leaves behind: nothing where the role stays as it is. */
export async function partOf(authority: Authority, reader: Reader, { name, before, after }: RoleChange): Promise<PlanPart> {
  const writes = after === before ? [] : await roleWrites(authority, reader, after);
  return { resource: name, writes, version: after.version };
}

function draftOf(authority: Authority, { name, role, ifVersion }: RoleWish, note: ChangeNote): Omit<RoleChange, 'escalates'> {
  const parsed = parseRole(role);
  if (parsed.role !== name) throw new AuthzError('invalid_role', 'role: not the name that it is put under');
  const before = authority.find('role', name)?.body;
  checkVersion(before, ifVersion);
  const version = (latestOf(authority, name)?.version ?? 0) + 1;
  const diff = roleDiff(before, parsed);
  const isSame = before !== undefined && diff.length === 0;
  return { name, before, after: isSame ? before : { ...parsed, version, ...note }, diff };
}

function escalates(authority: Authority, find: FindRole, { before, after }: Omit<RoleChange, 'escalates'>): boolean {
  return widens(before && inEffect(authority.roles, before), inEffect(find, after));
}

/** @throws AccessError `conflict` when a role has not the version that it must have */
export function checkVersion(role: StoredRole | undefined, ifVersion: number | undefined): void {
  if (ifVersion !== undefined && ifVersion !== (role?.version ?? 0)) throw new AccessError('conflict', 'the role has another version');
}
