import type { CommitObserver, Row, RowKind, RowWrite } from '#authz';
import { associatedData, hmac, type SecretBytes } from '#crypto';
import type { IssuingMaterial } from '#identity';
import type { IssuingRecord, KeyMaterial } from './key-material.ts';
import { LogKeys } from './log-keys.ts';
import { NamespaceKeys } from './namespace-keys.ts';
import { type NamespaceRecord, newNamespaceRecord, openNamespaceRecord } from './namespace-record.ts';
import { opening } from './opening.ts';
import { RecordSealer } from './record-sealer.ts';
import type { RootKey } from './root-key.ts';

const INDEX_BYTES = 16;

/** The kinds of records that lie under the index of their own id. Secrets lie under their namespace's: see `NamespaceKeys`. */
export type RecordKind = Exclude<RowKind, 'key' | 'secret' | 'secret-version'>;

/** A namespace that exists once its row is committed. */
interface NewNamespace {
  readonly write: RowWrite;
  readonly keys: NamespaceKeys;
}

/**
 * Every key of an unsealed server but the database's own, and what is done with them. Whatever does not open is
 * `KeysError('integrity_failed')`; after `wipe` everything is `KeysError('sealed')`.
 */
export class Keyring implements CommitObserver {
  readonly log: LogKeys;
  readonly issuing: IssuingMaterial;
  readonly #root: RootKey;
  readonly #material: KeyMaterial;
  readonly #records: RecordSealer;
  readonly #namespaces = new Map<string, NamespaceKeys>();

  constructor(root: RootKey, material: KeyMaterial) {
    this.#root = root;
    this.#material = material;
    this.#records = new RecordSealer(material.record);
    this.log = new LogKeys(material);
    this.issuing = issuingOf(material.issuing);
  }

  /** Which root key this server has. */
  get fingerprint(): string {
    return this.#root.fingerprint;
  }

  /** The key of the authority's set digest. */
  get digestKey(): SecretBytes {
    return this.#material.digest;
  }

  /** The key of a record's row: 32 hex digits that tell nothing of the id. */
  recordIndex(kind: RecordKind, id: string): string {
    return this.#indexOf(kind, id);
  }

  /** Seals what a record becomes at revision `rev`. */
  sealRecord(kind: RecordKind, id: string, rev: number, body: object): Buffer {
    return this.#records.seal({ kind, key: this.#indexOf(kind, id), rev }, body);
  }

  /** Opens a record; `idOf` reads its id from the body, which is what `sealRecord` was given, and the row must lie where that id belongs. */
  openFound<T>(row: Row, idOf: (body: T) => string): T {
    return this.#records.openFound(row, (body: T) => this.#indexOf(row.kind, idOf(body)));
  }

  /** A position in a list that its reader can neither read nor move, nor use with another query. */
  sealCursor(query: string, position: string): string {
    return this.#records.sealCursor(query, position);
  }

  openCursor(query: string, cursor: string): string {
    return this.#records.openCursor(query, cursor);
  }

  /** What is stored of a token: hex HMAC-SHA-256. The purpose keeps a token of one kind from passing for another. */
  tokenHash(purpose: string, token: string): string {
    return opening(() => hmac(this.#material.token, associatedData('token', purpose, token)).toString('hex'));
  }

  namespace(name: string): NamespaceKeys | undefined {
    return this.#namespaces.get(name);
  }

  namespaces(): NamespaceKeys[] {
    return [...this.#namespaces.values()];
  }

  /** A new namespace, to be written in the plan that first needs it. Its keys can be used in that plan. */
  createNamespace(name: string): NewNamespace {
    const record = newNamespaceRecord(this.#root, name);
    const place = { kind: 'namespace', key: this.recordIndex('namespace', name), rev: 1 } as const;
    return { write: { ...place, sealed: this.#records.seal(place, record) }, keys: this.#open(record) };
  }

  /** Learns the namespaces that a commit made or took away. */
  committed(writes: readonly RowWrite[]): void {
    for (const { kind, key, rev, sealed } of writes) {
      if (kind !== 'namespace') continue;
      this.#forget(key);
      if (sealed) this.learn({ kind, key, rev, sealed });
    }
  }

  /** Takes in the row of a namespace. @throws KeysError `integrity_failed` */
  learn(row: Row): void {
    const record = this.openFound<NamespaceRecord>(row, (body) => body.name);
    this.#namespaces.set(record.name, this.#open(record));
  }

  wipe(): void {
    for (const keys of this.#namespaces.values()) keys.wipe();
    for (const key of Object.values(this.#material)) key.wipe();
    this.issuing.privateKeyPkcs8.fill(0);
    this.#namespaces.clear();
    this.#records.wipe();
    this.log.wipe();
    this.#root.wipe();
  }

  #forget(key: string): void {
    for (const [name, keys] of this.#namespaces) {
      if (this.recordIndex('namespace', name) !== key) continue;
      keys.wipe();
      this.#namespaces.delete(name);
    }
  }

  #open(record: NamespaceRecord): NamespaceKeys {
    return new NamespaceKeys(openNamespaceRecord(this.#root, record), this.#records);
  }

  #indexOf(kind: RowKind, id: string): string {
    return opening(() => hmac(this.#material.index, associatedData('record-index', kind, id)).toString('hex', 0, INDEX_BYTES));
  }
}

function issuingOf(material: SecretBytes): IssuingMaterial {
  const { privateKey, certificate }: IssuingRecord = JSON.parse(material.bytes.toString());
  return { privateKeyPkcs8: Buffer.from(privateKey, 'base64'), certificatePem: certificate };
}
