import { parse } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { printData } from '../terminal.ts';

/** Lists what is revoked. */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parse(args, [], { json: { type: 'boolean' } });
  const endpoint = callerEndpoint();
  const items = [];
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const target: string = cursor === '' ? '/revocations' : `/revocations?cursor=${encodeURIComponent(cursor)}`;
    const page: Awaited<ReturnType<typeof call<'listRevocations'>>> = await call<'listRevocations'>(endpoint, { method: 'GET', target });
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  await printData({ items }, items.map(({ subject, revokedAt, revokedBy }) => `${revokedAt} ${subject} by ${revokedBy}`), values.json); // prettier-ignore
}
