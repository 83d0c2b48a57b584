import { parse, parseCount, parsePair } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { usageFailure } from '../failure.ts';
import { fieldsFrom, fieldsFromFile } from '../fields.ts';
import { printData, say } from '../terminal.ts';
import { secretTarget } from '../target.ts';

const OPTIONS = {
  file: { type: 'string', short: 'f' },
  label: { type: 'string', multiple: true },
  'if-version': { type: 'string' },
  expires: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** One line and its end: what an editor or `echo` leaves in a file, and a password seldom has. */
const ENDED_LINE = /^[^\n]+\n$/;

/** Writes a new version of a secret. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(args, ['PATH', 'FIELD=VALUE…'], OPTIONS);
  const [path = '', ...operands] = positionals;
  if ((values.file === undefined) === (operands.length === 0)) throw usageFailure('give either fields or -f FILE');
  const { data, binary } = values.file === undefined ? fieldsFrom(operands) : fieldsFromFile(values.file);
  for (const [name, value] of Object.entries(data)) if (ENDED_LINE.test(value)) say(`warning: ${name} ends with a line end, which is kept`);
  const body = {
    data,
    ...(binary.length > 0 && { binary }),
    ...(values.label && { labels: Object.fromEntries(values.label.map((label) => parsePair(label, 'a label'))) }),
    ...(values['if-version'] !== undefined && { ifVersion: parseCount(values['if-version'], '--if-version', 0) }),
    ...(values.expires !== undefined && { expiresAt: values.expires }),
  };
  const written = await call<'writeSecret'>(callerEndpoint(), { method: 'PUT', target: secretTarget(path), body });
  await printData(written, [`${written.path} version ${written.version}`], values.json);
}
