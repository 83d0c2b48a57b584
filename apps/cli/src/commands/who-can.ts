import type { ResponseOf } from '#contract';
import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { printData, say } from '../terminal.ts';

type WhoCan = ResponseOf<'whoCan'>;

/** Lists who can do something, and who could come to. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(args, ['ACTION', 'PATH'], { json: { type: 'boolean' } });
  const [action = '', resource = ''] = positionals;
  const found = await call<'whoCan'>(callerEndpoint(), { method: 'POST', target: '/authz:who-can', body: { action, resource } });
  await printData(found, [...found.direct.map(holderLine), ...found.indirect.map(wayLine)], values.json);
  if (found.partial) say('these are the first 1,000 of a list, and there are more');
}

function holderLine({ principal, rule, conditional, unless, absent, except }: WhoCan['direct'][number]): string {
  const notes = [
    `by ${rule}`,
    ...(conditional ? ['under its conditions'] : []),
    ...(unless === undefined ? [] : [`unless ${unless.join(', ')}`]),
    ...(except === undefined ? [] : [`but for ${except.join(', ')}`]),
    ...(absent ? ['who is not there'] : []),
  ];
  return `${principal}: ${notes.join(', ')}`;
}

const WAYS = {
  enrol: 'could enrol as',
  role: 'could write the role',
  trust: 'could trust',
  group: 'could put an operator into',
  operator: 'could make themselves',
  label: 'could change the labels of',
};

function wayLine({ principal, way, on, rule, conditional }: WhoCan['indirect'][number]): string {
  return `${principal}: ${WAYS[way]} ${on}, by ${rule}${conditional ? ', under its conditions' : ''}`;
}
