import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { parse } from '../arguments.ts';
import { become } from '../become.ts';
import { environment, variable } from '../environment.ts';
import { EXIT, Failure, usageFailure } from '../failure.ts';
import { fetchBundle, type Mapping, parseMapping } from '../bundle.ts';
import { environmentFrom } from '../run-environment.ts';

const OPTIONS = {
  path: { type: 'string', multiple: true },
  map: { type: 'string', multiple: true },
  files: { type: 'string' },
} as const;

/** Kept from the command: it gets the secrets, not the means to fetch more. */
const OWN_VARIABLES = new Set([
  'HOLDFAST_ADDR',
  'HOLDFAST_OPERATOR_ADDR',
  'HOLDFAST_CERT',
  'HOLDFAST_KEY',
  'HOLDFAST_CA',
  'HOLDFAST_TOKEN',
]);

/** Fetches secrets, hands them over in the environment or in files, and becomes the command. */
export async function run(args: readonly string[]): Promise<void> {
  const end = args.indexOf('--');
  const [command, ...rest] = end === -1 ? [] : args.slice(end + 1);
  if (command === undefined) throw usageFailure('the command is missing', 'holdfast run … -- COMMAND …');
  const { values } = parse(args.slice(0, end).map(withEmptyFiles), [], OPTIONS);
  const mappings = (values.map ?? []).map(parseMapping);
  const file = findProgram(command, variable('PATH') ?? '');
  const environment = await environmentWith(mappings, values.path ?? [], values.files);
  become(file, [command, ...rest], environment);
}

async function environmentWith(
  mappings: readonly Mapping[],
  paths: readonly string[],
  directory: string | undefined,
): Promise<NodeJS.ProcessEnv> {
  const secrets = await fetchBundle(mappings, paths);
  const kept = Object.entries(environment()).filter(([name]) => !OWN_VARIABLES.has(name));
  if (directory === undefined) return { ...Object.fromEntries(kept), ...environmentFrom(secrets, mappings, paths) };
  const { writeFiles } = await import('../run-files.ts');
  return { ...Object.fromEntries(kept), HOLDFAST_FILES: writeFiles(directory, secrets, mappings, paths) };
}

/** `--files` may stand without its DIR: before another option, or last. The parser knows no option that may. */
function withEmptyFiles(arg: string, at: number, args: readonly string[]): string {
  return arg === '--files' && (args[at + 1] ?? '-').startsWith('-') ? '--files=' : arg;
}

/** Looks a program up as a shell would, and says what a shell's exit code would. It is done before anything is fetched, so that a typing error records no access. */
function findProgram(command: string, searchPath: string): string {
  const direct = command.includes('/');
  const places = direct ? [command] : searchPath.split(delimiter).map((directory) => join(directory, command));
  const found = places.find(isProgram);
  if (found !== undefined) return found;
  if (places.some((place) => existsSync(place))) throw new Failure('the command can not be executed', { exit: EXIT.notStarted });
  throw new Failure(direct ? 'the command does not exist' : 'the command is not on the PATH', { exit: EXIT.noCommand });
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
