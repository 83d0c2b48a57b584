import type { Entry } from '#audit';
import type { Found, FoundVersion, FoundVersions } from './found.ts';
import type { LedgerRecord, Operation, Result } from './ledger.ts';
import { isUnknown } from './outcomes.ts';

const CALLER = 'spiffe://crash.test/caller/0';
const FOREIGN = { hash: 'f'.repeat(32) };

/** A run's evidence, as a server with a bug would have left it. */
interface Evidence {
  readonly ledger: readonly LedgerRecord[];
  readonly found: Found;
}

/** How a bug is planted, and how the violation begins that the judge must name for it. */
export interface PlantedBug {
  readonly finds: string;
  readonly plant: (evidence: Evidence) => Evidence;
}

/** Each bug changes real evidence the least it can; the judge must find every one before it is believed. */
export const PLANTED_BUGS: Readonly<Record<string, PlantedBug>> = {
  'an acknowledged write is gone': {
    finds: 'lost',
    plant: ({ ledger, found }) => ({
      ledger: [...ledger, done({ kind: 'write', caller: CALLER, path: 'crash/planted/1', hash: '00' }, { version: 1 })],
      found,
    }),
  },
  'a version was rolled back to an older value': {
    finds: 'changed',
    plant: ({ ledger, found }) => {
      const [path, versions] = firstSecret(ledger, found);
      return { ledger, found: withSecret(found, path, new Map([...versions].map(([version]) => [version, FOREIGN]))) };
    },
  },
  'a version appears that nobody wrote': {
    finds: 'foreign',
    plant: ({ ledger, found }) => {
      const [path, versions] = firstSecret(ledger, found);
      return { ledger, found: withSecret(found, path, new Map([...versions, [versions.size + 100, FOREIGN]])) };
    },
  },
  'an acknowledged delete does not hold': {
    finds: 'undone',
    plant: ({ ledger, found }) => {
      const [path] = firstSecret(ledger, found);
      return { ledger: [...ledger, done({ kind: 'delete', caller: CALLER, path }, {}, 204)], found };
    },
  },
  'an acknowledged revocation does not hold': {
    finds: 'undone',
    plant: ({ ledger, found }) => {
      const [spiffeId = ''] = [...found.refused].find(([, refused]) => !refused) ?? [];
      return { ledger: [...ledger, done({ kind: 'revoke', spiffeId }, {}, 204)], found };
    },
  },
  'an acknowledged session is gone': {
    finds: 'lost',
    plant: ({ ledger, found }) => ({
      ledger,
      found: { ...found, sessions: new Map([...found.sessions].map(([token], at) => [token, at > 0])) },
    }),
  },
  "a read delivers another path's value": {
    finds: 'foreign: read',
    plant: ({ ledger, found }) => ({ ledger: withDelivery(ledger, 'read', (paths) => paths.map((path) => [path, FOREIGN.hash])), found }),
  },
  "a bundle delivers another path's value among its own": {
    finds: 'foreign: bundle',
    plant: ({ ledger, found }) => ({ ledger: withDelivery(ledger, 'bundle', ([first = '']) => [[first, FOREIGN.hash]]), found }),
  },
  'a patch leaves out what it should have kept': {
    finds: 'changed',
    plant: ({ ledger, found }) => {
      const patched = new Set(ledger.flatMap(({ operation }) => (operation.kind === 'patch' ? [operation.hash] : [])));
      const secrets = mapVersions(found, (state) => (typeof state === 'object' && patched.has(state.hash) ? FOREIGN : state));
      return { ledger, found: { ...found, secrets } };
    },
  },
  'a destroyed version can be read again': {
    finds: 'undone: .* was destroyed and is there',
    plant: ({ ledger, found }) => ({ ledger, found: { ...found, secrets: mapVersions(found, (s) => (s === 'destroyed' ? FOREIGN : s)) } }),
  },
  'a destroy that was not answered is done by half': {
    finds: 'half',
    plant: ({ ledger, found }) => {
      const [path, versions] = firstSecret(ledger, found, 2);
      const [first = 0, second = 0] = versions.keys();
      const half = withSecret(found, path, new Map([...versions, [first, 'destroyed']]));
      return { ledger: [...ledger, unanswered({ kind: 'destroy', caller: CALLER, path, versions: [first, second] })], found: half };
    },
  },
  'a version is destroyed that nobody destroyed': {
    finds: 'lost',
    plant: ({ ledger, found }) => {
      const [path, versions] = firstSecret(ledger, found);
      return { ledger, found: withSecret(found, path, new Map([...versions].map(([version]) => [version, 'destroyed']))) };
    },
  },
  'the bytes of a destroyed version are still there': {
    finds: 'undone: the database',
    plant: ({ ledger, found }) => ({ ledger, found: { ...found, valueRows: found.valueRows + 1 } }),
  },
  'an acknowledged change of a role is gone': {
    finds: 'lost: the last change',
    plant: ({ ledger, found }) => {
      const [role = ''] = found.roles.keys();
      return { ledger: [...ledger, done({ kind: 'apply-role', role, place: 'place/planted' }, {})], found };
    },
  },
  'a role is there, and does not hold': {
    finds: 'undone: the role',
    plant: ({ ledger, found }) => {
      const roles = new Map([...found.roles].map(([name, role]) => [name, { ...role, holds: false }]));
      return { ledger, found: { ...found, roles } };
    },
  },
  'a delivered value has no entry': {
    finds: 'unaudited',
    plant: without((entry) => entry.action === 'secret:read' && entry.outcome === 'released'),
  },
  'a refused read has no entry': { finds: 'unaudited', plant: without((entry) => entry.outcome === 'denied') },
  'a change has no entry': { finds: 'unaudited', plant: without((entry) => entry.action === 'secret:write') },
  'a destroy has no entry': { finds: 'unaudited', plant: without((entry) => entry.action === 'secret:destroy') },
  'a change of a role has no entry': { finds: 'unaudited', plant: without((entry) => entry.action === 'policy:write') },
  'one path of a bundle has no entry': {
    finds: '(?:unaudited|surplus)',
    plant: ({ ledger, found }) => {
      const id = found.entries.find(({ requestId }, at) => requestId === found.entries[at + 1]?.requestId)?.requestId;
      const target = found.entries.findIndex(({ requestId }) => requestId === id);
      return { ledger, found: { ...found, entries: found.entries.toSpliced(target, 1) } };
    },
  },
  'a revocation has no entry': { finds: 'unaudited', plant: without((entry) => entry.action === 'identity:revoke') },
  'an access is recorded twice': {
    finds: 'surplus',
    plant: ({ ledger, found }) => ({
      ledger,
      found: { ...found, entries: [...found.entries, ...found.entries.filter(({ outcome }) => outcome === 'released').slice(0, 1_000)] },
    }),
  },
  'an entry records a change that is not there': {
    finds: 'surplus',
    plant: ({ ledger, found }) => {
      const entry = found.entries.find(({ action }) => action === 'secret:write');
      const planted = entry ? [{ ...entry, resource: 'crash/planted/2' }] : [];
      return { ledger, found: { ...found, entries: [...found.entries, ...planted] } };
    },
  },
  'a request is answered with an error': {
    finds: 'operation -1',
    plant: ({ ledger, found }) => ({
      ledger: [...ledger, done({ kind: 'read', caller: CALLER, path: 'crash/planted/3' }, {}, 500)],
      found,
    }),
  },
};

