import type { RequestOf, ResponseOf } from '#contract';
import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { explanationLines } from '../explanation-text.ts';
import { usageFailure } from '../failure.ts';
import { printData } from '../terminal.ts';

type Explanation = ResponseOf<'explain'>;

const OPTIONS = {
  request: { type: 'string' },
  from: { type: 'string' },
  at: { type: 'string' },
  factors: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** Says why a caller may do something or not, or why a request was denied. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(args, ['CALLER?', 'ACTION?', 'PATH?'], OPTIONS);
  const { request, from, at: time, factors, json } = values;
  const circumstances = { from, time, factors: factors === '2' ? (2 as const) : undefined };
  const body = request === undefined ? { ...questionOf(positionals), circumstances } : byRequest(request, positionals);
  const explanation = await call<'explain'>(callerEndpoint(), { method: 'POST', target: '/authz:explain', body });
  await printData(explanation, linesOf(explanation), json);
}

function questionOf([caller, action, resource]: readonly string[]) {
  if (caller !== undefined && action !== undefined && resource !== undefined) return { caller, action, resource };
  throw usageFailure('it takes CALLER ACTION PATH, or --request ID alone');
}

function byRequest(requestId: string, positionals: readonly string[]): RequestOf<'explain'> {
  if (positionals.length === 0) return { requestId };
  throw usageFailure('it takes CALLER ACTION PATH, or --request ID alone');
}

function linesOf(explanation: Explanation): string[] {
  const { allowed, caller, action, resource, roles, request } = explanation;
  return [
    ...(request === undefined ? [] : [`request ${request.id} of ${request.time}, as it would be decided now:`]),
    `${allowed ? 'allowed' : 'denied'}: ${action} on ${resource} to ${caller}`,
    ...explanationLines(explanation),
    `roles of ${caller}: ${roles.length === 0 ? 'none' : roles.join(', ')}`,
  ];
}
