import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { EXIT, Failure } from '../failure.ts';
import { storeSession } from '../session-store.ts';

/** Ends the session, here even where the server has ended it already. */
export async function run(args: readonly string[]): Promise<void> {
  parse(args, [], {});
  const endpoint = callerEndpoint();
  try {
    await call<'signOut'>(endpoint, { method: 'DELETE', target: '/session' });
  } catch (error) {
    if (!(error instanceof Failure && error.exit === EXIT.denied)) throw error;
  }
  if (process.env.HOLDFAST_TOKEN === undefined) storeSession(endpoint.url.origin, undefined);
}
