import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** The fields of an entry that harnesses count by. */
export interface ExportedEntry {
  readonly caller: { readonly kind: string; readonly id?: string };
  readonly action: string;
  readonly resource: string;
  readonly outcome: string;
  readonly version?: number;
  readonly requestId: string;
  readonly writer: string;
  readonly seq: number;
  readonly count?: number;
}

/** The entries of an export file, in the log's order, without header and checkpoint. Checks nothing: that is the verifier's job. */
export async function* exportedEntries(file: string): AsyncGenerator<ExportedEntry> {
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    const value: Partial<ExportedEntry> = JSON.parse(line);
    if (isEntry(value)) yield value;
  }
}

/** The same, all at once. */
export async function readEntries(file: string): Promise<ExportedEntry[]> {
  const entries: ExportedEntry[] = [];
  for await (const entry of exportedEntries(file)) entries.push(entry);
  return entries;
}

function isEntry(value: Partial<ExportedEntry>): value is ExportedEntry {
  return value.outcome !== undefined && value.action !== undefined;
}
