import type { Expect, Row } from '#authz';
import { associatedData, type SecretBytes, XaesKey } from '#crypto';
import { KeysError } from './errors.ts';
import { opening } from './opening.ts';

/** The row that a body belongs to. */
type RecordPlace = Expect;

/** Seals the bodies of mutable records, each bound to its kind, the key of its row and its revision. */
export class RecordSealer {
  readonly #key: XaesKey;

  constructor(key: SecretBytes) {
    this.#key = new XaesKey(key);
  }

  seal(place: RecordPlace, body: object): Buffer {
    return opening(() => this.#key.seal(Buffer.from(JSON.stringify(body)), recordAad(place)));
  }

  /** Opens sealed bytes as those of the place that was asked for. @throws KeysError `integrity_failed` */
  open<T>(row: RecordPlace & { readonly sealed: Buffer }): T {
    return opening(() => JSON.parse(this.#key.open(row.sealed, recordAad(row)).toString()));
  }

  /** Opens a row that a scan found. It is bound to its place, and its body must name that place. @throws KeysError `integrity_failed` */
  openFound<T>(row: Row, indexOf: (body: T) => string): T {
    const body = this.open<T>(row);
    if (indexOf(body) !== row.key) throw new KeysError('integrity_failed');
    return body;
  }

  sealCursor(query: string, position: string): string {
    return opening(() => this.#key.seal(Buffer.from(position), associatedData('cursor', query)).toString('base64url'));
  }

  openCursor(query: string, cursor: string): string {
    return opening(() => this.#key.open(Buffer.from(cursor, 'base64url'), associatedData('cursor', query)).toString());
  }

  wipe(): void {
    this.#key.wipe();
  }
}

function recordAad({ kind, key, rev }: RecordPlace): Buffer {
  return associatedData('record', kind, key, rev);
}
