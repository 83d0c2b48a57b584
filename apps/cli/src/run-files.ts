import { lstatSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type FetchedSecret, mappedSecret, type Mapping, unmappedSecrets } from './bundle.ts';
import { variable } from './environment.ts';
import { Failure } from './failure.ts';
import { fieldBytes } from './fields.ts';
import { isInMemory, newMemoryDirectory } from './memory-directory.ts';
import { makePrivateDirectory, writePrivateFile } from './private-file.ts';
import { say } from './terminal.ts';

const SEGMENT = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,256}$/;

/**
 * Writes each field into a file of its own, 0400: `DIR/<path>/<field>`, a mapped one as `DIR/NAME`. Nothing is written outside DIR, whatever
 * a path says and wherever a link in it leads. Answers the absolute path of DIR, which is a new one in memory where `named` is empty.
 */
export function writeFiles(
  named: string,
  secrets: readonly FetchedSecret[],
  mappings: readonly Mapping[],
  paths: readonly string[],
): string {
  const directory = named === '' ? newMemoryDirectory(variable('XDG_RUNTIME_DIR')) : resolve(named);
  makePrivateDirectory(directory);
  if (!isInMemory(directory)) say('warning: the directory of --files is not on tmpfs: values reach a disk');
  for (const mapping of mappings) {
    const { secret } = mappedSecret(secrets, mapping);
    writeField(directory, [mapping.name], fieldBytes(secret, mapping.field));
  }
  for (const secret of unmappedSecrets(secrets, mappings, paths)) {
    for (const field of Object.keys(secret.data)) writeField(directory, [...secret.path.split('/'), field], fieldBytes(secret, field));
  }
  return directory;
}

function writeField(directory: string, segments: readonly string[], bytes: Buffer | undefined): void {
  if (!segments.every((segment) => SEGMENT.test(segment))) throw new Failure('a path or a field can not be the name of a file');
  let place = directory;
  for (const segment of segments.slice(0, -1)) {
    place = join(place, segment);
    if (lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink() === true)
      throw new Failure('a link stands where a directory belongs');
    makePrivateDirectory(place);
  }
  writePrivateFile(join(place, segments.at(-1) ?? ''), bytes ?? Buffer.alloc(0), 0o400);
}
