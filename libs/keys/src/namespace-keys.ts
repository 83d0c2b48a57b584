import type { Row } from '#authz';
import {
  associatedData,
  blindIndex,
  kekVersionOf,
  openOnce,
  sealEnvelope,
  unwrapDataKey,
  type Envelope,
  type SecretBytes,
  type XaesKey,
} from '#crypto';
import type { RecordSealer } from './record-sealer.ts';
import { DataKeys } from './data-keys.ts';
import { KeysError } from './errors.ts';
import { opening } from './opening.ts';
import { PathMemo } from './path-memo.ts';

/** Of each of the two memos. */
const MOST_REMEMBERED_BYTES = 2 * 1024 * 1024;
const VERSION_DIGITS = 10;

/** What a namespace's keys are made of. `keks` holds every version of its KEK; the greatest one seals. */
export interface NamespaceParts {
  readonly name: string;
  /** 32 hex digits. One that is destroyed and made again is another: nothing of the old one opens in it. */
  readonly id: string;
  readonly index: SecretBytes;
  readonly keks: ReadonlyMap<number, XaesKey>;
}

/** Where one version lies, and what its value is bound to. */
interface VersionPlace {
  readonly version: number;
  /** Short, however long the index is. */
  readonly name: string;
  readonly index: string;
  readonly aad: Buffer;
}

/**
 * The keys of one namespace, the first segment of its paths: where its secrets lie, and what seals their values. Associated data
 * and indexes are computed from the path asked for.
 */
export class NamespaceKeys {
  readonly name: string;
  readonly id: string;
  readonly #index: SecretBytes;
  readonly #keks: ReadonlyMap<number, XaesKey>;
  readonly #current: number;
  readonly #records: RecordSealer;
  readonly #indexes = new PathMemo<string>(({ length }) => length, MOST_REMEMBERED_BYTES);
  /** By path: the version of it that was asked for last. */
  readonly #places = new PathMemo<VersionPlace>(sizeOf, MOST_REMEMBERED_BYTES);
  readonly #dataKeys = new DataKeys();

  constructor({ name, id, index, keks }: NamespaceParts, records: RecordSealer) {
    this.name = name;
    this.id = id;
    this.#index = index;
    this.#keks = keks;
    this.#current = Math.max(...keks.keys());
    this.#records = records;
  }

  /**
   * The key of a secret's row: the namespace's id, then 32 hex digits for each further segment, joined by `/`. A path followed
   * by `/` is the prefix of all that lies below it; the namespace's own name works as such a path too.
   *
   * @throws KeysError `integrity_failed` for a path of another namespace
   */
  indexOf(path: string): string {
    return this.#indexes.get(path) ?? this.#indexes.set(path, this.#computeIndex(path));
  }

  /** The key of one version's row. Versions sort by number, and `v` is in no segment's digits. */
  versionIndexOf(path: string, version: number): string {
    return this.#placeOf(path, version).index;
  }

  /** Seals the head of a secret (its names, labels and versions) as of revision `rev`. */
  sealHead(path: string, rev: number, body: object): Buffer {
    return this.#records.seal({ kind: 'secret', key: this.indexOf(path), rev }, body);
  }

  /** Opens the head of the secret that was asked for. @throws KeysError `integrity_failed` */
  openHead<T>(path: string, { rev, sealed }: Row): T {
    return this.#records.open({ kind: 'secret', key: this.indexOf(path), rev, sealed });
  }

  /** Opens a head that a scan found; `pathOf` reads its path from the body, and the row must lie where that belongs. */
  openFoundHead<T>(row: Row, pathOf: (body: T) => string): T {
    return this.#records.openFound(row, (body: T) => this.indexOf(pathOf(body)));
  }

  /** Seals the value of one version under a fresh data key, and that under the current KEK. */
  sealVersion(path: string, version: number, plaintext: Buffer): Envelope {
    const kek = this.#kekOf(this.#current);
    return opening(() => sealEnvelope(kek, this.#current, plaintext, this.#placeOf(path, version).aad));
  }

  /** Opens the value of one version. The caller wipes it. @throws KeysError `integrity_failed` */
  openVersion(path: string, version: number, row: Partial<Envelope>): Buffer {
    const { wrapped, sealed } = row;
    if (!wrapped || !sealed) throw new KeysError('integrity_failed');
    return opening(() => {
      const { name, aad } = this.#placeOf(path, version);
      const unwrap = () => unwrapDataKey(this.#kekOf(kekVersionOf(wrapped)), wrapped, aad);
      return openOnce(this.#dataKeys.of(name, wrapped, unwrap), sealed, aad);
    });
  }

  wipe(): void {
    this.#index.wipe();
    for (const kek of this.#keks.values()) kek.wipe();
    this.#dataKeys.wipe();
    this.#indexes.clear();
    this.#places.clear();
  }

  #computeIndex(path: string): string {
    const [namespace, ...segments] = path.split('/');
    if (namespace !== this.name) throw new KeysError('integrity_failed');
    return segments.length === 0 ? this.id : `${this.id}/${opening(() => blindIndex(this.#index, segments))}`;
  }

  #kekOf(version: number): XaesKey {
    const kek = this.#keks.get(version);
    if (!kek) throw new KeysError('integrity_failed');
    return kek;
  }

  #placeOf(path: string, version: number): VersionPlace {
    const known = this.#places.get(path);
    if (known?.version === version) return known;
    const index = `${this.indexOf(path)}/v${version.toString().padStart(VERSION_DIGITS, '0')}`;
    const aad = unpooled(associatedData('secret-version', this.id, path, version));
    return this.#places.set(path, { version, name: `${path}/v${version}`, index, aad });
  }
}

function sizeOf({ name, index, aad }: VersionPlace): number {
  return name.length + index.length + aad.length;
}

/** A copy in memory of its own: a part of the buffers' pool, kept, would keep all of its 64 KiB. */
function unpooled(bytes: Buffer): Buffer {
  return Buffer.alloc(bytes.length, bytes);
}
