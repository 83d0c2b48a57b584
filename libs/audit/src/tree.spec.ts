import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readVectors } from '../../../test/support/vectors.ts';
import { CompactTree, leafHash, nodeHash } from './tree.ts';

interface TreeVector {
  readonly size: number;
  readonly root: string;
  readonly frontier: readonly string[];
  readonly leaf?: string;
  readonly leafHash?: string;
}

const { vectors } = readVectors<TreeVector>('rfc6962-merkle-tree.json');
const hex = (bytes: Buffer): string => bytes.toString('hex');
const leaves = (count: number): Buffer[] => Array.from({ length: count }, (_, i) => leafHash(Buffer.from(`leaf ${i}`)));

/** The definition of RFC 9162 §2.1.1, word for word. */
function treeHash(nodes: readonly Buffer[]): Buffer {
  const [only] = nodes;
  if (only === undefined) return CompactTree.empty().root();
  if (nodes.length === 1) return only;
  const split = 2 ** Math.floor(Math.log2(nodes.length - 1));
  return nodeHash(treeHash(nodes.slice(0, split)), treeHash(nodes.slice(split)));
}

describe('the Merkle tree', () => {
  it('has the published leaf hashes, roots and frontiers at every size', () => {
    const tree = CompactTree.empty();
    for (const { size, root, frontier, leaf, leafHash: expected } of vectors) {
      const hash = leaf === undefined ? undefined : leafHash(Buffer.from(leaf, 'hex'));
      if (hash !== undefined) tree.append(hash);
      expect([hash?.toString('hex'), tree.size, hex(tree.root()), tree.frontier().map(hex)]).toEqual([expected, size, root, frontier]);
    }
  });

  it('agrees with the definition up to 300 leaves', () => {
    const nodes = leaves(300);
    const tree = CompactTree.empty();
    for (const [i, leaf] of nodes.entries()) {
      tree.append(leaf);
      expect(tree.root()).toEqual(treeHash(nodes.slice(0, i + 1)));
    }
  });

  it('goes on from its frontier as if it had never stopped', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(200), (before, after) => {
        const nodes = leaves(before + after);
        const first = CompactTree.empty();
        for (const leaf of nodes.slice(0, before)) first.append(leaf);
        const resumed = CompactTree.from(before, first.frontier());
        for (const leaf of nodes.slice(before)) resumed.append(leaf);
        expect(resumed.root()).toEqual(treeHash(nodes));
      }),
    );
  });

  it('counts past 2^32', () => {
    const size = 2 ** 40 + 1;
    const tree = CompactTree.from(size, leaves(2));
    tree.append(leafHash(Buffer.from('next')));
    expect([tree.size, tree.frontier().length]).toEqual([size + 1, 2]);
  });

  it('leaves its original alone when a clone grows', () => {
    const tree = CompactTree.empty();
    tree.append(leafHash(Buffer.from('a')));
    const root = tree.root();
    tree.clone().append(leafHash(Buffer.from('b')));
    expect([tree.size, tree.root()]).toEqual([1, root]);
  });

  it('takes an inner node for no leaf: the two are hashed apart', () => {
    const [left = Buffer.alloc(0), right = Buffer.alloc(0)] = leaves(2);
    expect(leafHash(Buffer.concat([left, right]))).not.toEqual(nodeHash(left, right));
  });

  it('hashes leaves of any length', () => {
    const lengths = [0, 1, 16_383, 16_384, 16_385, 100_000];
    const hashes = lengths.map((length) => hex(leafHash(Buffer.alloc(length, 7))));
    expect(new Set(hashes).size).toBe(lengths.length);
    expect(lengths.map((length) => hex(leafHash(Buffer.alloc(length, 7))))).toEqual(hashes);
  });

  it('refuses a frontier that does not fit its size', () => {
    for (const [size, frontier] of [
      [1, []],
      [0, leaves(1)],
      [3, leaves(1)],
      [-1, []],
      [1.5, leaves(2)],
      [1, [Buffer.alloc(31)]],
    ] as const)
      expect(() => CompactTree.from(size, [...frontier])).toThrow(expect.objectContaining({ code: 'malformed_tree' }));
  });
});
