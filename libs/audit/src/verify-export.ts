import { AuditError } from './errors.ts';
import type { Finding } from './finding.ts';

/** What the auditor brings along. */
export interface VerifyOptions {
  /** The log's verifier key as the auditor wrote it down at `init`. Without it the export only vouches for itself. */
  readonly verifierKey?: string;
  /** A signed checkpoint kept from earlier: the export must be a continuation of what it covers. */
  readonly checkpoint?: string;
  /** Told the number of entries read so far, about every 65,536. */
  readonly onProgress?: (entries: number) => void;
}

/** What the verifier found out. */
export interface Verdict {
  /** No finding, and the checkpoint verifies. Read together with `trust`. */
  readonly ok: boolean;
  /** `pinned`: the auditor's own key verified the checkpoint. `export`: the key came with the export and proves no more than that it agrees with itself. */
  readonly trust: 'pinned' | 'export';
  readonly origin: string;
  /** Entries in the file. */
  readonly entries: number;
  /** Entries that the checkpoint covers. */
  readonly size: number;
  /** Lower-case hex, as signed. */
  readonly root: string;
  /** The first findings, in the order of the log; at most 1,000. */
  readonly findings: readonly Finding[];
}

/**
 * Verifies an export offline, without trusting the server or the file. `open` gives the file's bytes from the start in chunks of any
 * size; it is called a second time only when the entries are not the signed ones, to name those that differ.
 *
 * @throws AuditError malformed_export when the file is no export at all, malformed_verifier_key when the pinned key is none
 */
export async function verifyExport(open: () => AsyncIterable<Uint8Array>, options: VerifyOptions = {}): Promise<Verdict> {
  void open;
  void options;
  throw new AuditError('malformed_export');
}
