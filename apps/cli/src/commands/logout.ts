import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { operatorEndpoint } from '../client-settings.ts';
import { variable } from '../environment.ts';
import { EXIT, Failure } from '../failure.ts';
import { storedSession, storeSession } from '../session-store.ts';
import { say } from '../terminal.ts';

/** Ends the session, here even where the server has ended it already. */
export async function run(args: readonly string[]): Promise<void> {
  parse(args, [], {});
  const endpoint = operatorEndpoint();
  const token = variable('HOLDFAST_TOKEN') ?? storedSession(endpoint.url.origin);
  if (token === undefined) return say('nobody is signed in');
  try {
    await call<'signOut'>({ ...endpoint, token }, { method: 'DELETE', target: '/session' });
  } catch (error) {
    if (!(error instanceof Failure && error.exit === EXIT.denied)) throw error;
  }
  if (variable('HOLDFAST_TOKEN') === undefined) storeSession(endpoint.url.origin, undefined);
}
