import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { readSecret } from '../input.ts';
import { print, printable, say } from '../terminal.ts';

/** Begins a second factor and prints what an authenticator takes in, this once. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parse(args, [], { 'password-file': { type: 'string' }, json: { type: 'boolean' } });
  const endpoint = callerEndpoint();
  const password = await readSecret('password', values['password-file']);
  const enrolment = await call<'enrolTotp'>(endpoint, { method: 'POST', target: '/totp', body: { password } });
  await print(values.json === true ? `${JSON.stringify(enrolment, null, 2)}\n` : `${printable(enrolment.uri)}\n`);
  say(`give it to an authenticator, then type \`holdfast totp confirm\` before ${enrolment.expiresAt}`);
}
