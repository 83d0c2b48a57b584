import { AccessError } from '../errors.ts';
import { OperatorTemplate } from './operator-template.ts';
import type { ProviderSettings } from './provider-record.ts';

/** What a provider says of somebody: the checked claims of an ID token, completed by those of its userinfo endpoint. */
export type Claims = Readonly<Record<string, unknown>>;

/** Who somebody is here, by what their provider says of them. */
export interface Claimant {
  readonly subject: string;
  readonly operator: string;
  readonly groups: readonly string[];
  readonly factors: 1 | 2;
}

/** More than this of one claim is not looked at. */
const MOST_VALUES = 1_000;

/**
 * Who the claims make somebody, by the provider's record and nothing else: conditions, then the name, the groups that are on its list
 * and the number of factors. Claims are looked up by their whole name, in the object itself.
 *
 * @throws AccessError `sign_in_refused`; its hint says which part of the record came to nothing, never what the claims say
 */
export function claimantOf(provider: ProviderSettings, claims: Claims): Claimant {
  const subject = claimOf(claims, 'sub');
  if (typeof subject !== 'string' || subject === '' || subject.length > 255) throw refused('there is no subject');
  if (!provider.require.every(({ claim, anyOf }) => holdsOne(claims, claim, anyOf))) throw refused('a claim is not what it has to be');
  return {
    subject,
    operator: operatorOf(provider, claims),
    groups: groupsOf(provider, claims),
    factors: isTwoFactors(provider, claims) ? 2 : 1,
  };
}

function operatorOf(provider: ProviderSettings, claims: Claims): string {
  const template = new OperatorTemplate(provider.operator);
  // An address that nobody has verified is whatever somebody typed.
  if (template.claim === 'email' && claimOf(claims, 'email_verified') !== true) throw refused('the address is not verified');
  const name = template.nameOf(claimOf(claims, template.claim));
  if (name === undefined) throw refused("the claims make no operator's name");
  return name;
}

function groupsOf({ groups }: ProviderSettings, claims: Claims): readonly string[] {
  if (groups === undefined) return [];
  const values = new Set(valuesOf(claims, groups.claim));
  return [...new Set(groups.map.filter(({ value }) => values.has(value)).map(({ group }) => group))].toSorted();
}

function isTwoFactors({ secondFactor }: ProviderSettings, claims: Claims): boolean {
  const { acr = [], amr = [] } = secondFactor ?? {};
  return holdsOne(claims, 'acr', acr) || holdsOne(claims, 'amr', amr);
}

function holdsOne(claims: Claims, claim: string, anyOf: readonly string[]): boolean {
  return valuesOf(claims, claim).some((value) => anyOf.includes(value));
}

/** A claim as texts: one, or those of a list. Anything nested is none. */
function valuesOf(claims: Claims, name: string): string[] {
  const claim = claimOf(claims, name);
  const values: readonly unknown[] = Array.isArray(claim) ? claim.slice(0, MOST_VALUES) : [claim];
  return values.flatMap((value) => (typeof value === 'string' ? [value] : typeof value === 'boolean' ? [String(value)] : []));
}

function claimOf(claims: Claims, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined;
}

function refused(hint: string): AccessError {
  return new AccessError('sign_in_refused', hint);
}
