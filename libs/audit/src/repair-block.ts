import { type Block, xorInto } from './block-list.ts';
import { CompactTree } from './tree.ts';

/** One thing that, undone, makes leaves hash to their block's root again. `leaf` is the hash that belongs there. */
export type Repair =
  | { readonly kind: 'changed' | 'missing'; readonly at: number; readonly leaf: Buffer }
  | { readonly kind: 'added'; readonly at: number }
  | { readonly kind: 'reordered' };

/**
 * The one alteration by which `leaves` differ from a block of `size` leaves. They may hold the leaf after the block, which is needed to
 * see an added one. The parity proposes, the root decides, so the answer is as certain as the root.
 */
export function findRepair(leaves: readonly Buffer[], { root, parity }: Block, size: number): Repair | undefined {
  const [exact, more] = [leaves.slice(0, size), leaves.slice(0, size + 1)];
  if (exact.length === size) {
    const difference = xor([parity, ...exact]);
    // The same leaves: in another order, or a copy of the last one before it, which pushes that out of the block.
    if (difference.every((byte) => byte === 0)) return findAdded(more, { root, parity }, size) ?? { kind: 'reordered' };
    const at = exact.findIndex((leaf, i) => rootOf(exact.with(i, xor([leaf, difference]))).equals(root));
    if (at >= 0) return { kind: 'changed', at, leaf: xor([exact[at] ?? parity, difference]) };
  }
  return findMissing(leaves.slice(0, size - 1), { root, parity }, size) ?? findAdded(more, { root, parity }, size);
}

function findMissing(fewer: readonly Buffer[], { root, parity }: Block, size: number): Repair | undefined {
  if (fewer.length !== size - 1) return undefined;
  const leaf = xor([parity, ...fewer]);
  const at = Array.from({ length: size }, (_, i) => i).find((i) => rootOf(fewer.toSpliced(i, 0, leaf)).equals(root));
  return at === undefined ? undefined : { kind: 'missing', at, leaf };
}

function findAdded(more: readonly Buffer[], { root, parity }: Block, size: number): Repair | undefined {
  if (more.length !== size + 1) return undefined;
  const extra = xor([parity, ...more]);
  const at = more.findIndex((leaf, i) => leaf.equals(extra) && rootOf(more.toSpliced(i, 1)).equals(root));
  return at < 0 ? undefined : { kind: 'added', at };
}

/** The root of the tree over these leaves. */
export function rootOf(leaves: readonly Buffer[]): Buffer {
  const tree = CompactTree.empty();
  for (const leaf of leaves) tree.append(leaf);
  return tree.root();
}

function xor(hashes: readonly Buffer[]): Buffer {
  const sum = Buffer.alloc(hashes[0]?.length ?? 0);
  for (const hash of hashes) xorInto(sum, hash);
  return sum;
}
