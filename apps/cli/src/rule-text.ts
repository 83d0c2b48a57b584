import type { ResponseOf } from '#contract';

type Rule = NonNullable<ResponseOf<'explain'>['missing']>['rule'];

/** A rule on one line, as its YAML has it: `allow: [secret:read], on: payments/prod/**`. */
export function ruleText({ allow, deny, ...rest }: Rule): string {
  const effect = allow === undefined ? { deny } : { allow };
  return Object.entries({ ...effect, ...rest })
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${textOf(value)}`]))
    .join(', ');
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return `[${value.map(textOf).join(', ')}]`;
  return JSON.stringify(value);
}
