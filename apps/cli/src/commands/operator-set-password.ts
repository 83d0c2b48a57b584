import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { operatorEndpoint } from '../client-settings.ts';
import { usageFailure } from '../failure.ts';
import { readLine, readSecret } from '../input.ts';
import { namedTarget } from '../target.ts';

const OPTIONS = { token: { type: 'string' }, 'token-file': { type: 'string' }, 'password-file': { type: 'string' } } as const;

/** Makes the first operator with the one-time token. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(args, ['NAME'], OPTIONS);
  const [name = ''] = positionals;
  const file = values['token-file'];
  const token = values.token ?? (file === undefined ? undefined : readLine(file, 'the file of the token'));
  if (token === undefined) throw usageFailure('--token or --token-file is missing');
  if (!token.startsWith('hfo_'))
    throw usageFailure('this is not an operator token', '`holdfast init` prints it, and keeps it in its --out DIR');
  const target = namedTarget('operators', name);
  const password = await readSecret('password', values['password-file'], true);
  await call<'setPassword'>({ ...operatorEndpoint(), token }, { method: 'PUT', target, body: { password } });
}
