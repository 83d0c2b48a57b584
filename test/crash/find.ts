import { readEntries } from '../support/audit-export.ts';
import { openAsThief, stealDatabaseKey } from '../support/database-thief.ts';
import type { Deployment } from '../support/deployment.ts';
import type { Workload } from '../support/first-steps.ts';
import { API } from '../support/loopback.ts';
import { WireClient } from '../support/wire-client.ts';
import type { Found, FoundRole, FoundVersion, FoundVersions } from './found.ts';
import { dataHash } from './lane.ts';
import type { LedgerRecord } from './ledger.ts';
import { ofKind, writings } from './outcomes.ts';

/** Whom the harness asks as, and which part of the log is the client's. */
export interface Witnesses {
  readonly callers: readonly Workload[];
  readonly victims: readonly Workload[];
  readonly exportFile: string;
  /** Entries that were there before the client started. */
  readonly skip: number;
}

/**
 * Looks, after the last restart, at everything that the ledger speaks of, and stops the server to look at its database. The log is read
 * from an export made before looking.
 */
export async function find(deployment: Deployment, ledger: readonly LedgerRecord[], witnesses: Witnesses): Promise<Found> {
  const entries = (await readEntries(witnesses.exportFile)).slice(witnesses.skip);
  const answered = {
    entries,
    secrets: await findSecrets(deployment, witnesses.callers, ledger),
    roles: await findRoles(deployment, witnesses.callers, ledger),
    refused: await findRefused(deployment, witnesses.victims),
    sessions: await findSessions(deployment, ledger),
  };
  await deployment.server.stop();
  return { ...answered, valueRows: await countValueRows(deployment) };
}

async function findSecrets(
  deployment: Deployment,
  [caller]: readonly Workload[],
  ledger: readonly LedgerRecord[],
): Promise<Map<string, FoundVersions>> {
  if (!caller) throw new Error('a run without callers');
  const reader = deployment.workload(caller);
  const paths = new Set(writings(ledger).map(({ operation }) => operation.path));
  const found = new Map<string, FoundVersions>();
  for (const path of paths) found.set(path, await findVersions(reader, path));
  reader.close();
  return found;
}

async function findVersions(reader: WireClient, path: string): Promise<FoundVersions> {
  const answer = await reader.send('GET', `${API}/secrets/${path}:versions`);
  if (answer.status === 404) return new Map();
  if (answer.status !== 200) throw new Error(`${path}:versions was answered ${answer.status}`);
  const { items }: { items: ListedVersion[] } = JSON.parse(answer.body);
  const versions = new Map<number, FoundVersion>();
  for (const item of items) versions.set(item.version, await findVersion(reader, path, item));
  return versions;
}

interface ListedVersion {
  readonly version: number;
  readonly deletedAt?: string;
  readonly destroyedAt?: string;
}

async function findVersion(reader: WireClient, path: string, { version, deletedAt, destroyedAt }: ListedVersion): Promise<FoundVersion> {
  const { status, body } = await reader.send('GET', `${API}/secrets/${path}?version=${version}`);
  if (status === 200) return { hash: dataHash(JSON.parse(body).data) };
  if (status !== 404) throw new Error(`${path} version ${version} was answered ${status}`);
  if (destroyedAt !== undefined) return 'destroyed';
  if (deletedAt !== undefined) return 'deleted';
  throw new Error(`${path} version ${version} is listed as live and can't be read`);
}

async function findRoles(
  deployment: Deployment,
  callers: readonly Workload[],
  ledger: readonly LedgerRecord[],
): Promise<Map<string, FoundRole>> {
  const names = new Set(ofKind(ledger, 'apply-role').map(({ operation }) => operation.role));
  const roles = new Map<string, FoundRole>();
  for (const name of names) {
    const { status, body } = await deployment.admin.send('GET', `${API}/roles/${name}`);
    if (status === 404) continue;
    if (status !== 200) throw new Error(`the role ${name} was answered ${status}`);
    const { rules, bind }: { rules: { on: string }[]; bind: string[] } = JSON.parse(body);
    const place = rules[0]?.on ?? '';
    const caller = callers.find(({ spiffeId }) => spiffeId === bind[0]);
    roles.set(name, { place, holds: caller !== undefined && (await mayRead(deployment.workload(caller), place)) });
  }
  return roles;
}

/** Nothing is there. Who may read is told so, and whoever may not is refused. */
async function mayRead(client: WireClient, place: string): Promise<boolean> {
  const { status } = await client.send('GET', `${API}/secrets/${place}`);
  client.close();
  return status === 404;
}

async function countValueRows({ server, keyFile }: Deployment): Promise<number> {
  const { dataDir } = server;
  const database = openAsThief(dataDir, await stealDatabaseKey({ dataDir, keyFile }));
  try {
    return database.prepare<[]>("SELECT key FROM record WHERE kind = 'secret-version'").all().length;
  } finally {
    database.close();
  }
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
