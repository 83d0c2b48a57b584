/**
 * - `untrusted_checkpoint` the checkpoint is malformed or not signed by the key
 * - `header_mismatch` the header names another log or key than the checkpoint
 * - `not_a_continuation` the checkpoint kept from earlier covers other entries than these, or more
 * - `root_mismatch` the entries are not the signed ones
 * - `truncated` the file ends before its checkpoint, or holds fewer entries than that covers
 * - `changed` `missing` `added` `reordered` an entry, named; with `to`, somewhere among several
 * - `malformed` a line is not in the one form that it has: an entry's, or the first or the last line's
 * - `blocks_mismatch` the blocks of the last line are not those of the signed entries
 * - `sequence_gap` `sequence_repeated` a writer's own numbering has a hole or goes back
 */
export type FindingCode =
  | 'untrusted_checkpoint'
  | 'header_mismatch'
  | 'not_a_continuation'
  | 'root_mismatch'
  | 'truncated'
  | 'changed'
  | 'missing'
  | 'added'
  | 'reordered'
  | 'malformed'
  | 'blocks_mismatch'
  | 'sequence_gap'
  | 'sequence_repeated';

/** One thing that is wrong with an export. */
export interface Finding {
  readonly code: FindingCode;
  /** The entry's place among the file's entries, from 0 (its line is `index + 2`); for a missing one, where it should stand. */
  readonly index?: number;
  /** The last such place, where the finding is about several. */
  readonly to?: number;
  readonly writer?: string;
  readonly seq?: number;
  /** For people: one sentence that holds nothing of an entry but its writer and sequence. */
  readonly text: string;
}

/** Findings that are kept: enough to show what happened, and a bound on memory and time. */
export const MAX_FINDINGS = 100;
