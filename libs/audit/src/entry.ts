/** What became of an access. `released`: a value was handed to the network; the entry can't know what arrived. */
export type Outcome = 'released' | 'done' | 'denied' | 'failed' | 'refused';

/** Who asked, as the log keeps it. */
export interface EntryCaller {
  readonly kind: string;
  readonly id: string;
  readonly method: string;
  readonly credential: string;
}

/** What an operation knows of its access; the log adds the rest when it gives the entry its place. */
export interface EntryDraft {
  /** RFC 3339 in UTC with milliseconds. */
  readonly time: string;
  readonly caller: EntryCaller;
  /** The socket's own address, never a header's. */
  readonly peer: string;
  readonly action: string;
  /** As rules write it: a path, a SPIFFE id, an operator, a role's name, a namespace, or `server`. */
  readonly resource: string;
  readonly version?: number;
  readonly decision: 'allow' | 'deny' | 'none';
  /** `<role>#<index of the rule>`, or `builtin:<name>`. */
  readonly rule?: string;
  readonly outcome: Outcome;
  /** Why it was denied, failed or refused: a code of the closed lists, never a text. */
  readonly code?: string;
  readonly requestId: string;
  /** Of a change: lower-case hex SHA-256 over what it left behind, in bytes that a rewrap does not change. */
  readonly digest?: string;
  /** Folded entries only: how many accesses this one stands for, and when the first and last of them were. */
  readonly count?: number;
  readonly first?: string;
  readonly last?: string;
}

/** One leaf of the log. Its canonical bytes (RFC 8785) are what is hashed, sealed and exported. */
export interface Entry extends EntryDraft {
  readonly v: 1;
  /** 128 random bits, hex: leaf hashes lie in the open, and without it an entry could be guessed from its hash. */
  readonly salt: string;
  /** The writing instance, and its own sequence from 0 without a gap. */
  readonly writer: string;
  readonly seq: number;
}
