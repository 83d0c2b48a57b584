import { BLOCK_SIZE, type Block } from './block-list.ts';
import { type Finding, MAX_FINDINGS } from './finding.ts';
import { type Repair, findRepair, rootOf } from './repair-block.ts';
import { type Place, nameEntry, readPlace } from './sequence.ts';
import { slidingRoots } from './sliding-roots.ts';
import { leafHash } from './tree.ts';

interface Leaf {
  readonly hash: Buffer;
  readonly index: number;
  readonly place: Place | undefined;
}

interface Located extends Finding {
  /** The hash that is here and was not signed, and the one that was signed and is not here. */
  readonly found?: Buffer;
  readonly lost?: Buffer;
}

/** Enough to see every alignment of a whole block. */
const WINDOW = 2 * BLOCK_SIZE;

/**
 * Lays the entries of a file against the signed blocks and names where they part. One alteration in a block is named to the entry, with
 * certainty; several in one block, as the run of entries that they lie in. After each it finds its step again, however much was cut out
 * or put in.
 */
export class Locator {
  readonly #blocks: readonly Block[];
  readonly #size: number;
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #located: Located[] = [];
  #window: Leaf[] = [];
  /** Leaves since the last match that no block explained. */
  #unexplained: Leaf[] = [];
  #unexplainedCount = 0;
  /** The block that the window's first leaf should belong to. */
  #block = 0;
  #previous: Leaf | undefined;

  /** `blocks` fold to the signed root of a log of `size` entries. */
  constructor(blocks: readonly Block[], size: number) {
    this.#blocks = blocks;
    this.#size = size;
    this.#numbers = new Map(blocks.map(({ root }, number) => [root.toString('latin1'), number]));
  }

