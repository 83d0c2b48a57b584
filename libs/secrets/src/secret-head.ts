import { SecretsError } from './errors.ts';
import type { Labels } from './labels.ts';

/** What is known of one version without its value. Times are RFC 3339 in UTC. */
export interface SecretVersion {
  readonly version: number;
  readonly createdAt: string;
  /** A SPIFFE id, or `operator:NAME`. */
  readonly createdBy: string;
  readonly expiresAt?: string;
  /** Deleted, and restorable until it is destroyed. */
  readonly deletedAt?: string;
  /** Its value is gone for good. */
  readonly destroyedAt?: string;
}

/** All that is known of a secret but its values: one sealed record. Versions are in order, from 1, without a gap. */
export interface SecretHead {
  readonly path: string;
  readonly labels: Labels;
  readonly createdAt: string;
  /** The number of the newest version, whatever became of it. */
  readonly current: number;
  readonly versions: readonly SecretVersion[];
}

/** Whether the newest version is neither deleted nor destroyed: the secret is there for those who name no version. */
export function isThere(head: SecretHead): boolean {
  const newest = head.versions.at(-1);
  return newest !== undefined && !isGone(newest);
}

/** The version asked for, or the newest one. @throws SecretsError `version_unavailable`, with a hint that says why */
export function readableVersion(head: SecretHead, asked: number | undefined, now: Date): SecretVersion {
  const version = versionOf(head, asked ?? head.current);
  if (isGone(version)) throw gone(version);
  if (isExpired(version, now)) throw new SecretsError('version_unavailable', 'it has expired');
  return version;
}

/** @throws SecretsError `version_unavailable` when there never was one of this number */
export function versionOf(head: SecretHead, number: number): SecretVersion {
  const version = head.versions[number - 1];
  if (!version) throw new SecretsError('version_unavailable', 'there never was a version of this number');
  return version;
}

/** The error for a version that is deleted or destroyed. */
export function gone({ destroyedAt }: SecretVersion): SecretsError {
  return new SecretsError(
    'version_unavailable',
    destroyedAt === undefined ? 'it is deleted; a restore brings it back' : 'it is destroyed for good',
  );
}

/** The head after some of its versions have changed. */
export function withVersions(head: SecretHead, changed: readonly SecretVersion[]): SecretHead {
  const byNumber = new Map(changed.map((version) => [version.version, version]));
  return { ...head, versions: head.versions.map((version) => byNumber.get(version.version) ?? version) };
}

/** Deleted or destroyed. */
export function isGone(version: SecretVersion): boolean {
  return version.deletedAt !== undefined || version.destroyedAt !== undefined;
}

export function isExpired({ expiresAt }: SecretVersion, now: Date): boolean {
  return expiresAt !== undefined && Date.parse(expiresAt) <= now.getTime();
}
