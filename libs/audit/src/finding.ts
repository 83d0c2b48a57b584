/**
 * - `untrusted_checkpoint` the checkpoint is missing, malformed or not signed by the key
 * - `not_a_continuation` the checkpoint kept from earlier covers other entries than these, or more
 * - `root_mismatch` the entries are not the signed ones
 * - `truncated` the file ends before its checkpoint, or holds fewer entries than it covers
 * - `changed` `missing` `added` `reordered` an entry, named; with `to`, somewhere among several
 * - `malformed` the entry is none, or not in its canonical form
 * - `sequence_gap` `sequence_repeated` a writer's own numbering has a hole or goes back, in what was signed or not
 */
export type FindingCode =
  | 'untrusted_checkpoint'
  | 'not_a_continuation'
  | 'root_mismatch'
  | 'truncated'
  | 'changed'
  | 'missing'
  | 'added'
  | 'reordered'
  | 'malformed'
  | 'sequence_gap'
  | 'sequence_repeated';

/** One thing that is wrong with an export. */
export interface Finding {
  readonly code: FindingCode;
  /** The entry's place among the file's entries, from 0; its line is `index + 2`. */
  readonly index?: number;
  /** The last such place, where the finding is about several. */
  readonly to?: number;
  readonly writer?: string;
  readonly seq?: number;
  /** For people: a sentence, without the entry's content. */
  readonly text: string;
}
