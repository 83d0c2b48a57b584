import { BLOCK_SIZE } from './block-list.ts';
import { nodeHash } from './tree.ts';

/**
 * The Merkle roots of every run of 256 leaves, by where the run starts. Runs share their subtrees, so one more costs eight hashes
 * instead of 255.
 */
export function slidingRoots(leaves: readonly Buffer[]): Buffer[] {
  let level = [...leaves];
  for (let width = 1; width < BLOCK_SIZE; width *= 2) {
    const wider: Buffer[] = [];
    for (const [i, left] of level.entries()) {
      const right = level[i + width];
      if (right !== undefined) wider.push(nodeHash(left, right));
    }
    level = wider;
  }
  return level;
}
