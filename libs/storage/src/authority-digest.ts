import { ROW_KINDS, type Reader, type Row, type RowKind, type RowWrite } from '#authz';
import { SetDigest, associatedData, sha256, type SecretBytes } from '#crypto';

/** One write, and the row of the authority that it replaces or removes. */
export interface RowChange {
  readonly before?: Row;
  readonly write: RowWrite;
}

/**
 * The digest of every row of the authority, which each batch of the log holds as it left it: rolling one of them back, or taking
 * one away, no longer adds up. An element is the row's kind, key, revision and sealed bytes, not what a rewrap replaces.
 */
export class AuthorityDigest {
  readonly #key: SecretBytes;
  readonly bytes: Buffer;

  constructor(key: SecretBytes, bytes = new SetDigest(key).bytes) {
    this.#key = key;
    this.bytes = bytes;
  }

  /** Of the rows that are there now. */
  static async of(reader: Reader, key: SecretBytes): Promise<AuthorityDigest> {
    const set = new SetDigest(key);
    for (const kind of AUTHORITY_KINDS) {
      for await (const row of reader.every(kind)) set.add(element(row));
    }
    return new AuthorityDigest(key, set.bytes);
  }

  /** Of the rows as these changes leave them. */
  after(changes: readonly RowChange[]): AuthorityDigest {
    const set = new SetDigest(this.#key, this.bytes);
    for (const { before, write } of changes.filter((change) => isAuthority(change.write.kind))) {
      if (before) set.remove(element(before));
      if (leavesRow(write)) set.add(element(write));
    }
    return new AuthorityDigest(this.#key, set.bytes);
  }
}

export function isAuthority(kind: RowKind): boolean {
  return ROW_KINDS[kind].authority;
}

/** Whether a write leaves a row behind, which it then is. */
export function leavesRow(write: RowWrite): write is Row {
  return write.sealed !== null;
}

function isRowKind(name: string): name is RowKind {
  return name in ROW_KINDS;
}

const AUTHORITY_KINDS = Object.keys(ROW_KINDS).filter(isRowKind).filter(isAuthority);

function element({ kind, key, rev, sealed }: Row): Buffer {
  return associatedData('authority', kind, key, rev, sha256(sealed));
}
