import { fork } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { readEntries } from '../support/audit-export.ts';
import { Deployment } from '../support/deployment.ts';
import type { Workload } from '../support/first-steps.ts';
import { PASSWORD } from '../support/loopback.ts';
import type { ClientCommand, ClientReport, ClientSettings } from './client.ts';
import { find } from './find.ts';
import type { Found } from './found.ts';
import { type LedgerRecord, readLedger } from './ledger.ts';
import { Random } from './random.ts';

const CALLERS = 4;
const VICTIMS = 24;

/** How often the server is killed, over how many answered operations, repeatable by its seed. */
export interface CrashPlan {
  readonly kills: number;
  readonly operations: number;
  readonly seed: number;
}

/** What a run left behind, for the judge. */
export interface CrashRun {
  readonly ledger: readonly LedgerRecord[];
  readonly found: Found;
  readonly exportFile: string;
  readonly verifierKeyFile: string;
  /** Milliseconds from each start to serving workloads. */
  readonly restarts: readonly number[];
}

interface Cast {
  readonly callers: readonly Workload[];
  readonly victims: readonly Workload[];
  readonly auditor: Workload;
}

/** Sets up a server, has it killed so often under load, and looks at what the last restart finds. Stops what it started. */
export async function crashRun(directory: string, plan: CrashPlan): Promise<CrashRun> {
  const deployment = await Deployment.create(directory, 'crash.test');
  try {
    const cast = await invite(deployment);
    const before = join(directory, 'before.ndjson');
    await exportAs(deployment, cast.auditor, before);
    const skip = (await readEntries(before)).length;
    const ledgerFile = join(directory, 'ledger.ndjson');
    const restarts = await loadAndKill(deployment, plan, clientSettings(deployment, cast, { ledger: ledgerFile, seed: plan.seed }));
    const ledger = readLedger(ledgerFile);
    const exportFile = join(directory, 'after.ndjson');
    await exportAs(deployment, cast.auditor, exportFile);
    const found = await find(deployment, ledger, { ...cast, exportFile, skip });
    return { ledger, found, exportFile, verifierKeyFile: deployment.logVerifierKeyFile, restarts };
  } finally {
    await deployment.server.stop();
  }
}

async function invite(deployment: Deployment): Promise<Cast> {
  const rules = [{ allow: ['secret:read', 'secret:write', 'secret:delete', 'secret:destroy', 'secret:describe'], on: 'crash/**' }];
  await deployment.applyRole({ role: 'crash', rules, bind: ['spiffe://crash.test/caller/*'] });
  await deployment.applyRole({ role: 'auditor', rules: [{ allow: ['audit:export'], on: '**' }], bind: ['spiffe://crash.test/auditor'] });
  const enrol = (name: string, count: number): Promise<Workload[]> =>
    Promise.all(Array.from({ length: count }, (_, at) => deployment.enrol(`${name}/${at}`)));
  return { callers: await enrol('caller', CALLERS), victims: await enrol('victim', VICTIMS), auditor: await deployment.enrol('auditor') };
}

function clientSettings(deployment: Deployment, { callers, victims }: Cast, run: { ledger: string; seed: number }): ClientSettings {
  return {
    ...run,
    ports: deployment.server.ports,
    ca: deployment.trustBundle,
    callers,
    victims: victims.slice(VICTIMS / 4).map(({ spiffeId }) => spiffeId), // the others show that nobody else is refused
    operatorToken: deployment.adminToken,
    operatorPassword: PASSWORD,
  };
}

/** Kills come after a random number of answers, at a random moment of the milliseconds that follow. */
async function loadAndKill({ server }: Deployment, { kills, operations, seed }: CrashPlan, settings: ClientSettings): Promise<number[]> {
  const random = new Random(seed);
  const client = new Client(settings);
  const restarts: number[] = [];
  try {
    for (let kill = 1; kill <= kills; kill += 1) {
      const share = operations / kills;
      await client.answered(Math.floor(share * (kill - 1) + random.between(share / 2, share)));
      await after(random.next() * 5);
      await server.kill();
      const start = performance.now();
      await server.start('ready');
      restarts.push(performance.now() - start);
    }
    await client.answered(operations);
  } finally {
    await client.stop();
  }
  return restarts;
}

/** The load client's process, seen from the harness. */
class Client {
  readonly #child = fork(join(import.meta.dirname, 'client.ts'));
  readonly #ended = Promise.withResolvers<void>();
  #answered = 0;

  constructor(settings: ClientSettings) {
    this.#child.on('message', ({ answered, done }: ClientReport) => {
      this.#answered = answered;
      if (done) this.#ended.resolve();
    });
    this.#child.once('exit', () => this.#ended.resolve());
    this.#command({ start: settings });
  }

  /** Resolves once so many operations of the whole run were answered. */
  async answered(count: number): Promise<void> {
    while (this.#answered < count) {
      if (this.#child.exitCode !== null) throw new Error('the load client ended early');
      await after(1);
    }
  }

  async stop(): Promise<void> {
    if (this.#child.connected) this.#command({ stop: true });
    await this.#ended.promise;
    if (this.#child.connected) this.#child.disconnect();
  }

  #command(command: ClientCommand): void {
    this.#child.send(command);
  }
}

async function exportAs(deployment: Deployment, auditor: Workload, file: string): Promise<void> {
  const client = deployment.workload(auditor);
  await deployment.exportLog(client, file);
  client.close();
}
