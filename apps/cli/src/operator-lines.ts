import type { ResponseOf } from '#contract';

/** An operator for people, a line for each thing that there is to say. */
export function operatorLines(operator: ResponseOf<'getOperator'>): string[] {
  const { name, state, groups, certificate, provider, secondFactor, createdAt } = operator;
  return [
    `${name}: ${state}, since ${createdAt}`,
    `groups: ${groups.length === 0 ? 'none' : groups.join(', ')}`,
    `second factor: ${secondFactor ? 'yes' : 'no'}`,
    ...(certificate === undefined ? [] : [`certificate: ${certificate}`]),
    ...(provider === undefined ? [] : [`signs in at: ${provider}`]),
  ];
}
