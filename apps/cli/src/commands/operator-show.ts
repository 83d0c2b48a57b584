import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { operatorLines } from '../operator-lines.ts';
import { printData } from '../terminal.ts';
import { namedTarget } from '../target.ts';

/** Shows an operator. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(args, ['NAME'], { json: { type: 'boolean' } });
  const operator = await call<'getOperator'>(callerEndpoint(), { method: 'GET', target: namedTarget('operators', positionals[0] ?? '') });
  await printData(operator, operatorLines(operator), values.json);
}
