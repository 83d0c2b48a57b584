import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { readCode, readSecret } from '../input.ts';

/** Removes one's own second factor. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parse(args, [], { 'password-file': { type: 'string' }, 'code-file': { type: 'string' } });
  const endpoint = callerEndpoint();
  const password = await readSecret('password', values['password-file']);
  const totp = await readCode(values['code-file']);
  await call<'removeTotp'>(endpoint, { method: 'POST', target: '/totp:remove', body: { password, totp } });
}
