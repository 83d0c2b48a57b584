import { type Checkpoint, parseCheckpoint } from './checkpoint.ts';
import { AuditError } from './errors.ts';
import { type ExportHeader, type ExportTrailer, type Read } from './export-format.ts';
import { type Finding, MAX_FINDINGS } from './finding.ts';
import { BLOCK_SIZE, BlockList } from './block-list.ts';
import { Locator } from './locate.ts';
import { readVerifierKey } from './note.ts';
import { type ExportEnd, scanExport } from './scan-export.ts';
import { Sequences } from './sequence.ts';
import { leafHash } from './tree.ts';

/** What the auditor brings along. */
export interface VerifyOptions {
  /** The log's verifier key as the auditor wrote it down at `init`. Without it the export only vouches for itself. */
  readonly verifierKey?: string;
  /** A signed checkpoint kept from earlier: the export must be a continuation of what it covers. */
  readonly checkpoint?: string;
  /** Told the number of entries read so far, every 65,536. */
  readonly onProgress?: (entries: number) => void;
}

/** What the verifier found out. */
export interface Verdict {
  /** No finding: the entries are exactly the signed ones, and nothing else is in the file. Read it together with `trust`. */
  readonly ok: boolean;
  /**
   * `pinned`: the auditor's own key judged the checkpoint. `export`: the key came with the export, so that `ok` means no more than that
   * the export agrees with itself.
   */
  readonly trust: 'pinned' | 'export';
  readonly origin: string;
  /** Entries in the file. */
  readonly entries: number;
  /** Entries that the checkpoint covers; 0 when it does not verify. */
  readonly size: number;
  /** The signed root in lower-case hex; empty when the checkpoint does not verify. */
  readonly root: string;
  /** At most a few hundred; enough to see what happened. */
  readonly findings: readonly Finding[];
}

const PROGRESS_STEP = 65_536;

/**
 * Verifies an export offline, trusting neither the server nor the file. `open` gives the file's bytes from the start in chunks of any
 * size; it is called a second time only when the entries are not the signed ones, to name those that differ.
 *
 * @throws AuditError malformed_export when the file is no export at all, malformed_verifier_key when the pinned key is none
 */
export async function verifyExport(open: () => AsyncIterable<Uint8Array>, options: VerifyOptions = {}): Promise<Verdict> {
  if (options.verifierKey !== undefined) readVerifierKey(options.verifierKey);
  const pass = new FirstPass(options);
  const end = await scanExport(open(), pass);
  const judged = pass.judge(end);
  const located = judged.signed && judged.differs ? await locate(open(), judged.signed, end.trailer) : [];
  const findings = [...judged.findings, ...located, ...(named(located) ? [] : pass.sequence)];
  return {
    ok: findings.length === 0,
    trust: options.verifierKey === undefined ? 'export' : 'pinned',
    origin: judged.signed?.origin ?? pass.origin,
    entries: end.entries,
    size: judged.signed?.size ?? 0,
    root: judged.signed?.root.toString('hex') ?? '',
    findings,
  };
}

interface Judgement {
  /** The checkpoint, if it verifies. */
  readonly signed: Checkpoint | undefined;
  /** The entries are not the signed ones. */
  readonly differs: boolean;
  readonly findings: readonly Finding[];
}

/** Hashes the entries into the log's blocks, and follows the writers' numbering. */
class FirstPass {
  readonly sequence: Finding[] = [];
  readonly #options: VerifyOptions;
  readonly #blocks = BlockList.empty();
  readonly #sequences = new Sequences();
  #header: Read<ExportHeader> | undefined;
  #kept: Checkpoint | AuditError | undefined;
  #rootAtKept: Buffer | undefined;

  constructor(options: VerifyOptions) {
    this.#options = options;
  }

  get origin(): string {
    return this.#header?.origin ?? '';
  }

  header(header: Read<ExportHeader>): void {
    this.#header = header;
    const { checkpoint } = this.#options;
    this.#kept = checkpoint === undefined ? undefined : tryParse(checkpoint, this.#key);
    this.#passKept(0);
  }

  entry(line: Buffer, index: number): void {
    this.#blocks.append(leafHash(line));
    this.#passKept(index + 1);
    const finding = this.#sequences.follow(line, index);
    if (finding !== undefined && this.sequence.length < MAX_FINDINGS) this.sequence.push(finding);
    if ((index + 1) % PROGRESS_STEP === 0) this.#options.onProgress?.(index + 1);
  }

