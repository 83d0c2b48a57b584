import { environmentOf, formatEnvironment, type ResponseOf } from '#contract';
import { parse, parseCount } from '../arguments.ts';
import { call } from '../client.ts';
import { callerEndpoint } from '../client-settings.ts';
import { EXIT, Failure, usageFailure } from '../failure.ts';
import { fieldBytes } from '../fields.ts';
import { fittingEnvironment } from '../variables.ts';
import { onTerminal, print, printData } from '../terminal.ts';
import { secretTarget } from '../target.ts';

type Secret = ResponseOf<'readSecret'>;

const OPTIONS = { version: { type: 'string' }, format: { type: 'string' }, json: { type: 'boolean' } } as const;
const FORMATS = ['json', 'dotenv', 'shell', 'raw'];

/** Reads a secret and prints it, or one of its fields. */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(args, ['PATH', 'FIELD?'], OPTIONS);
  const [path = '', field] = positionals;
  const format = values.json === true ? 'json' : values.format;
  if (format !== undefined && !FORMATS.includes(format)) throw usageFailure(`a format is one of ${FORMATS.join(', ')}`);
  if (format === 'raw' && field === undefined) throw usageFailure('raw prints one field: name it');
  const query = values.version === undefined ? '' : `?version=${parseCount(values.version, '--version')}`;
  const secret = await call<'readSecret'>(callerEndpoint(), { method: 'GET', target: `${secretTarget(path)}${query}` });
  await show(field === undefined ? secret : onlyField(secret, field), format, field);
}

function onlyField(secret: Secret, field: string): Secret {
  const value = Object.hasOwn(secret.data, field) ? secret.data[field] : undefined;
  if (value === undefined) throw new Failure('the secret has no such field', { exit: EXIT.notFound });
  return { ...secret, data: { [field]: value } };
}

function show(secret: Secret, format: string | undefined, field: string | undefined): Promise<void> {
  if (format === 'dotenv' || format === 'shell') return print(fittingEnvironment(() => formatEnvironment(environmentOf([secret]), format)));
  if (field !== undefined && format !== 'json') return printField(secret, field, format);
  const lines = Object.entries(secret.data).map(([name, value]) => `${name}: ${value}`);
  return printData(secret, lines, format === 'json');
}

/** The bytes as they are; on a terminal as lines, without what would move its cursor unless asked for `raw`. */
function printField(secret: Secret, field: string, format: string | undefined): Promise<void> {
  const bytes = fieldBytes(secret, field) ?? Buffer.alloc(0);
  if (!onTerminal()) return print(bytes);
  if (format === 'raw') return print(Buffer.concat([bytes, Buffer.from('\n')]));
  if (secret.binary?.includes(field)) throw new Failure('the field is binary', { hint: 'send it into a file, or add --format raw' });
  return printData(undefined, bytes.toString('utf8').replace(/\n$/, '').split('\n'), false);
}
