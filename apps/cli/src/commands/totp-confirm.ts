import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { readCode } from '../input.ts';
import { print, printable, say } from '../terminal.ts';

/** Confirms a second factor by its first code and prints the recovery codes, this once. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parse(args, [], { 'code-file': { type: 'string' }, json: { type: 'boolean' } });
  const endpoint = callerEndpoint();
  const totp = await readCode(values['code-file']);
  const answer = await call<'confirmTotp'>(endpoint, { method: 'POST', target: '/totp:confirm', body: { totp } });
  const lines = answer.recoveryCodes.map((code) => `${printable(code)}\n`).join('');
  await print(values.json === true ? `${JSON.stringify(answer, null, 2)}\n` : lines);
  say('keep these where the authenticator is not: each of them is good once in place of a code');
}
