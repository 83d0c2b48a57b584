import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { operatorEndpoint } from '../client-settings.ts';
import { readSecret } from '../input.ts';
import { storeSession } from '../session-store.ts';
import { printData } from '../terminal.ts';

/** Opens a session and keeps its token for the commands that follow. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(args, ['NAME'], { 'password-file': { type: 'string' }, json: { type: 'boolean' } });
  const [name = ''] = positionals;
  const endpoint = operatorEndpoint();
  const password = await readSecret('password', values['password-file']);
  const session = await call<'signIn'>(endpoint, { method: 'POST', target: '/session', body: { name, password } });
  storeSession(endpoint.url.origin, session.token);
  await printData({ name, ...session }, [`signed in as ${name} until ${session.expiresAt}`], values.json);
}
