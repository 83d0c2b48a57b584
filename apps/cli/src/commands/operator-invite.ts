import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { print, printable } from '../terminal.ts';

/** Invites an operator and prints the one-time token, this once. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(args, ['NAME'], { group: { type: 'string', multiple: true }, json: { type: 'boolean' } });
  const [name = ''] = positionals;
  const body = { name, groups: values.group };
  const invitation = await call<'inviteOperator'>(callerEndpoint(), { method: 'POST', target: '/operators', body });
  await print(values.json === true ? `${JSON.stringify(invitation, null, 2)}\n` : `${printable(invitation.token)}\n`);
}
