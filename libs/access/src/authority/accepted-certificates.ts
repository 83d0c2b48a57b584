import type { X509Certificate } from 'node:crypto';
import type { Principal } from '#identity';

interface Accepted {
  readonly caller: Principal;
  /** When it was checked, and when what was checked ends: milliseconds since the epoch. */
  readonly from: number;
  readonly until: number;
}

const MOST_REMEMBERED = 10_000;

/**
 * Who was accepted with what, so that a workload that connects again costs no signature. It answers only for the very certificates that
 * were checked, all that the peer presented, at the same revision of trust and revocations, and while the caller's own validity lasts.
 * Refusals are not remembered: a stranger can fill nothing.
 */
export class AcceptedCertificates {
  readonly #accepted = new Map<string, Accepted>();
  #revision = -1;

  /** The caller who was accepted with these before, or whom `check` accepts now. What it throws is thrown on. */
  callerOf(
    presented: readonly X509Certificate[],
    at: { readonly revision: number; readonly now: Date },
    check: () => Principal,
  ): Principal {
    if (at.revision !== this.#revision || this.#accepted.size >= MOST_REMEMBERED) this.#accepted.clear();
    this.#revision = at.revision;
    const now = at.now.getTime();
    const key = presented.map((certificate) => certificate.fingerprint256).join();
    const known = this.#accepted.get(key);
    if (known !== undefined && known.from <= now && now < known.until) return known.caller;
    const caller = check();
    this.#accepted.set(key, { caller, from: now, until: caller.validity?.until ?? 0 });
    return caller;
  }
}
