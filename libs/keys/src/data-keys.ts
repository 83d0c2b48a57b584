import type { SecretBytes } from '#crypto';

interface Unwrapped {
  readonly wrapped: Buffer;
  readonly dataKey: SecretBytes;
}

const MOST_KEPT = 4_096;

/**
 * The data keys of what was read lately, so that reading it again costs one decryption instead of two and a key derivation.
 *
 * Keeping one discloses nothing more: in the same memory lies the KEK, which unwraps them all, and both are wiped together. What a data
 * key was bound to when it was wrapped is checked when it is kept, and it is kept for that place and those wrapped bytes alone; what it
 * seals is checked against its own associated data each time it is opened. No value is kept.
 */
export class DataKeys {
  readonly #kept = new Map<string, Unwrapped>();

  /** The data key of what lies at `place`, whose wrapped form `unwrap` opens as that of this place. It is not the caller's to wipe. */
  of(place: string, wrapped: Buffer, unwrap: () => SecretBytes): SecretBytes {
    const kept = this.#kept.get(place);
    if (kept?.wrapped.equals(wrapped)) return kept.dataKey;
    const dataKey = unwrap();
    kept?.dataKey.wipe();
    if (this.#kept.size >= MOST_KEPT) this.wipe();
    this.#kept.set(place, { wrapped, dataKey });
    return dataKey;
  }

  wipe(): void {
    for (const { dataKey } of this.#kept.values()) dataKey.wipe();
    this.#kept.clear();
  }
}
