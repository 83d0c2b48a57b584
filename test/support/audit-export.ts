import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Entry } from '#audit';

/** The entries of an export, in the log's order, without header and checkpoint. Checks nothing: that is the verifier's job. */
export function entriesIn(exported: string): readonly Entry[] {
  return exported.split('\n').flatMap(entryIn);
}

/** The same of a file. */
export async function readEntries(file: string): Promise<readonly Entry[]> {
  return entriesIn(await readFile(file, 'utf8'));
}

/** The same of a file that may be large, one by one. */
export async function* exportedEntries(file: string): AsyncGenerator<Entry> {
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) yield* entryIn(line);
}

/** How many accesses entries stand for. */
export function accessesIn(entries: readonly Entry[]): number {
  return entries.reduce((sum, { count = 1 }) => sum + count, 0);
}

function entryIn(line: string): Entry[] {
  return line.includes('"outcome"') ? [JSON.parse(line)] : [];
}
