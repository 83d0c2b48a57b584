import type { May, Role } from '#authz';
import type { Principal } from '#identity';
import type { Authority } from '../authority/authority.ts';
import { OperatorTemplate } from './operator-template.ts';
import type { ProviderSettings } from './provider-record.ts';

/**
 * Whether the caller may let this provider say who operators are. It could name itself into every role that is bound to a name its
 * template makes or to a group on its list, and out of every role that denies the caller something.
 */
export function isWithinReach(authority: Authority, caller: Principal, { operator, groups }: ProviderSettings, may: May): boolean {
  const template = new OperatorTemplate(operator);
  const names = new Set(groups?.map.map(({ group }) => `group:${group}`));
  const own = authority.rolesOf(caller);
  const isOurs = (binding: string): boolean =>
    names.has(binding) || (binding.startsWith('operator:') && template.canMake(binding.slice('operator:'.length)));
  const gained = authority.all('role').filter(({ body }) => body.bind.some(isOurs) && !own.includes(body));
  const shed = own.filter(({ rules }) => rules.some(({ deny }) => deny !== undefined));
  return [...gained.map(({ body }): Role => body), ...shed].every(({ role }) => may('policy:escalate', role));
}
