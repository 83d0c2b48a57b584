import type { RowWrite } from '#authz';
import type { Principal } from '#identity';
import type { Labels } from './labels.ts';
import { encodeData, type SecretData } from './secret-data.ts';
import { SecretsError } from './errors.ts';
import type { SecretHead, SecretVersion } from './secret-head.ts';
import type { SecretRecords, StoredHead } from './secret-records.ts';

/** Versions of one secret that are kept: its head names each of them and is written anew with each. */
const MOST_KEPT = 1_000;

/** What a new version is made of. */
export interface Draft {
  readonly path: string;
  readonly data: SecretData;
  readonly labels: Labels;
  readonly expiresAt?: string;
  readonly caller: Principal;
  readonly now: Date;
}

/** Which version was written. */
export interface WrittenSecret {
  readonly path: string;
  readonly version: number;
  readonly createdAt: string;
}

/** The plan that puts one more version on top of what there was. @throws SecretsError `conflict` when as many are kept as there may be */
export function planVersion(records: SecretRecords, before: StoredHead | undefined, draft: Draft) {
  if (kept(before) >= MOST_KEPT) throw new SecretsError('conflict', 'it has 1,000 versions; destroy some first');
  const { path, data, labels, expiresAt, caller, now } = draft;
  const number = (before?.current ?? 0) + 1;
  const createdAt = now.toISOString();
  const version: SecretVersion = { version: number, createdAt, createdBy: nameOf(caller), ...(expiresAt && { expiresAt }) };
  const versions = [...(before?.versions ?? []), version];
  const after: SecretHead = { path, labels, createdAt: before?.createdAt ?? createdAt, current: number, versions };
  const writes: readonly RowWrite[] = records.versionWrites(before, after, encodeData(data));
  return { writes, version: number, answer: { path, version: number, createdAt } satisfies WrittenSecret };
}

/** How many are not destroyed. */
function kept(head: SecretHead | undefined): number {
  return head?.versions.filter(({ destroyedAt }) => destroyedAt === undefined).length ?? 0;
}

/** A caller as roles name it. */
function nameOf({ kind, id }: Principal): string {
  return kind === 'operator' ? `operator:${id}` : id;
}
