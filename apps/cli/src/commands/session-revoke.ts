import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { usageFailure } from '../failure.ts';
import { namedTarget } from '../target.ts';

const ID = /^[0-9a-f]{64}$/;

/** Ends one session of an operator, or all of them. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(args, ['NAME', 'ID?'], { all: { type: 'boolean' } });
  const [name = '', id] = positionals;
  if ((values.all === true) === (id !== undefined)) throw usageFailure('name the session by its ID, or say --all');
  if (id !== undefined && !ID.test(id)) throw usageFailure('this is not the ID of a session', '`holdfast session list NAME` shows them');
  const target = `${namedTarget('operators', name)}:sessions${id === undefined ? '' : `?id=${id}`}`;
  await call<'endSessions'>(callerEndpoint(), { method: 'DELETE', target });
}
