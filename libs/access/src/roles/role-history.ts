import type { Reader, RowWrite } from '#authz';
import type { Authority, Held } from '../authority/authority.ts';
import type { DeletedRole, RoleVersion, StoredRole } from '../authority/records.ts';

/** Versions of one role that are kept beside the latest. */
export const KEPT_VERSIONS = 50;
/** Deleted roles of which anything is kept: names are made and deleted without end. */
const KEPT_DELETED = 1_000;

/** The latest version of a role: as it is in force, or that it was deleted. */
export function latestOf(authority: Authority, name: string): RoleVersion | undefined {
  return (authority.find('role', name) ?? authority.find('deleted-role', name))?.body;
}

/** Every version of a role that is kept, the latest first. */
export async function versionsOf(authority: Authority, reader: Reader, name: string): Promise<readonly RoleVersion[]> {
  const latest = latestOf(authority, name);
  if (latest === undefined) return [];
  const earlier = await Promise.all(numbersBefore(latest.version).map((version) => versionOf(authority, reader, name, version)));
  return [latest, ...earlier.filter((found) => found !== undefined)];
}

/** One version of a role, as far as it is kept. */
export async function versionOf(authority: Authority, reader: Reader, name: string, version: number): Promise<RoleVersion | undefined> {
  const latest = latestOf(authority, name);
  if (latest?.version === version) return latest;
  return (await authority.read(reader, 'role-version', `${name}/${version}`))?.body;
}

/**
 * The writes that make `next` the latest version of its role, and keep the one before. Whatever changes a role goes by this; it looks at
 * the latest version before it awaits anything.
 */
export async function roleWrites(authority: Authority, reader: Reader, next: RoleVersion): Promise<RowWrite[]> {
  const role = authority.find('role', next.role);
  const deleted = authority.find('deleted-role', next.role);
  const writes = isDeleted(next) ? deletion(authority, role, next) : application(authority, role, deleted, next);
  const before = (role ?? deleted)?.body;
  if (before !== undefined) writes.push(authority.put('role-version', before, undefined));
  writes.push(...(await removalOf(authority, reader, next.role, [next.version - 1 - KEPT_VERSIONS])));
  if (isDeleted(next)) writes.push(...(await forgetOldest(authority, reader)));
  return writes;
}

export function isDeleted(version: RoleVersion): version is DeletedRole {
  return 'deleted' in version;
}

function application(
  authority: Authority,
  role: Held<StoredRole> | undefined,
  deleted: Held<DeletedRole> | undefined,
  next: StoredRole,
): RowWrite[] {
  return [authority.put('role', next, role), ...(deleted === undefined ? [] : [authority.remove('deleted-role', deleted)])];
}

function deletion(authority: Authority, role: Held<StoredRole> | undefined, next: DeletedRole): RowWrite[] {
  return [...(role === undefined ? [] : [authority.remove('role', role)]), authority.put('deleted-role', next, undefined)];
}

/** Makes room for one more deleted role. */
async function forgetOldest(authority: Authority, reader: Reader): Promise<RowWrite[]> {
  const deleted = authority.all('deleted-role');
  if (deleted.length < KEPT_DELETED) return [];
  const oldest = deleted.reduce((a, b) => (b.body.updatedAt < a.body.updatedAt ? b : a));
  const { role, version } = oldest.body;
  return [authority.remove('deleted-role', oldest), ...(await removalOf(authority, reader, role, numbersBefore(version)))];
}

async function removalOf(authority: Authority, reader: Reader, name: string, numbers: readonly number[]): Promise<RowWrite[]> {
  const ids = numbers.filter((version) => version > 0).map((version) => `${name}/${version}`);
  const found = await Promise.all(ids.map((id) => authority.read(reader, 'role-version', id)));
  return found.flatMap((held) => (held === undefined ? [] : [authority.remove('role-version', held)]));
}

/** Newest first. */
function numbersBefore(version: number): number[] {
  return Array.from({ length: Math.min(KEPT_VERSIONS, version - 1) }, (_, at) => version - 1 - at);
}
