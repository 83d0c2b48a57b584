import type { Found } from './found.ts';
import { judgeEntries } from './judge-entries.ts';
import type { LedgerRecord } from './ledger.ts';
import { isDone, isUnknown, ofKind, versionOf } from './outcomes.ts';

/** Everything in which what was found contradicts the ledger; empty when nothing was lost and nothing went unaudited. */
export function judge(ledger: readonly LedgerRecord[], found: Found): string[] {
  return [
    ...unexpectedAnswers(ledger),
    ...lostOrForeignVersions(ledger, found),
    ...undoneDeletes(ledger, found),
    ...foreignReads(ledger),
    ...undoneRevocations(ledger, found),
    ...lostSessions(ledger, found),
    ...judgeEntries(ledger, found),
  ];
}

function unexpectedAnswers(ledger: readonly LedgerRecord[]): string[] {
  return ledger
    .filter((record) => record.result?.outcome === 'answered' && !isDone(record))
    .map(({ id, operation, result }) => `operation ${id} (${operation.kind}) was answered ${JSON.stringify(result)}`);
}

/** Every acknowledged version is there with its value, and every version that is there was written: by an acknowledged or an unknown write. */
function lostOrForeignVersions(ledger: readonly LedgerRecord[], { secrets }: Found): string[] {
  const violations: string[] = [];
  const byPath = Map.groupBy(ofKind(ledger, 'write'), ({ operation }) => operation.path);
  for (const [path, writes] of byPath) {
    const versions = new Map(secrets.get(path));
    for (const write of writes.filter(isDone)) {
      const version = versionOf(write) ?? 0;
      const hash = versions.get(version);
      if (hash === undefined) violations.push(`lost: ${path} version ${version}, acknowledged`);
      else if (hash !== null && hash !== write.operation.hash) violations.push(`changed: ${path} version ${version} holds another value`);
      versions.delete(version);
    }
    const unknown = writes.filter(isUnknown).map(({ operation }) => operation.hash);
    for (const [version, hash] of versions) {
      const at = hash === null ? unknown.length - 1 : unknown.indexOf(hash);
      if (at === -1) violations.push(`foreign: ${path} version ${version} was never written, or written twice`);
      else unknown.splice(at, 1);
    }
  }
  return violations;
}

/** An acknowledged delete holds for every version; nothing is deleted that nobody deleted. */
function undoneDeletes(ledger: readonly LedgerRecord[], { secrets }: Found): string[] {
  const deletes = ofKind(ledger, 'delete');
  const acknowledged = new Set(deletes.filter(isDone).map(({ operation }) => operation.path));
  const tried = new Set(deletes.filter((record) => isDone(record) || isUnknown(record)).map(({ operation }) => operation.path));
  return [...secrets].flatMap(([path, versions]) => {
    const gone = [...versions.values()].filter((hash) => hash === null).length;
    if (acknowledged.has(path) && gone < versions.size) return [`undone: ${path} was deleted and can be read`];
    if (gone !== 0 && gone < versions.size) return [`half: only some versions of ${path} are deleted`];
    return gone > 0 && !tried.has(path) ? [`lost: ${path} is deleted, but nobody deleted it`] : [];
  });
}

/** A value that was delivered is one that was written to that very path. */
function foreignReads(ledger: readonly LedgerRecord[]): string[] {
  const written = new Set(ofKind(ledger, 'write').map(({ operation }) => `${operation.path} ${operation.hash}`));
  return ofKind(ledger, 'read').flatMap(({ id, operation, result }) => {
    if (result?.outcome !== 'answered' || result.status !== 200) return [];
    return written.has(`${operation.path} ${result.hash ?? ''}`)
      ? []
      : [`foreign: read ${id} of ${operation.path} delivered another value`];
  });
}

function undoneRevocations(ledger: readonly LedgerRecord[], { refused }: Found): string[] {
  const revokes = ofKind(ledger, 'revoke');
  const acknowledged = new Set(revokes.filter(isDone).map(({ operation }) => operation.spiffeId));
  const tried = new Set(revokes.map(({ operation }) => operation.spiffeId));
  return [...refused].flatMap(([spiffeId, isRefused]) => {
    if (acknowledged.has(spiffeId) && !isRefused) return [`undone: ${spiffeId} was revoked and is served`];
    return isRefused && !tried.has(spiffeId) ? [`lost: ${spiffeId} is refused, but nobody revoked it`] : [];
  });
}

function lostSessions(ledger: readonly LedgerRecord[], { sessions }: Found): string[] {
  return ofKind(ledger, 'sign-in').flatMap(({ id, result }) => {
    if (result?.outcome !== 'answered' || result.token === undefined) return [];
    return sessions.get(result.token) === true ? [] : [`lost: the session of sign-in ${id}`];
  });
}
