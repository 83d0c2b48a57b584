import type { Authority } from '../authority/authority.ts';
import type { OperatorRecord } from '../authority/records.ts';
import { isInForce } from './second-factor.ts';

/** An operator as others may see it: nothing of what it proves itself with. */
export interface DescribedOperator {
  readonly name: string;
  /** `invited` while there is nothing that it could come in with but its one-time token. */
  readonly state: 'invited' | 'active' | 'disabled';
  readonly groups: readonly string[];
  readonly certificate?: string;
  /** At which provider it signs in. */
  readonly provider?: string;
  /** Whether it signs in with a second factor. */
  readonly secondFactor: boolean;
  readonly createdAt: string;
}

/** What may be told of an operator. */
export function describeOperator(authority: Authority, operator: OperatorRecord): DescribedOperator {
  const { name, groups = [], certificate, oidc, createdAt } = operator;
  return {
    name,
    state: stateOf(operator),
    groups,
    ...(certificate !== undefined && { certificate }),
    ...(oidc !== undefined && { provider: oidc.provider }),
    secondFactor: isInForce(authority.find('second-factor', name)?.body),
    createdAt,
  };
}

function stateOf({ disabled, password, certificate, oidc }: OperatorRecord): DescribedOperator['state'] {
  if (disabled === true) return 'disabled';
  return password === undefined && certificate === undefined && oidc === undefined ? 'invited' : 'active';
}
