import type { RequestOf, ResponseOf } from '#contract';
import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { usageFailure } from '../failure.ts';
import { ruleText } from '../rule-text.ts';
import { printData } from '../terminal.ts';

type Explanation = ResponseOf<'explain'>;

const OPTIONS = { request: { type: 'string' }, json: { type: 'boolean' } } as const;

/** Says why a caller may do something or not, or why a request was denied. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(args, ['CALLER?', 'ACTION?', 'PATH?'], OPTIONS);
  const body = questionOf(positionals, values.request);
  const explanation = await call<'explain'>(callerEndpoint(), { method: 'POST', target: '/authz:explain', body });
  await printData(explanation, linesOf(explanation), values.json);
}

function questionOf([caller, action, resource]: readonly string[], requestId: string | undefined): RequestOf<'explain'> {
  if (requestId !== undefined && caller === undefined) return { requestId };
  if (requestId !== undefined || caller === undefined || action === undefined || resource === undefined)
    throw usageFailure('it takes CALLER ACTION PATH, or --request ID alone');
  return { caller, action, resource };
}

function linesOf(explanation: Explanation): string[] {
  const { allowed, caller, action, resource, roles, request, missing } = explanation;
  return [
    ...(request === undefined ? [] : [`request ${request.id} of ${request.time}, as it would be decided now:`]),
    `${allowed ? 'allowed' : 'denied'}: ${action} on ${resource} to ${caller}`,
    decidedLine(explanation),
    ...nearestLines(explanation),
    ...(missing === undefined ? [] : [`missing: a role with the rule ${ruleText(missing.rule)} and bind: [${missing.bind}]`]),
    `roles of ${caller}: ${roles.length === 0 ? 'none' : roles.join(', ')}`,
  ];
}

function decidedLine({ rule, decided }: Explanation): string {
  if (rule === undefined) return 'decided by: no rule; what no rule allows is denied';
  return `decided by: ${rule}${decided === undefined ? '' : ` (${ruleText(decided.rule)})`}`;
}

const LACKS = {
  binding: 'is not bound to the caller',
  action: 'is for other actions',
  resource: 'is on something else',
  time: 'has ended',
};

function nearestLines({ nearest }: Explanation): string[] {
  if (nearest === undefined) return [];
  const lacks = nearest.lacks.map((lack) => LACKS[lack]);
  return [`nearest: ${nearest.name} (${ruleText(nearest.rule)}), which ${lacks.length === 0 ? 'a deny wins over' : lacks.join(' and ')}`];
}
