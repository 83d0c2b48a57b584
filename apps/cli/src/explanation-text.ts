import type { ResponseOf } from '#contract';
import { ruleText } from './rule-text.ts';

type Explained = Pick<ResponseOf<'explain'>, 'allowed' | 'depends' | 'rule' | 'decided' | 'nearest' | 'missing'>;

/** Why something is allowed or denied, for people. */
export function explanationLines({ depends, rule, decided, nearest, missing }: Explained): string[] {
  const byNone = depends ? 'labels, which are not known here' : 'no rule; what no rule allows is denied';
  return [
    `decided by: ${rule ?? byNone}${decided === undefined ? '' : ` (${ruleText(decided.rule)})`}`,
    ...(nearest === undefined ? [] : [`nearest: ${nearest.name} (${ruleText(nearest.rule)}), which ${lacksText(nearest.lacks)}`]),
    ...(missing === undefined ? [] : [`missing: a role with the rule ${ruleText(missing.rule)} and bind: [${missing.bind}]`]),
  ];
}

const LACKS = {
  binding: 'is not bound to the caller',
  action: 'is for other actions',
  resource: 'is on something else',
  time: 'has ended',
  condition: 'has conditions that do not hold',
  labels: 'hangs on labels that are not known',
  approval: 'wants an approval',
};

function lacksText(lacks: readonly (keyof typeof LACKS)[]): string {
  return lacks.length === 0 ? 'a deny wins over' : lacks.map((lack) => LACKS[lack]).join(' and ');
}
