import { AuthzError, type May, type Role } from '#authz';

/**
 * Who can act as somebody else, or choose with what somebody comes in, could become that one. What it would gain, a role that is not its
 * own, or shed, a role that denies it something, is within `policy:escalate`.
 *
 * @throws AuthzError `denied`
 */
export function checkBecoming(own: readonly Role[], other: readonly Role[], may: May): void {
  checkEach([...other.filter((role) => !own.includes(role)), ...own.filter((role) => denies(role) && !other.includes(role))], may);
}

/**
 * Giving somebody roles that one does not hold, or taking from somebody a role that denies something, is within `policy:escalate`.
 *
 * @throws AuthzError `denied`
 */
export function checkGiving(
  own: readonly Role[],
  change: { readonly before: readonly Role[]; readonly after: readonly Role[] },
  may: May,
): void {
  const { before, after } = change;
  const given = after.filter((role) => !before.includes(role) && !own.includes(role));
  checkEach([...given, ...before.filter((role) => denies(role) && !after.includes(role))], may);
}

function checkEach(roles: readonly Role[], may: May): void {
  if (!roles.every(({ role }) => may('policy:escalate', role))) throw new AuthzError('denied');
}

function denies({ rules }: Role): boolean {
  return rules.some(({ deny }) => deny !== undefined);
}
