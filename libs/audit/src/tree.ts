import { hash } from 'node:crypto';
import { AuditError } from './errors.ts';

/** Bytes of a SHA-256 hash. */
export const HASH_SIZE = 32;

const EMPTY_ROOT = sha256(Buffer.alloc(0));

// One-shot hashing over a kept buffer: two thirds of the cost of a Hash object per leaf. Nothing here awaits, so it is never shared.
const NODE = Buffer.alloc(1 + 2 * HASH_SIZE, 1);
const LEAF = Buffer.alloc(16 * 1024);

/** The hash of a leaf: SHA-256(0x00 ‖ bytes) (RFC 9162 §2.1.1). */
export function leafHash(bytes: Uint8Array): Buffer {
  const input = bytes.length < LEAF.length ? LEAF.subarray(0, 1 + bytes.length) : Buffer.alloc(1 + bytes.length);
  input.set(bytes, 1);
  return sha256(input);
}

/** The hash of an inner node: SHA-256(0x01 ‖ left ‖ right) (RFC 9162 §2.1.1). Both are 32 bytes. */
export function nodeHash(left: Buffer, right: Buffer): Buffer {
  NODE.set(left, 1);
  NODE.set(right, 1 + HASH_SIZE);
  return sha256(NODE);
}

/**
 * A Merkle tree (RFC 9162 §2.1) that keeps only its frontier: the roots of its complete subtrees, largest first, one per bit set in its
 * size. Enough to append and to give the root; it takes any size up to 2⁵³ − 1.
 */
export class CompactTree {
  #size: number;
  readonly #frontier: Buffer[];

  private constructor(size: number, frontier: Buffer[]) {
    this.#size = size;
    this.#frontier = frontier;
  }

  /** The tree without a leaf; its root is SHA-256 of nothing. */
  static empty(): CompactTree {
    return new CompactTree(0, []);
  }

  /** The tree that had this size and frontier. @throws AuditError malformed_tree */
  static from(size: number, frontier: readonly Buffer[]): CompactTree {
    const fits = Number.isSafeInteger(size) && size >= 0 && subtrees(size) === frontier.length;
    if (!fits || frontier.some((root) => root.length !== HASH_SIZE)) throw new AuditError('malformed_tree');
    return new CompactTree(size, [...frontier]);
  }

  get size(): number {
    return this.#size;
  }

  /** Adds a leaf by its hash. */
  append(leaf: Buffer): void {
    let node = leaf;
    for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2) node = nodeHash(this.#frontier.pop() ?? EMPTY_ROOT, node);
    this.#frontier.push(node);
    this.#size += 1;
  }

  /** The root at the present size. */
  root(): Buffer {
    const smallest = this.#frontier.at(-1) ?? EMPTY_ROOT;
    return this.#frontier.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), smallest);
  }

  /** The roots of the complete subtrees, largest first. */
  frontier(): Buffer[] {
    return [...this.#frontier];
  }

  clone(): CompactTree {
    return new CompactTree(this.#size, [...this.#frontier]);
  }
}

/** The number of complete subtrees in a tree: the bits set in its size (which may be past 2³²). */
function subtrees(size: number): number {
  let count = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}

/** As a string first: a buffer of its own from OpenSSL costs four times as much as the hash. */
function sha256(bytes: Uint8Array): Buffer {
  return Buffer.from(hash('sha256', bytes, 'latin1'), 'latin1');
}
