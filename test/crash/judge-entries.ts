import type { Entry } from '#audit';
import type { Found } from './found.ts';
import type { LedgerRecord } from './ledger.ts';
import { isDone, isUnknown } from './outcomes.ts';

/** Everything in which the log contradicts the ledger or the secrets that were found. */
export function judgeEntries(ledger: readonly LedgerRecord[], found: Found): string[] {
  return [...missingOrSurplusEntries(ledger, found), ...changesWithoutEntry(found)];
}

const ACTION = {
  read: ['secret:read', 'released'],
  bundle: ['secret:read', 'released'],
  denied: ['secret:read', 'denied'],
  write: ['secret:write', 'done'],
  patch: ['secret:write', 'done'],
  delete: ['secret:delete', 'done'],
  destroy: ['secret:destroy', 'done'],
  'apply-role': ['policy:write', 'done'],
  revoke: ['identity:revoke', 'done'],
  'sign-in': ['identity:sign-in', 'done'],
} as const;

/**
 * As many records as acknowledged operations, and at most as many more as there are unknown ones. A record is the one entry of a request,
 * or all that a bundle has, one for each path: a part of them is a record of what nobody did.
 */
function missingOrSurplusEntries(ledger: readonly LedgerRecord[], { entries }: Found): string[] {
  const counted = new Map<string, number>();
  for (const [entry, ...more] of Map.groupBy(entries, ({ requestId }) => requestId).values()) {
    if (entry === undefined) continue;
    const key = keyOfEntry(
      entry,
      [entry, ...more].map(({ resource }) => resource),
    );
    counted.set(key, (counted.get(key) ?? 0) + (entry.count ?? 1));
  }
  const violations: string[] = [];
  for (const [key, records] of Map.groupBy(ledger, keyOfRecord)) {
    const least = records.filter(isDone).length;
    const most = least + records.filter(isUnknown).length;
    const count = counted.get(key) ?? 0;
    if (count < least) violations.push(`unaudited: ${least} × ${key}, but ${count} entries`);
    if (count > most) violations.push(`surplus: ${count} entries for ${most} × ${key}`);
    counted.delete(key);
  }
  const audited = Object.values(ACTION).map(([action, outcome]) => `${action} ${outcome} `);
  const surplus = [...counted.keys()].filter((key) => audited.some((start) => key.startsWith(start)));
  return [...violations, ...surplus.map((key) => `surplus: an entry for what nobody did: ${key}`)];
}

function keyOfRecord({ operation }: LedgerRecord): string {
  const [action, outcome] = ACTION[operation.kind];
  if (operation.kind === 'sign-in') return `${action} ${outcome} `;
  if (operation.kind === 'revoke') return `${action} ${outcome} ${operation.spiffeId}`;
  if (operation.kind === 'apply-role') return `${action} ${outcome} ${operation.role}`;
  const paths = operation.kind === 'bundle' ? operation.paths : [operation.path];
  return `${action} ${outcome} ${listed(paths)} by ${operation.caller}`;
}

function keyOfEntry({ action, outcome, caller }: Entry, resources: readonly string[]): string {
  if (action === 'identity:sign-in') return `${action} ${outcome} `;
  if (action === 'identity:revoke' || action === 'policy:write') return `${action} ${outcome} ${listed(resources)}`;
  return `${action} ${outcome} ${listed(resources)} by ${caller.id}`;
}

function listed(paths: readonly string[]): string {
  return paths.toSorted().join(' ');
}

/** Invariant 2: each version that exists has exactly one entry, and each entry of a write its version. */
function changesWithoutEntry({ secrets, entries }: Found): string[] {
  const recorded = Map.groupBy(
    entries.filter(({ action, outcome }) => action === 'secret:write' && outcome === 'done'),
    ({ resource, version }) => `${resource} version ${version ?? '?'}`,
  );
  const existing = new Set([...secrets].flatMap(([path, versions]) => [...versions.keys()].map((version) => `${path} version ${version}`)));
  return [
    ...[...existing].filter((key) => recorded.get(key)?.length !== 1).map((key) => `unaudited: ${key} exists without its one entry`),
    ...[...recorded.keys()].filter((key) => !existing.has(key)).map((key) => `lost: ${key} has an entry, but does not exist`),
  ];
}
