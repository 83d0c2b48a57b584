import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { readSecret } from '../input.ts';

const OPTIONS = { 'current-password-file': { type: 'string' }, 'password-file': { type: 'string' } } as const;

/** Changes one's own password; one's other sessions end. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parse(args, [], OPTIONS);
  const endpoint = callerEndpoint();
  const current = await readSecret('current password', values['current-password-file']);
  const password = await readSecret('password', values['password-file'], true);
  await call<'changePassword'>(endpoint, { method: 'PUT', target: '/password', body: { current, password } });
}
