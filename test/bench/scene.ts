import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TestAuthority } from '../support/certificates.ts';
import { Deployment } from '../support/deployment.ts';
import type { Workload } from '../support/first-steps.ts';
import type { BareSettings } from './bare-server.ts';
import { crowd, CrowdedServer } from './crowd.ts';
import type { Side } from './duel.ts';
import { type Exchanges, PATHS, SECRET, learnExchanges } from './exchanges.ts';
import { IDENTITIES } from './plan.ts';
import { BenchProcess } from './processes.ts';

/** Both servers, ready to be asked, and who asks them. */
export interface Scene {
  readonly directory: string;
  readonly deployment: Deployment;
  readonly workloads: readonly Workload[];
  readonly auditor: Workload;
  readonly exchanges: Exchanges;
  readonly sides: { readonly ours: Side; readonly bare: Side };
  readonly crowded: CrowdedServer;
  /** Stops both servers and removes the directory. */
  close(): Promise<void>;
}

/** On the disk of the checkout: a temporary directory may be in memory, where being durable costs nothing. */
const DIST = join(import.meta.dirname, '../../dist');

/** Starts a real Holdfast with its secrets, roles and workloads, and bare `node:https` that answers the same bytes. */
export async function setScene(): Promise<Scene> {
  const directory = await mkdtemp(join(DIST, 'bench-'));
  const deployment = await Deployment.create(directory, 'bench.test');
  await applyRoles(deployment);
  const workloads = await Promise.all(Array.from({ length: IDENTITIES }, (_, at) => deployment.enrol(`client/${at}`)));
  const auditor = await deployment.enrol('auditor');
  const exchanges = await writeAndLearn(deployment, workloads);
  await deployment.server.stop();
  const crowded = await CrowdedServer.copyOf(deployment, directory);
  await deployment.server.start('ready');
  const bare = await startBare(deployment.trustBundle, exchanges);
  const close = async (): Promise<void> => {
    bare.process.close();
    await deployment.server.stop();
    await rm(directory, { recursive: true });
  };
  return { directory, deployment, workloads, auditor, exchanges, sides: { ours: ourSide(deployment), bare: bare.side }, crowded, close };
}

async function applyRoles(deployment: Deployment): Promise<void> {
  const rules = [
    { allow: ['secret:read'], on: 'bench/**' },
    { allow: ['secret:write'], on: 'bench/**' },
    { deny: ['secret:read'], on: 'bench/root-*' },
  ];
  await deployment.applyRole({ role: 'bench', rules, bind: ['spiffe://bench.test/client/*'] });
  // With the two and the administrator's, ten.
  await deployment.admin.must('POST', '/api/v1/roles:apply', { roles: crowd('bench.test', 7) });
  await deployment.applyRole({ role: 'auditor', rules: [{ allow: ['audit:export'], on: '**' }], bind: ['spiffe://bench.test/auditor'] });
  await deployment.applyRole({
    role: 'lister',
    rules: [{ allow: ['secret:list'], on: 'bench/**' }],
    bind: ['spiffe://bench.test/auditor'],
  });
}

async function writeAndLearn(deployment: Deployment, workloads: readonly Workload[]): Promise<Exchanges> {
  const [workload] = workloads;
  if (!workload) throw new Error('a benchmark without a workload');
  const client = deployment.workload(workload);
  for (const path of [PATHS.read, ...PATHS.bundle]) await client.must('PUT', `/api/v1/secrets/${path}`, SECRET);
  const exchanges = await learnExchanges(client);
  client.close();
  return exchanges;
}

function ourSide({ server, trustBundle }: Deployment): Side {
  return { name: 'holdfast', pid: server.pid, target: { host: '127.0.0.1', port: server.ports.workload, ca: trustBundle } };
}

/** Its certificate is as long a chain, and of the same kind of keys, as Holdfast's. */
async function startBare(clientCa: string, { answers }: Exchanges) {
  const authority = await TestAuthority.root('bare');
  const { privateKeyPem: key, certificatePem: cert } = await authority.server();
  const process = new BenchProcess('bare-server.ts');
  const settings: BareSettings = { key, cert, ca: clientCa, answers };
  const port = await process.ask<number>(settings);
  const side: Side = { name: 'node:https', pid: process.pid, target: { host: '127.0.0.1', port, ca: authority.pem } };
  return { process, side };
}
