import type { LinePlace } from '#identity';
import type { RevocationRecord } from '../authority/records.ts';

/** What of a certificate a revocation can be about. */
export interface Revocable {
  /** The SPIFFE ID. */
  readonly id: string;
  /** `sha256:<hex>` of the whole certificate. */
  readonly fingerprint: string;
  /** Lower-case hex. */
  readonly serial?: string;
  /** Where it stands in a line of our own CA. */
  readonly place?: LinePlace;
  /** When it began: epoch milliseconds. */
  readonly from: number;
}

/**
 * Every revocation by its subject, in memory: what is asked of each certificate costs a few look-ups, and none by a keyed hash.
 *
 * A subject is a certificate, by its fingerprint or by its serial number within a trust domain; then it is revoked for good. Or it is a
 * SPIFFE ID or all of them below a prefix; then what is revoked is every certificate that began up to the revocation. Or it is a line of
 * certificates that renewed one another, which is locked.
 */
export class Revocations {
  readonly #bySubject = new Map<string, RevocationRecord>();
  #prefixes = 0;

  constructor(records: Iterable<RevocationRecord> = []) {
    for (const record of records) this.replace(undefined, record);
  }

  /** A record that has changed, is new (no `before`) or gone (no `after`). */
  replace(before: RevocationRecord | undefined, after: RevocationRecord | undefined): void {
    if (before !== undefined && this.#bySubject.delete(before.subject) && isPrefix(before.subject)) this.#prefixes -= 1;
    if (after === undefined) return;
    this.#bySubject.set(after.subject, after);
    if (isPrefix(after.subject)) this.#prefixes += 1;
  }

  isRevoked({ id, fingerprint, serial, place, from }: Revocable): boolean {
    if (this.isLocked(place)) return true;
    if (this.#bySubject.has(fingerprint)) return true;
    if (serial !== undefined && this.#bySubject.has(serialSubject(trustDomainOf(id), serial))) return true;
    return from <= this.lastOf(id);
  }

  /** Whether two keys have renewed one certificate of this line. */
  isLocked(place: LinePlace | undefined): boolean {
    return place !== undefined && this.#bySubject.has(lineSubject(place.line));
  }

  /** Up to when all certificates of a SPIFFE ID that have begun are revoked: epoch milliseconds, or -Infinity. */
  lastOf(id: string): number {
    const subjects = this.#prefixes === 0 ? [id] : [id, ...prefixesOf(id)];
    return Math.max(...subjects.map((subject) => this.#momentOf(subject)));
  }

  #momentOf(subject: string): number {
    const record = this.#bySubject.get(subject);
    return record === undefined ? -Infinity : Date.parse(record.revokedAt);
  }
}

/** What every revocation that would hold for a certificate is called. A plan that rests on its being good expects them all as they are. */
export function revocationSubjectsOf({ id, fingerprint, serial, place }: Omit<Revocable, 'from'>): string[] {
  const bySerial = serial === undefined ? [] : [serialSubject(trustDomainOf(id), serial)];
  return [id, ...prefixesOf(id), fingerprint, ...bySerial, ...(place === undefined ? [] : [lineSubject(place.line)])];
}

/** One certificate of a trust domain by its serial number, in whatever way that is written. */
export function serialSubject(trustDomain: string, serial: string): string {
  return `trust-domain:${trustDomain}/serial/${serial.toLowerCase().replace(/^0+(?=.)/, '')}`;
}

/** All certificates of a line. Nobody asks for it: a renewal that shows a copy does. */
export function lineSubject(line: string): string {
  return `line:${line}`;
}

export function isPrefix(subject: string): boolean {
  return subject.startsWith('spiffe://') && subject.endsWith('/**');
}

/** `spiffe://d/ns/a/sa/b` is below `spiffe://d/**`, `spiffe://d/ns/**`, … */
function prefixesOf(id: string): string[] {
  const prefixes: string[] = [];
  for (let slash = id.indexOf('/', 'spiffe://'.length); slash >= 0; slash = id.indexOf('/', slash + 1)) {
    prefixes.push(`${id.slice(0, slash)}/**`);
  }
  return prefixes;
}

function trustDomainOf(id: string): string {
  return id.split('/', 3)[2] ?? '';
}
