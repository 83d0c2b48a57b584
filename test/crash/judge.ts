import type { Found, FoundVersion, FoundVersions } from './found.ts';
import { judgeEntries } from './judge-entries.ts';
import type { LedgerRecord } from './ledger.ts';
import { isDone, isUnknown, mayBeDone, ofKind, versionOf, writings } from './outcomes.ts';

/** Everything in which what was found contradicts the ledger; empty when nothing was lost and nothing went unaudited. */
export function judge(ledger: readonly LedgerRecord[], found: Found): string[] {
  return [
    ...unexpectedAnswers(ledger),
    ...lostOrForeignVersions(ledger, found),
    ...undoneDeletes(ledger, found),
    ...undoneDestroys(ledger, found),
    ...foreignReads(ledger),
    ...undoneRevocations(ledger, found),
    ...undoneRoles(ledger, found),
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
  const byPath = Map.groupBy(writings(ledger), ({ operation }) => operation.path);
  for (const [path, writes] of byPath) {
    const versions = new Map(secrets.get(path));
    for (const write of writes.filter(isDone)) {
      const version = versionOf(write) ?? 0;
      const state = versions.get(version);
      if (state === undefined) violations.push(`lost: ${path} version ${version}, acknowledged`);
      else if (isReadable(state) && state.hash !== write.operation.hash)
        violations.push(`changed: ${path} version ${version} holds another value`);
      versions.delete(version);
    }
    const unknown = writes.filter(isUnknown).map(({ operation }) => operation.hash);
    for (const [version, state] of versions) {
      const at = isReadable(state) ? unknown.indexOf(state.hash) : unknown.length - 1;
      if (at === -1) violations.push(`foreign: ${path} version ${version} was never written, or written twice`);
      else unknown.splice(at, 1);
    }
  }
  return violations;
}

function isReadable(state: FoundVersion): state is { hash: string } {
  return typeof state === 'object';
}

/** An acknowledged delete holds for every version that is not destroyed; nothing is deleted that nobody deleted. */
function undoneDeletes(ledger: readonly LedgerRecord[], { secrets }: Found): string[] {
  const deletes = ofKind(ledger, 'delete');
  const acknowledged = new Set(deletes.filter(isDone).map(({ operation }) => operation.path));
  const tried = new Set(deletes.filter(mayBeDone).map(({ operation }) => operation.path));
  return [...secrets].flatMap(([path, versions]) => {
    const gone = [...versions.values()].filter((state) => state === 'deleted').length;
    const readable = [...versions.values()].filter(isReadable).length;
    if (acknowledged.has(path) && readable > 0) return [`undone: ${path} was deleted and can be read`];
    if (gone !== 0 && readable > 0) return [`half: only some versions of ${path} are deleted`];
    return gone > 0 && !tried.has(path) ? [`lost: ${path} is deleted, but nobody deleted it`] : [];
  });
}

/** A destroyed version can never be read again and has no bytes left; each destroy was done wholly or not at all, and by somebody. */
function undoneDestroys(ledger: readonly LedgerRecord[], { secrets, valueRows }: Found): string[] {
  const violations: string[] = [];
  const tried = new Set<string>();
  for (const record of ofKind(ledger, 'destroy').filter(mayBeDone)) {
    const { path, versions } = record.operation;
    for (const version of versions) tried.add(nameOf(path, version));
    const destroyed = versions.filter((version) => secrets.get(path)?.get(version) === 'destroyed').length;
    if (isDone(record) && destroyed < versions.length)
      violations.push(`undone: ${path} version ${versions.join()} was destroyed and is there`);
    else if (destroyed !== 0 && destroyed < versions.length)
      violations.push(`half: only some of ${path} version ${versions.join()} are destroyed`);
  }
  const destroyed = statesIn(secrets).filter(([, state]) => state === 'destroyed');
  for (const [name] of destroyed) if (!tried.has(name)) violations.push(`lost: ${name} is destroyed, but nobody destroyed it`);
  const left = statesIn(secrets).length - destroyed.length;
  return valueRows === left ? violations : [...violations, `undone: the database holds ${valueRows} values of ${left} versions`];
}

function statesIn(secrets: ReadonlyMap<string, FoundVersions>): [string, FoundVersion][] {
  return [...secrets].flatMap(([path, versions]) =>
    [...versions].map(([version, state]): [string, FoundVersion] => [nameOf(path, version), state]),
  );
}

function nameOf(path: string, version: number): string {
  return `${path} version ${version}`;
}

/** A value that was delivered is one that was written to that very path. */
function foreignReads(ledger: readonly LedgerRecord[]): string[] {
  const written = new Set(writings(ledger).map(({ operation }) => `${operation.path} ${operation.hash}`));
  return [...ofKind(ledger, 'read'), ...ofKind(ledger, 'bundle')].filter(isDone).flatMap(({ id, operation, result }) => {
    const delivered = result?.outcome === 'answered' ? (result.delivered ?? {}) : {};
    return ('path' in operation ? [operation.path] : operation.paths)
      .filter((path) => !written.has(`${path} ${delivered[path]}`))
      .map((path) => `foreign: ${operation.kind} ${id} of ${path} delivered another value`);
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

/** A role is as the last acknowledged change left it, or one of unknown outcome after that, and what it says holds. */
function undoneRoles(ledger: readonly LedgerRecord[], { roles }: Found): string[] {
  const changes = Map.groupBy(ofKind(ledger, 'apply-role').filter(mayBeDone), ({ operation }) => operation.role);
  return [...changes].flatMap(([name, records]) => {
    const last = records.findLastIndex(isDone);
    const found = roles.get(name);
    if (found === undefined) return last === -1 ? [] : [`lost: the role ${name}`];
    if (!records.slice(Math.max(last, 0)).some(({ operation }) => operation.place === found.place))
      return [`lost: the last change of the role ${name}`];
    return found.holds ? [] : [`undone: the role ${name} gives its caller nothing`];
  });
}

function lostSessions(ledger: readonly LedgerRecord[], { sessions }: Found): string[] {
  return ofKind(ledger, 'sign-in').flatMap(({ id, result }) => {
    if (result?.outcome !== 'answered' || result.token === undefined) return [];
    return sessions.get(result.token) === true ? [] : [`lost: the session of sign-in ${id}`];
  });
}
