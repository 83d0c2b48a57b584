import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { printData } from '../terminal.ts';
import { namedTarget } from '../target.ts';

/** Lists the sessions of an operator. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(args, ['NAME'], { json: { type: 'boolean' } });
  const target = `${namedTarget('operators', positionals[0] ?? '')}:sessions`;
  const list = await call<'listSessions'>(callerEndpoint(), { method: 'GET', target });
  const lines = list.items.map(
    ({ id, peer = '-', factors, lastUsedAt, expiresAt, current }) =>
      `${id} from ${peer}, ${factors} factor${factors === 1 ? '' : 's'}, last used ${lastUsedAt}, until ${expiresAt}${current ? ', this one' : ''}`,
  );
  await printData(list, lines, values.json);
}
