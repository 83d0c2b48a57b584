/**
 * Everything that is stored and may change, by kind. Kinds of the authority are loaded at unseal and must match the set
 * digest in the log, so that rolling one back stops the unsealing; the others are found by the scrub.
 */
export const ROW_KINDS = {
  key: { authority: true },
  namespace: { authority: true },
  role: { authority: true },
  'role-version': { authority: true },
  'deleted-role': { authority: true },
  approval: { authority: true },
  operator: { authority: true },
  session: { authority: true },
  enrolment: { authority: true },
  revocation: { authority: true },
  'second-factor': { authority: true },
  'trust-bundle': { authority: true },
  crl: { authority: true },
  issuer: { authority: true },
  'jwt-use': { authority: true },
  provider: { authority: true },
  'certificate-line': { authority: true },
  secret: { authority: false },
  'secret-version': { authority: false },
} as const;

/** The kind of a stored row. */
export type RowKind = keyof typeof ROW_KINDS;

/** Where a row lies: its kind and its blind index (never a name). At most 9,000 ASCII characters of `[0-9a-z/_-]`. */
export interface RowKey {
  readonly kind: RowKind;
  readonly key: string;
}

/** A sealed row as storage knows it. `rev` counts its changes from 1; `wrapped` is a data key that a rewrap may replace. */
export interface Row extends RowKey {
  readonly rev: number;
  readonly wrapped?: Buffer;
  readonly sealed: Buffer;
}

/** A precondition of a plan: the row is still at `rev`; 0 means that it does not exist. */
export interface Expect extends RowKey {
  readonly rev: number;
}

/**
 * A change of one row to revision `rev`: an insert when `rev` is 1, else an update of revision `rev - 1`. It implies the
 * expectation of that revision. `sealed: null` removes the row, and its bytes, for good.
 */
export interface RowWrite extends RowKey {
  readonly rev: number;
  readonly wrapped?: Buffer;
  readonly sealed: Buffer | null;
}

/** A run of consecutive log entries that were committed together, sealed under their segment's data key. */
export interface LogRow {
  readonly firstIndex: number;
  readonly count: number;
  readonly segment: number;
  readonly sealed: Buffer;
}
