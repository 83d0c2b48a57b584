import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { print, printable } from '../terminal.ts';
import { namedTarget } from '../target.ts';

/** Makes an operator's password void and prints a new one-time token; or takes its second factor away. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(args, ['NAME'], { totp: { type: 'boolean' }, json: { type: 'boolean' } });
  const target = namedTarget('operators', positionals[0] ?? '');
  if (values.totp === true) {
    await call<'resetTotp'>(callerEndpoint(), { method: 'POST', target: `${target}:reset-totp`, body: {} });
    return;
  }
  const invitation = await call<'resetPassword'>(callerEndpoint(), { method: 'POST', target: `${target}:reset-password`, body: {} });
  await print(values.json === true ? `${JSON.stringify(invitation, null, 2)}\n` : `${printable(invitation.token)}\n`);
}
