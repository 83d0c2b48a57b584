import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { usageFailure } from '../failure.ts';
import { operatorLines } from '../operator-lines.ts';
import { printData } from '../terminal.ts';
import { namedTarget } from '../target.ts';

/** Puts an operator into exactly these groups. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(args, ['NAME', 'GROUP…'], { none: { type: 'boolean' }, json: { type: 'boolean' } });
  const [name = '', ...groups] = positionals;
  if ((values.none === true) === groups.length > 0) throw usageFailure('name the groups, or say --none');
  const target = namedTarget('operators', name);
  const operator = await call<'changeOperator'>(callerEndpoint(), { method: 'PATCH', target, body: { groups } });
  await printData(operator, operatorLines(operator), values.json);
}
