import { AuthzError } from '#authz';
import type { Principal } from '#identity';
import { operatorResource } from './operator-name.ts';

/** What a caller's own account is in rules and entries, of whatever kind the caller is. */
export function ownResource({ kind, id }: Principal): string {
  return kind === 'operator' ? operatorResource(id) : id;
}

/**
 * The name of the operator that a caller is. Who has no account has no password and no second factor either, whatever a role gives it.
 *
 * @throws AuthzError `denied`
 */
export function ownName({ kind, method, id }: Principal): string {
  if (kind !== 'operator' || method === 'token') throw new AuthzError('denied');
  return id;
}
