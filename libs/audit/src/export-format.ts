import { AuditError } from './errors.ts';
import { BlockList } from './block-list.ts';

/** The first line of an export. */
export interface ExportHeader {
  readonly origin: string;
  readonly verifierKey: string;
}

/** The last line of an export. */
export interface ExportTrailer {
  /** A signed note that covers exactly the exported entries. */
  readonly checkpoint: string;
  readonly blocks: BlockList;
}

/** What was read of a line, and whether the line is, to the byte, the one that an export would write for it. */
export type Read<T> = T & { readonly canonical: boolean };

const FORMAT = 'holdfast-audit-export/1';

/** The header's line, without a newline. Its `filter` says what the export was narrowed to: nothing yet. */
export function exportHeader({ origin, verifierKey }: ExportHeader): string {
  return JSON.stringify({ filter: {}, format: FORMAT, origin, verifierKey });
}

/** The trailer's line, without a newline. */
export function exportTrailer({ checkpoint, blocks }: ExportTrailer): string {
  return JSON.stringify({ blocks: blocks.bytes().toString('base64'), checkpoint });
}

/** @throws AuditError malformed_export */
export function parseHeader(line: Buffer): Read<ExportHeader> {
  const { format, origin, verifierKey, filter } = parseObject(line);
  if (format !== FORMAT || typeof origin !== 'string' || typeof verifierKey !== 'string') throw new AuditError('malformed_export');
  if (JSON.stringify(filter) !== '{}') throw new AuditError('malformed_export', 'a filtered export can not be verified by this version');
  return { origin, verifierKey, canonical: line.equals(Buffer.from(exportHeader({ origin, verifierKey }))) };
}

/** The trailer, or undefined where the line is none: then the export was cut short. */
export function parseTrailer(line: Buffer): Read<ExportTrailer> | undefined {
  if (!line.subarray(0, TRAILER_START.length).equals(TRAILER_START)) return undefined;
  try {
    const { checkpoint, blocks: base64 } = parseObject(line);
    if (typeof checkpoint !== 'string' || typeof base64 !== 'string') return undefined;
    const blocks = BlockList.from(Buffer.from(base64, 'base64'));
    return { checkpoint, blocks, canonical: line.equals(Buffer.from(exportTrailer({ checkpoint, blocks }))) };
  } catch (error) {
    if (error instanceof AuditError) return undefined;
    throw error;
  }
}

const TRAILER_START = Buffer.from('{"blocks":"');

function parseObject(line: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line.toString());
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch {
    // Not JSON: said below, in our own words.
  }
  throw new AuditError('malformed_export');
}