  judge({ entries, trailer, surplus }: ExportEnd): Judgement {
    const parsed = trailer && tryParse(trailer.checkpoint, this.#key);
    const signed = parsed instanceof AuditError ? undefined : parsed;
    const differs = signed !== undefined && !(signed.size === entries && signed.root.equals(this.#blocks.root()));
    const blocks = trailer && signed ? this.#judgeBlocks(trailer, signed, differs) : [];
    const findings = [...judgeEnd(parsed, entries, surplus), ...this.#judgeHeader(signed), ...judgeTrailer(trailer), ...blocks];
    return { signed, differs, findings: [...(differs ? [ROOT_MISMATCH] : []), ...findings, ...this.#judgeKept()] };
  }

  get #key(): string {
    return this.#options.verifierKey ?? this.#header?.verifierKey ?? '';
  }

  #passKept(size: number): void {
    if (this.#kept instanceof AuditError || this.#kept?.size !== size) return;
    this.#rootAtKept = this.#blocks.root();
  }

  #judgeHeader(signed: Checkpoint | undefined): Finding[] {
    const form = this.#header?.canonical === true ? [] : [malformed('first')];
    if (signed === undefined || (signed.origin === this.#header?.origin && this.#header.verifierKey === this.#key)) return form;
    return [{ code: 'header_mismatch', text: 'the first line names another log or key than the checkpoint' }, ...form];
  }

  /** With the signed entries at hand their own blocks are the measure, else the signed root is. */
  #judgeBlocks({ blocks }: ExportTrailer, signed: Checkpoint, differs: boolean): Finding[] {
    const sound = differs ? foldTo(blocks, signed) : blocks.bytes().equals(this.#blocks.bytes());
    return sound ? [] : [{ code: 'blocks_mismatch', text: 'the blocks in the last line are not those of the signed entries' }];
  }

  #judgeKept(): Finding[] {
    const kept = this.#kept;
    if (kept === undefined) return [];
    const code = 'not_a_continuation';
    if (kept instanceof AuditError) return [{ code, text: `the checkpoint kept from earlier: ${kept.message}` }];
    if (this.#rootAtKept?.equals(kept.root)) return [];
    const reason =
      this.#rootAtKept === undefined ? 'covers more entries than are in the file' : 'covers other entries than the file begins with';
    return [{ code, text: `the checkpoint kept from earlier ${reason}` }];
  }
}

const ROOT_MISMATCH: Finding = { code: 'root_mismatch', text: 'the entries in the file are not the signed ones' };

function judgeEnd(checkpoint: Checkpoint | AuditError | undefined, entries: number, surplus: number): Finding[] {
  const findings: Finding[] = [];
  if (checkpoint === undefined) findings.push({ code: 'truncated', text: 'the file ends without a signed checkpoint' });
  else if (checkpoint instanceof AuditError) findings.push({ code: 'untrusted_checkpoint', text: `the checkpoint: ${checkpoint.message}` });
  else if (checkpoint.size > entries) findings.push(truncated(checkpoint.size, entries));
  if (surplus > 0) findings.push({ code: 'added', index: entries, text: `lines after the checkpoint: ${surplus}` });
  return findings;
}

function judgeTrailer(trailer: Read<ExportTrailer> | undefined): Finding[] {
  return trailer === undefined || trailer.canonical ? [] : [malformed('last')];
}

function malformed(which: 'first' | 'last'): Finding {
  return { code: 'malformed', text: `the ${which} line is not as an export writes it` };
}

function truncated(size: number, entries: number): Finding {
  return { code: 'truncated', text: `the checkpoint covers ${size} entries and the file holds ${entries}` };
}

function tryParse(note: string, verifierKey: string): Checkpoint | AuditError {
  try {
    return parseCheckpoint(note, verifierKey);
  } catch (error) {
    if (error instanceof AuditError) return error;
    throw error;
  }
}

/** Names what differs, as long as the blocks are the signed ones. */
async function locate(chunks: AsyncIterable<Uint8Array>, signed: Checkpoint, trailer?: ExportTrailer): Promise<Finding[]> {
  const blocks = trailer?.blocks;
  if (blocks === undefined || !foldTo(blocks, signed)) return [];
  const locator = new Locator(blocks.blocks(), signed.size);
  await scanExport(chunks, { header: () => undefined, entry: (line, index) => locator.entry(line, index) });
  return locator.finish();
}

function foldTo(blocks: BlockList, { size, root }: Checkpoint): boolean {
  return blocks.blocks().length === Math.ceil(size / BLOCK_SIZE) && blocks.root().equals(root);
}

/** Whether each finding is about one entry, so that the writers' numbering has nothing to add. */
function named(findings: readonly Finding[]): boolean {
  return findings.length > 0 && findings.every((finding) => finding.to === undefined);
}
