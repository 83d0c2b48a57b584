import { BlockList, exportHeader, exportTrailer, leafHash } from '#audit';
import type { Gate, Reader, RequestContext } from '#authz';
import type { Principal } from '#identity';
import { AuditingError } from './errors.ts';
import type { LogWriter } from './log-writer.ts';
import type { SignedHead } from './open-log.ts';

/** Bytes that are gathered before they are handed on. */
const CHUNK_SIZE = 64 * 1024;
const NEWLINE = Buffer.from('\n');

/** Gives out the whole log with its proof, up to and including the entry of the export itself. */
export class ExportLog {
  readonly #gate: Gate;
  readonly #log: LogWriter;

  constructor(gate: Gate, log: LogWriter) {
    this.#gate = gate;
    this.#log = log;
  }

  /**
   * NDJSON in chunks of about 64 KiB, at constant memory. The trailer is only given out when the entries hash to the signed root: a
   * stream that ends without it (by AuditingError `log_damaged`, CryptoError or StorageError) is no export.
   *
   * @throws AuthzError as the gate does, AuditingError `sealed`
   */
  async perform(caller: Principal, request: RequestContext): Promise<AsyncIterable<Buffer>> {
    const ask = { caller, action: 'audit:export', resource: '**', request } as const;
    // The reader outlives the plan: the export's own entry is in the log, and in the export, only once it is committed.
    const reader = await this.#gate.perform(ask, async (reader) => ({ answer: reader }));
    return inChunks(this.#lines(reader, this.#log.head()));
  }

  async *#lines(reader: Reader, head: SignedHead): AsyncGenerator<Buffer> {
    const { note, root, size } = head;
    yield Buffer.from(exportHeader(head));
    const blocks = BlockList.empty();
    let index = 0;
    for await (const row of reader.log(0, size)) {
      if (row.firstIndex !== index) throw new AuditingError('log_damaged');
      const { entries } = await this.#log.batch(row);
      for (const entry of entries) blocks.append(leafHash(entry));
      yield* entries;
      index += row.count;
    }
    if (!blocks.root().equals(root)) throw new AuditingError('log_damaged');
    yield Buffer.from(exportTrailer({ checkpoint: note, blocks }));
  }
}

/** Lines, each with its newline, gathered into chunks. */
async function* inChunks(lines: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let size = 0;
  for await (const line of lines) {
    parts.push(line, NEWLINE);
    size += line.length + NEWLINE.length;
    if (size < CHUNK_SIZE) continue;
    yield Buffer.concat(parts);
    parts = [];
    size = 0;
  }
  yield Buffer.concat(parts);
}
