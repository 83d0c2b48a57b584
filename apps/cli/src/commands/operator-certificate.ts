import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { usageFailure } from '../failure.ts';
import { operatorLines } from '../operator-lines.ts';
import { printData } from '../terminal.ts';
import { namedTarget } from '../target.ts';

/** Names the client certificate that an operator may come with. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(args, ['NAME', 'CERTIFICATE?'], { none: { type: 'boolean' }, json: { type: 'boolean' } });
  const [name = '', certificate] = positionals;
  if ((values.none === true) === (certificate !== undefined))
    throw usageFailure('name a SPIFFE id or sha256:<hex> of a public key, or say --none');
  const target = namedTarget('operators', name);
  const operator = await call<'changeOperator'>(callerEndpoint(), { method: 'PATCH', target, body: { certificate: certificate ?? null } });
  await printData(operator, operatorLines(operator), values.json);
}
