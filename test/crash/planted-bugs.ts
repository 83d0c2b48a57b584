import type { ExportedEntry } from '../support/audit-export.ts';
import type { Found, FoundVersions } from './found.ts';
import type { LedgerRecord, Operation, Result } from './ledger.ts';

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
      ledger: [
        ...ledger,
        done({ kind: 'write', caller: 'spiffe://crash.test/caller/0', path: 'crash/planted/1', hash: '00' }, { version: 1 }),
      ],
      found,
    }),
  },
  'a version was rolled back to an older value': {
    finds: 'changed',
    plant: ({ ledger, found }) => {
      const [path, versions] = firstSecret(found);
      return { ledger, found: withSecret(found, path, new Map([...versions].map(([version]) => [version, 'f'.repeat(32)]))) };
    },
  },
  'a version appears that nobody wrote': {
    finds: 'foreign',
    plant: ({ ledger, found }) => {
      const [path, versions] = firstSecret(found);
      return { ledger, found: withSecret(found, path, new Map([...versions, [versions.size + 100, 'f'.repeat(32)]])) };
    },
  },
  'an acknowledged delete does not hold': {
    finds: 'undone',
    plant: ({ ledger, found }) => {
      const [path] = firstSecret(found);
      return { ledger: [...ledger, done({ kind: 'delete', caller: 'spiffe://crash.test/caller/0', path }, {}, 204)], found };
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
    finds: 'foreign',
    plant: ({ ledger, found }) => {
      const target = ledger.findIndex(({ operation, result }) => operation.kind === 'read' && result?.outcome === 'answered');
      return {
        ledger: ledger.map((record, at) => (at === target ? { ...record, result: answered({ hash: 'f'.repeat(32) }) } : record)),
        found,
      };
    },
  },
  'a delivered value has no entry': {
    finds: 'unaudited',
    plant: without((entry) => entry.action === 'secret:read' && entry.outcome === 'released'),
  },
  'a refused read has no entry': { finds: 'unaudited', plant: without((entry) => entry.outcome === 'denied') },
  'a change has no entry': { finds: 'unaudited', plant: without((entry) => entry.action === 'secret:write') },
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
      ledger: [...ledger, done({ kind: 'read', caller: 'spiffe://crash.test/caller/0', path: 'crash/planted/3' }, {}, 500)],
      found,
    }),
  },
};

function answered(facts: Partial<Extract<Result, { outcome: 'answered' }>>, status = 200): Result {
  return { outcome: 'answered', status, ...facts };
}

function done(operation: Operation, facts: { version?: number }, status = 200): LedgerRecord {
  return { id: -1, operation, sentAt: 0, endedAt: 1, result: answered(facts, status) };
}

/** Drops every entry of a kind that was acknowledged for one caller and resource, so that no unknown operation can excuse it. */
function without(kind: (entry: ExportedEntry) => boolean): (evidence: Evidence) => Evidence {
  return ({ ledger, found }) => {
    const target = found.entries.find(kind);
    return { ledger, found: { ...found, entries: found.entries.filter((entry) => !kind(entry) || entry.resource !== target?.resource) } };
  };
}

function firstSecret({ secrets }: Found): [string, FoundVersions] {
  const found = [...secrets].find(([, versions]) => versions.size > 0 && ![...versions.values()].includes(null));
  if (!found) throw new Error('a run that left no secret');
  return found;
}

function withSecret(found: Found, path: string, versions: FoundVersions): Found {
  return { ...found, secrets: new Map([...found.secrets, [path, versions]]) };
}
