import { AuditError, type Batch, type Checkpoint, CompactTree, leafHash, parseCheckpoint } from '#audit';
import type { LogRow, Reader } from '#authz';
import { CryptoError } from '#crypto';
import { KeysError } from '#keys';
import { AuditingError } from './errors.ts';
import type { LogStore } from './log-store.ts';
import type { SegmentKeys } from './segment-keys.ts';

/** Where the log ended. */
export interface LogEnd {
  readonly tree: CompactTree;
  /** The set digest of the authority then; undefined in an empty log. */
  readonly authority: Buffer | undefined;
  /** The last segment written, 0 for none. */
  readonly segment: number;
  /** Of the last entry, in milliseconds since the epoch. */
  readonly time: number;
  /** Entries under the last stored checkpoint. */
  readonly checkpointed: number;
}

/** What the log is resumed from. */
export interface LogSources {
  readonly store: LogStore;
  readonly reader: Reader;
  readonly keys: SegmentKeys;
  readonly verifierKey: string;
}

/**
 * Finds where the log ended, and proves it: the last stored checkpoint verifies, and the entries after it hash to the frontier that
 * the last row holds. So nothing of what this process will sign rests on the database's word.
 *
 * @throws AuditingError `log_damaged` or `log_behind_checkpoint`
 */
export async function resumeLog(sources: LogSources): Promise<LogEnd> {
  try {
    return await readEnd(sources);
  } catch (error) {
    if (error instanceof AuditError || error instanceof CryptoError || error instanceof KeysError) throw new AuditingError('log_damaged');
    throw error;
  }
}

async function readEnd(sources: LogSources): Promise<LogEnd> {
  const checkpoint = await readCheckpoint(sources);
  const row = await sources.store.lastRow();
  const size = row === undefined ? 0 : row.firstIndex + row.count;
  if (checkpoint !== undefined && checkpoint.size > size) throw new AuditingError('log_behind_checkpoint');
  const checkpointed = checkpoint?.size ?? 0;
  if (row === undefined) return { tree: CompactTree.empty(), authority: undefined, segment: 0, time: 0, checkpointed };

  const batch = await sources.keys.open(row);
  const tree = CompactTree.from(size, batch.frontier);
  const replayed = await replay(sources, checkpoint, size);
  if (!replayed.root().equals(tree.root())) throw new AuditingError('log_damaged');
  return { tree, authority: Buffer.from(batch.authority), segment: row.segment, time: timeOf(batch), checkpointed };
}

async function readCheckpoint({ store, verifierKey }: LogSources): Promise<Checkpoint | undefined> {
  const row = await store.lastCheckpoint();
  if (row === undefined) return undefined;
  const checkpoint = parseCheckpoint(row.note, verifierKey);
  if (checkpoint.size !== row.size) throw new AuditingError('log_damaged');
  return checkpoint;
}

/** The tree of `size` entries, from the checkpoint's on re-hashed from the entries themselves. */
async function replay(sources: LogSources, checkpoint: Checkpoint | undefined, size: number): Promise<CompactTree> {
  const tree = checkpoint === undefined ? CompactTree.empty() : await treeAt(sources, checkpoint);
  for await (const row of sources.reader.log(tree.size, size)) {
    if (row.firstIndex !== tree.size) throw new AuditingError('log_damaged');
    const { entries } = await sources.keys.open(row);
    for (const entry of entries) tree.append(leafHash(entry));
  }
  if (tree.size !== size) throw new AuditingError('log_damaged');
  return tree;
}

/** The tree as the row that ends at the checkpoint left it. A checkpoint is only ever signed where a row ends. */
async function treeAt({ reader, keys }: LogSources, { size, root }: Checkpoint): Promise<CompactTree> {
  let tree = CompactTree.empty();
  for await (const row of size === 0 ? NO_ROWS : reader.log(size - 1, size)) {
    if (row.firstIndex + row.count !== size) throw new AuditingError('log_damaged');
    tree = CompactTree.from(size, (await keys.open(row)).frontier);
  }
  if (tree.size !== size || !tree.root().equals(root)) throw new AuditingError('log_damaged');
  return tree;
}

const NO_ROWS: readonly LogRow[] = [];

function timeOf({ entries }: Batch): number {
  const { time }: { time?: unknown } = JSON.parse((entries.at(-1) ?? Buffer.from('{}')).toString());
  return typeof time === 'string' ? Date.parse(time) : Number.NaN;
}
