import { readEntries } from '../support/audit-export.ts';
import type { Deployment, Workload } from '../support/deployment.ts';
import { WireClient } from '../support/wire-client.ts';
import type { Found, FoundVersions } from './found.ts';
import { valueHash } from './lane.ts';
import type { LedgerRecord } from './ledger.ts';

const API = '/api/v1';

/** Whom the harness asks as, and which part of the log is the client's. */
export interface Witnesses {
  readonly reader: Workload;
  readonly victims: readonly Workload[];
  readonly exportFile: string;
  /** Entries that were there before the client started. */
  readonly skip: number;
}

/** Looks, after the last restart, at everything that the ledger speaks of. The log is read from an export made before looking. */
export async function find(deployment: Deployment, ledger: readonly LedgerRecord[], witnesses: Witnesses): Promise<Found> {
  const entries = (await readEntries(witnesses.exportFile)).slice(witnesses.skip);
  return {
    entries,
    secrets: await findSecrets(deployment.workload(witnesses.reader), ledger),
    refused: await findRefused(deployment, witnesses.victims),
    sessions: await findSessions(deployment, ledger),
  };
}

async function findSecrets(reader: WireClient, ledger: readonly LedgerRecord[]): Promise<Map<string, FoundVersions>> {
  const paths = new Set(ledger.flatMap(({ operation }) => (operation.kind === 'write' ? [operation.path] : [])));
  const found = new Map<string, FoundVersions>();
  for (const path of paths) found.set(path, await findVersions(reader, path));
  reader.close();
  return found;
}

async function findVersions(reader: WireClient, path: string): Promise<FoundVersions> {
  const answer = await reader.send('GET', `${API}/secrets/${path}:versions`);
  if (answer.status === 404) return new Map();
  if (answer.status !== 200) throw new Error(`${path}:versions was answered ${answer.status}`);
  const { items }: { items: { version: number; deletedAt?: string }[] } = JSON.parse(answer.body);
  const versions = new Map<number, string | null>();
  for (const { version, deletedAt } of items) {
    versions.set(version, deletedAt === undefined ? await readHash(reader, path, version) : null);
  }
  return versions;
}

async function readHash(reader: WireClient, path: string, version: number): Promise<string> {
  const { data } = await reader.must<{ data: { value: string } }>('GET', `${API}/secrets/${path}?version=${version}`);
  return valueHash(data.value);
}

async function findRefused(deployment: Deployment, victims: readonly Workload[]): Promise<Map<string, boolean>> {
  const refused = new Map<string, boolean>();
  for (const victim of victims) {
    const client = deployment.workload(victim);
    const { status } = await client.send('GET', `${API}/secrets/crash/nothing`);
    refused.set(victim.spiffeId, status === 401);
    client.close();
  }
  return refused;
}

async function findSessions(deployment: Deployment, ledger: readonly LedgerRecord[]): Promise<Map<string, boolean>> {
  const sessions = new Map<string, boolean>();
  for (const { result } of ledger) {
    if (result?.outcome !== 'answered' || result.token === undefined) continue;
    const client = new WireClient(deployment.server.ports.operator, deployment.trustBundle, { token: result.token });
    sessions.set(result.token, (await client.send('GET', `${API}/roles`)).status === 200);
    client.close();
  }
  return sessions;
}
