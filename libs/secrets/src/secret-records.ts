import type { Reader, Row, RowWrite } from '#authz';
import { KeysError, type Keyring, type KeyringHolder, type NamespaceKeys } from '#keys';
import { SecretsError } from './errors.ts';
import type { SecretHead } from './secret-head.ts';
import { namespaceOf } from './secret-path.ts';

/** A head, and the revision of the row it came from. */
export interface StoredHead extends SecretHead {
  readonly rev: number;
}

/** Secrets between their rows and their meaning. Everything is opened for the path that was asked for, never for one that a row names. */
export class SecretRecords {
  readonly #holder: KeyringHolder;
  /** Heads of rows that the reader still caches. They hold no value. */
  readonly #heads = new WeakMap<Row, StoredHead>();

  constructor(holder: KeyringHolder) {
    this.#holder = holder;
  }

  /** @throws KeysError `sealed` */
  get keyring(): Keyring {
    return this.#holder.keyring;
  }

  /** What is known of a secret. @throws SecretsError `not_found`; KeysError `integrity_failed` */
  async head(reader: Reader, path: string): Promise<StoredHead> {
    const keys = this.keyring.namespace(namespaceOf(path));
    const row = keys && (await reader.find('secret', keys.indexOf(path)));
    if (!row) throw new SecretsError('not_found');
    return this.#heads.get(row) ?? this.#open(row, () => keys.openHead(path, row));
  }

  /** The same, where there may be none. @throws KeysError `integrity_failed` */
  async find(reader: Reader, path: string): Promise<StoredHead | undefined> {
    const keys = this.keyring.namespace(namespaceOf(path));
    const row = keys && (await reader.find('secret', keys.indexOf(path)));
    return row && this.#open(row, () => keys.openHead(path, row));
  }

  /** What a scan of a namespace came across: it must lie where its own path belongs. @throws KeysError `integrity_failed` */
  foundHead(namespace: string, row: Row): StoredHead {
    return this.#open(row, () => this.#keysOf(namespace).openFoundHead<SecretHead>(row, (head) => head.path));
  }

  /** The value of a version that is there, as `encodeData` made it. The caller wipes it. @throws KeysError `integrity_failed` */
  async value(reader: Reader, path: string, version: number): Promise<Buffer> {
    const keys = this.#keysOf(path);
    const row = await reader.find('secret-version', keys.versionIndexOf(path, version));
    if (!row) throw new KeysError('integrity_failed');
    return keys.openVersion(path, version, row);
  }

  /** Where a secret, or the subtree of that name, lies. @throws KeysError `integrity_failed` when there is no such namespace */
  indexOf(path: string): string {
    return this.#keysOf(path).indexOf(path);
  }

  /** Writes what becomes of a head. */
  headWrite(before: StoredHead, after: SecretHead): RowWrite {
    return this.#headWrite(this.#keysOf(before.path), before.rev + 1, after);
  }

  /** Writes a head with its newest version's value, and the namespace with its first secret. Overwrites `value`. */
  versionWrites(before: StoredHead | undefined, after: SecretHead, value: Buffer): readonly RowWrite[] {
    const { path, current } = after;
    const name = namespaceOf(path);
    const known = this.keyring.namespace(name);
    const made = known ? undefined : this.keyring.createNamespace(name);
    const keys = known ?? made?.keys ?? this.#keysOf(path);
    const envelope = keys.sealVersion(path, current, value);
    value.fill(0);
    const version: RowWrite = { kind: 'secret-version', key: keys.versionIndexOf(path, current), rev: 1, ...envelope };
    return [...(made ? [made.write] : []), this.#headWrite(keys, (before?.rev ?? 0) + 1, after), version];
  }

  /** Removes the value of a version for good. @throws KeysError `integrity_failed` when it is not there to remove */
  async destruction(reader: Reader, path: string, version: number): Promise<RowWrite> {
    const key = this.#keysOf(path).versionIndexOf(path, version);
    const row = await reader.find('secret-version', key);
    if (!row) throw new KeysError('integrity_failed');
    return { kind: 'secret-version', key, rev: row.rev + 1, sealed: null };
  }

  #headWrite(keys: NamespaceKeys, rev: number, { path, labels, createdAt, current, versions }: SecretHead): RowWrite {
    return {
      kind: 'secret',
      key: keys.indexOf(path),
      rev,
      sealed: keys.sealHead(path, rev, { path, labels, createdAt, current, versions }),
    };
  }

  #open(row: Row, open: () => SecretHead): StoredHead {
    const known = this.#heads.get(row);
    if (known) return known;
    const head = { ...open(), rev: row.rev };
    this.#heads.set(row, head);
    return head;
  }

  #keysOf(path: string): NamespaceKeys {
    const keys = this.keyring.namespace(namespaceOf(path));
    if (!keys) throw new KeysError('integrity_failed');
    return keys;
  }
}
