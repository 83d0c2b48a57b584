import { chunks } from './batch.ts';
import { AuditError } from './errors.ts';
import { CompactTree, HASH_SIZE } from './tree.ts';

/** Leaves of one block: those of a level-0 tile (C2SP tlog-tiles). */
export const BLOCK_SIZE = 256;

/** What an export tells of 256 consecutive leaves (the last block may hold fewer). */
export interface Block {
  /** The root of the Merkle tree over the block's leaves. */
  readonly root: Buffer;
  /** The XOR of the leaf hashes. */
  readonly parity: Buffer;
}

/**
 * The blocks of a log, which name a changed entry where the log's root could only say that there is one.
 *
 * 256 is a power of two, so the roots of the blocks are nodes of the log's own tree and fold to its root: a signed checkpoint
 * authenticates them. The parity needs no signature: it yields the hash that a single changed or missing leaf must have had, and the
 * block's root confirms it. 64 bytes per 256 entries.
 */
export class BlockList {
  readonly #blocks: Block[];
  #tree = CompactTree.empty();
  #parity = Buffer.alloc(HASH_SIZE);

  private constructor(blocks: Block[]) {
    this.#blocks = blocks;
  }

  static empty(): BlockList {
    return new BlockList([]);
  }

  /** The list that `bytes` gave. @throws AuditError malformed_export */
  static from(bytes: Buffer): BlockList {
    if (bytes.length % (2 * HASH_SIZE) !== 0) throw new AuditError('malformed_export');
    const blocks = chunks(bytes, 2 * HASH_SIZE).map((block) => ({
      root: block.subarray(0, HASH_SIZE),
      parity: block.subarray(HASH_SIZE),
    }));
    return new BlockList(blocks);
  }

  /** Adds the next leaf of the log by its hash. */
  append(leaf: Buffer): void {
    this.#tree.append(leaf);
    xorInto(this.#parity, leaf);
    if (this.#tree.size === BLOCK_SIZE) this.#close();
  }

  /** The blocks so far, an unfinished one included. */
  blocks(): readonly Block[] {
    return this.#tree.size === 0 ? this.#blocks : [...this.#blocks, { root: this.#tree.root(), parity: Buffer.from(this.#parity) }];
  }

  /** The root of the log. */
  root(): Buffer {
    const tree = CompactTree.empty();
    for (const { root } of this.blocks()) tree.append(root);
    return tree.root();
  }

  /** root ‖ parity of each block. */
  bytes(): Buffer {
    return Buffer.concat(this.blocks().flatMap(({ root, parity }) => [root, parity]));
  }

  #close(): void {
    this.#blocks.push({ root: this.#tree.root(), parity: this.#parity });
    this.#tree = CompactTree.empty();
    this.#parity = Buffer.alloc(HASH_SIZE);
  }
}

/** target ^= other, in place. */
export function xorInto(target: Buffer, other: Buffer): void {
  for (let i = 0; i < HASH_SIZE; i += 1) target[i] = (target[i] ?? 0) ^ (other[i] ?? 0);
}