  /** Takes the next entry's line. */
  entry(line: Buffer, index: number): void {
    if (this.#located.length >= MAX_FINDINGS) return;
    this.#window.push({ hash: leafHash(line), index, place: readPlace(line) });
    if (this.#window.length >= WINDOW) this.#step();
  }

  /** What was found, in the order of the file. */
  finish(): Finding[] {
    while (this.#window.length > 0 && this.#located.length < MAX_FINDINGS) this.#step();
    if (this.#located.length < MAX_FINDINGS) this.#explain(this.#blocks.length);
    return nameMoves(this.#located);
  }

  #step(): void {
    if (this.#unexplainedCount > 0 || !(this.#matches() || this.#repairs())) this.#resynchronise();
  }

  #matches(): boolean {
    if (!this.#holds(this.#block, 0)) return false;
    this.#consume(this.#sizeOf(this.#block), this.#block + 1);
    return true;
  }

  /** Whether the leaves from `at` on are a block's. */
  #holds(number: number, at: number): boolean {
    const size = this.#sizeOf(number);
    const leaves = this.#hashes(at + size).slice(at);
    return size > 0 && leaves.length === size && this.#blocks[number]?.root.equals(rootOf(leaves)) === true;
  }

  #repairs(): boolean {
    const size = this.#sizeOf(this.#block);
    const block = this.#blocks[this.#block];
    const repair = block && this.#decide(findRepair(this.#hashes(size + 1), block, size), size);
    if (repair === undefined) return false;
    this.#located.push(...this.#name(repair, size));
    const shift = { changed: 0, reordered: 0, missing: -1, added: 1 }[repair.kind];
    this.#consume(size + shift, this.#block + 1);
    return true;
  }

  /** A block whose last leaf differs has lost it where the next block begins in its place, and has one more where it comes right after. */
  #decide(repair: Repair | undefined, size: number): Repair | undefined {
    if (repair?.kind !== 'changed' || repair.at !== size - 1) return repair;
    if (this.#holds(this.#block + 1, size - 1)) return { ...repair, kind: 'missing' };
    return this.#window[size]?.hash.equals(repair.leaf) === true ? { kind: 'added', at: repair.at } : repair;
  }

  /** Looks for the next place where 256 leaves are a later block, and accounts for what lies before it. */
  #resynchronise(): void {
    const numbers = slidingRoots(this.#hashes(WINDOW)).map((root) => this.#numbers.get(root.toString('latin1')) ?? -1);
    const at = numbers.findIndex((number) => number >= this.#block);
    if (at < 0) return this.#leaveUnexplained(Math.min(BLOCK_SIZE, this.#window.length));
    this.#leaveUnexplained(at);
    this.#explain(numbers[at] ?? this.#block);
  }

  #leaveUnexplained(count: number): void {
    this.#unexplained.push(...this.#window.slice(0, count));
    this.#unexplainedCount += count;
    // Only the first and the last are ever named.
    if (this.#unexplained.length > 2) this.#unexplained = [...this.#unexplained.slice(0, 1), ...this.#unexplained.slice(-1)];
    this.#consume(count, this.#block);
  }

  /** Names the run since the last match, given the block that matches again (or the number of blocks, at the end). */
  #explain(block: number): void {
    const expected = Math.min(block * BLOCK_SIZE, this.#size) - Math.min(this.#block * BLOCK_SIZE, this.#size);
    const found = this.#unexplainedCount;
    if (expected > 0 || found > 0) this.#located.push(this.#nameRun(expected, found));
    this.#unexplained = [];
    this.#unexplainedCount = 0;
    this.#block = block;
  }

  #nameRun(expected: number, found: number): Finding {
    const index = this.#unexplained[0]?.index ?? (this.#previous?.index ?? -1) + 1;
    const to = this.#unexplained.at(-1)?.index;
    const code = found === expected ? 'changed' : found < expected ? 'missing' : 'added';
    const where = to === undefined ? `before entry ${index}` : `among the entries ${index} to ${to}`;
    return { code, index, to, text: `${where}: ${expected} were signed here and ${found} are in the file` };
  }

  #name(repair: Repair, size: number): Located[] {
    if (repair.kind === 'reordered') return [this.#nameReordered(size)];
    const leaf = this.#window[repair.at];
    if (repair.kind === 'missing') return [this.#nameMissing(repair.at, repair.leaf)];
    if (leaf === undefined) return [];
    const { index, place, hash } = leaf;
    const lost = repair.kind === 'changed' ? repair.leaf : undefined;
    const verb = repair.kind === 'changed' ? 'was changed' : 'was added';
    return [{ code: repair.kind, index, ...place, found: hash, lost, text: `${nameEntry(index, place)} ${verb}` }];
  }

  #nameMissing(at: number, lost: Buffer): Located {
    const before = at === 0 ? this.#previous : this.#window[at - 1];
    const index = (before?.index ?? -1) + 1;
    const place = before?.place && { writer: before.place.writer, seq: before.place.seq + 1 };
    const after = before === undefined ? 'at the start' : `after ${nameEntry(before.index, before.place)}`;
    return { code: 'missing', index, ...place, lost, text: `one entry is missing ${after}` };
  }

  #nameReordered(size: number): Finding {
    const leaves = this.#window.slice(0, size);
    const sorted = inSequence(leaves);
    const restored = this.#blocks[this.#block]?.root.equals(rootOf(sorted.map(({ hash }) => hash)));
    const moved = restored ? leaves.filter((leaf, i) => leaf !== sorted[i]) : leaves;
    const [index, to] = [moved[0]?.index, moved.at(-1)?.index];
    return { code: 'reordered', index, to, text: `the entries ${index} to ${to} are not in the order that was signed` };
  }

  #hashes(count: number): Buffer[] {
    return this.#window.slice(0, count).map(({ hash }) => hash);
  }

  #consume(count: number, block: number): void {
    this.#previous = this.#window[count - 1] ?? this.#previous;
    this.#window = this.#window.slice(count);
    this.#block = block;
  }

  #sizeOf(block: number): number {
    return Math.min(BLOCK_SIZE, this.#size - block * BLOCK_SIZE);
  }
}

/** The leaves with each writer's own in the order of its numbering; other writers' stay where they are. */
function inSequence(leaves: readonly Leaf[]): Leaf[] {
  const sorted = leaves.toSorted((a, b) => (a.place?.seq ?? 0) - (b.place?.seq ?? 0));
  const queues = Map.groupBy(sorted, ({ place }) => place?.writer);
  return leaves.map((leaf) => queues.get(leaf.place?.writer)?.shift() ?? leaf);
}

/** An entry that was signed at one place and stands at another was moved. */
function nameMoves(located: readonly Located[]): Finding[] {
  const lost = new Set(located.flatMap((finding) => finding.lost?.toString('hex') ?? []));
  return located.map(({ found, lost: _lost, ...finding }) => {
    const moved = found !== undefined && lost.has(found.toString('hex'));
    if (!moved) return finding;
    const { index = 0, writer, seq } = finding;
    const place = writer === undefined || seq === undefined ? undefined : { writer, seq };
    return { ...finding, code: 'reordered', text: `${nameEntry(index, place)} was signed at another place` };
  });
}
