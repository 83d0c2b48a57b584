import type { ResponseOf } from '#contract';
import { parse, parseDuration } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { ruleText } from '../rule-text.ts';
import { printData, say } from '../terminal.ts';

type Suggestion = ResponseOf<'suggest'>;

const OPTIONS = { since: { type: 'string' }, json: { type: 'boolean' } } as const;

/** Writes the smallest role that covers what a caller did, to people as YAML with what nobody used as comments. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(args, ['CALLER'], OPTIONS);
  const seconds = parseDuration(values.since ?? '30d', '--since');
  const body = { caller: positionals[0] ?? '', since: new Date(Date.now() - 1_000 * seconds).toISOString() };
  const suggestion = await call<'suggest'>(callerEndpoint(), { method: 'POST', target: '/authz:suggest', body });
  const { stringify } = await import('yaml');
  await printData(suggestion, linesOf(suggestion, stringify(suggestion.role)), values.json);
  if (suggestion.partial)
    say(`there is more in that time: ${suggestion.entries} entries were looked at, back to ${suggestion.oldest ?? ''}`);
}

function linesOf({ caller, entries, oldest, widened, unused }: Suggestion, yaml: string): string[] {
  return [
    `# what ${caller} did, by ${entries} entries${oldest === undefined ? '' : ` since ${oldest}`}`,
    ...(widened ? ['# it allows more than that: there is too much for a rule each'] : []),
    ...yaml.trimEnd().split('\n'),
    ...unused.map(({ name, actions, rule }) => `# nobody used ${actions.join(', ')} of ${name} (${ruleText(rule)})`),
  ];
}
