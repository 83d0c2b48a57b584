import { AuditError } from './errors.ts';
import { type ExportHeader, type ExportTrailer, parseHeader, parseTrailer, type Read } from './export-format.ts';
import { readLines } from './lines.ts';

/** What takes in an export while it is read. */
export interface ExportVisitor {
  header(header: Read<ExportHeader>): void;
  /** An entry's line, good until the call returns. */
  entry(line: Buffer, index: number): void;
}

/** How the export ended. */
export interface ExportEnd {
  readonly entries: number;
  /** Undefined where the file was cut short. */
  readonly trailer: Read<ExportTrailer> | undefined;
  /** Lines after the trailer. */
  readonly surplus: number;
}

/** Reads an export once, from its start, at constant memory. @throws AuditError malformed_export when it has no header */
export async function scanExport(chunks: AsyncIterable<Uint8Array>, visitor: ExportVisitor): Promise<ExportEnd> {
  let lines = 0;
  let surplus = 0;
  let trailer: Read<ExportTrailer> | undefined;
  for await (const some of readLines(chunks)) {
    for (const line of some) {
      if (lines === 0) visitor.header(parseHeader(line));
      else if (trailer !== undefined) surplus += 1;
      else if ((trailer = parseTrailer(line)) === undefined) visitor.entry(line, lines - 1);
      lines += 1;
    }
  }
  if (lines === 0) throw new AuditError('malformed_export');
  return { entries: lines - 1 - surplus - (trailer === undefined ? 0 : 1), trailer, surplus };
}