function unanswered(operation: Operation): LedgerRecord {
  return { id: -1, operation, sentAt: 0, endedAt: 1, result: { outcome: 'unknown' } };
}

/** The first answer of this kind delivers something else as well. */
function withDelivery(
  ledger: readonly LedgerRecord[],
  kind: 'read' | 'bundle',
  deliver: (paths: readonly string[]) => [string, string][],
): LedgerRecord[] {
  const target = ledger.findIndex(({ operation, result }) => operation.kind === kind && result?.outcome === 'answered');
  return ledger.map((record, at) => {
    if (at !== target || record.result?.outcome !== 'answered') return record;
    const { delivered = {} } = record.result;
    return { ...record, result: { ...record.result, delivered: { ...delivered, ...Object.fromEntries(deliver(Object.keys(delivered))) } } };
  });
}

function answered(facts: Partial<Extract<Result, { outcome: 'answered' }>>, status = 200): Result {
  return { outcome: 'answered', status, ...facts };
}

function done(operation: Operation, facts: { version?: number }, status = 200): LedgerRecord {
  return { id: -1, operation, sentAt: 0, endedAt: 1, result: answered(facts, status) };
}

/** Drops every entry of a kind that was acknowledged for one resource, so that no unknown operation can excuse it. */
function without(kind: (entry: Entry) => boolean): (evidence: Evidence) => Evidence {
  return ({ ledger, found }) => {
    const uncertain = uncertainNames(ledger);
    const target = found.entries.find((entry) => kind(entry) && !uncertain.has(entry.resource));
    return { ledger, found: { ...found, entries: found.entries.filter((entry) => !kind(entry) || entry.resource !== target?.resource) } };
  };
}

/**
 * The first secret that can be read in all its versions, of which there are at least so many, each of them acknowledged: what a kill
 * left open could excuse the bug.
 */
function firstSecret(ledger: readonly LedgerRecord[], { secrets }: Found, least = 1): [string, FoundVersions] {
  const uncertain = uncertainNames(ledger);
  const found = [...secrets].find(
    ([path, versions]) =>
      !uncertain.has(path) && versions.size >= least && [...versions.values()].every((state) => typeof state === 'object'),
  );
  if (!found) throw new Error('a run that left no secret of which everything is known');
  return found;
}

/** The paths, roles and SPIFFE ids of operations of which nobody knows whether they were done. */
function uncertainNames(ledger: readonly LedgerRecord[]): Set<string> {
  return new Set(ledger.filter(isUnknown).flatMap(({ operation }) => namesIn(operation)));
}

function namesIn(operation: Operation): readonly string[] {
  if ('paths' in operation) return operation.paths;
  if ('path' in operation) return [operation.path];
  if ('role' in operation) return [operation.role];
  return 'spiffeId' in operation ? [operation.spiffeId] : [];
}

function mapVersions({ secrets }: Found, change: (state: FoundVersion) => FoundVersion): Map<string, FoundVersions> {
  return new Map(
    [...secrets].map(([path, versions]) => [path, new Map([...versions].map(([version, state]) => [version, change(state)]))]),
  );
}

function withSecret(found: Found, path: string, versions: FoundVersions): Found {
  return { ...found, secrets: new Map([...found.secrets, [path, versions]]) };
}
