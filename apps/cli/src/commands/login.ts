import type { RequestOf } from '#contract';
import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { operatorEndpoint } from '../client-settings.ts';
import { Failure, usageFailure } from '../failure.ts';
import { readCode, readSecret } from '../input.ts';
import { storeSession } from '../session-store.ts';
import { printData } from '../terminal.ts';

const OPTIONS = {
  'password-file': { type: 'string' },
  'code-file': { type: 'string' },
  oidc: { type: 'string' },
  'no-browser': { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

/** Opens a session and keeps its token for the commands that follow. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(args, ['NAME?'], OPTIONS);
  const [name] = positionals;
  const endpoint = operatorEndpoint();
  const session = values.oidc === undefined ? await byPassword(name, values['password-file']) : await atProvider(values.oidc);
  storeSession(endpoint.url.origin, session.token);
  await printData(session, [`signed in as ${session.name} until ${session.expiresAt}`], values.json);

  async function byPassword(name: string | undefined, file: string | undefined) {
    if (name === undefined) throw usageFailure('NAME is missing');
    if (values['no-browser'] === true) throw usageFailure('--no-browser belongs to --oidc PROVIDER');
    const password = await readSecret('password', file);
    const code = values['code-file'] === undefined ? undefined : await readCode(values['code-file']);
    return { name, ...(await signIn({ name, password, totp: code }).catch(async (error: unknown) => withCode({ name, password }, error))) };
  }

  function signIn(body: RequestOf<'signIn'>) {
    return call<'signIn'>(endpoint, { method: 'POST', target: '/session', body });
  }

  /** Asks for the code once the server has said that there is a second factor: only who has the password hears of it. */
  async function withCode(body: RequestOf<'signIn'>, error: unknown) {
    if (!(error instanceof Failure) || error.code !== 'second_factor_required') throw error;
    return signIn({ ...body, totp: await readCode(undefined) });
  }

  async function atProvider(provider: string) {
    if (name !== undefined || values['password-file'] !== undefined || values['code-file'] !== undefined)
      throw usageFailure('the provider says who you are: give no NAME and no password');
    const { signInAt } = await import('../provider-sign-in.ts');
    return signInAt(endpoint, provider, values['no-browser'] !== true);
  }
}
