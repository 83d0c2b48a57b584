import { join } from 'node:path';
import type { INestApplication } from '@nestjs/common';
import { type Clock, SERVER, systemClock } from '#identity';
import { InitializeVault, UnsealVault, Vault } from '#keys';
import type { Settings } from '#settings';
import { DatabaseLock } from '#storage';
import { Connections } from './connections.ts';
import { createEdge } from './http/edge.ts';
import { Lifecycle } from './lifecycle.ts';
import { Listeners, type BoundAddress } from './listeners.ts';
import { Log } from './log.ts';
import { assemble } from './machine.ts';
import { Metrics } from './metrics.ts';
import { Probe } from './probe.ts';
import { RequestIds } from './request-ids.ts';
import { ServerCertificate } from './server-certificate.ts';
import { VERSION } from './version.ts';

/** What a test may put in the place of the machine's own. */
export interface Overrides {
  readonly clock?: Clock;
  readonly log?: Log;
  /** Called once nothing the server says can be trusted any more; what calls it answers nothing. */
  readonly fatal?: (error: Error) => void;
}

/** A server that answers. */
export interface RunningServer {
  readonly operator: BoundAddress;
  readonly probe: BoundAddress;
  /** Where workloads are served; undefined while sealed. */
  readonly workload: BoundAddress | undefined;
  /** Reads again what others keep in files: the server's certificate. No connection is dropped. */
  reload(): Promise<void>;
  /** Lets requests in flight end, seals, and closes everything. */
  stop(): Promise<void>;
}

const GRACE_MS = 5_000;

/**
 * Starts a server: sealed, unless the settings name a key file that opens it. It answers when this returns.
 *
 * @throws StorageError, KeysError, IdentityError, or the operating system's error of a listener. Nothing is left open then.
 */
export async function startServer(settings: Settings, overrides: Overrides = {}): Promise<RunningServer> {
  const { clock = systemClock, log = new Log(settings.log.level), fatal = () => undefined } = overrides;
  await using closing = new AsyncDisposableStack();
  const lock = closing.adopt(new DatabaseLock(settings.dataDir), (held) => held.release());
  const connections = new Connections();
  const ids = new RequestIds();
  const machine = await assemble({ settings, clock, log, lock, connections, ids, edge: createEdge(connections, ids), fatal });
  closing.defer(() => machine.close());
  const { probe, operator } = await open(machine, settings, closing);
  await begin(machine, settings);
  log.info('started', { version: VERSION });

  const running = closing.move();
  return {
    probe,
    operator,
    get workload() {
      return machine.get(Listeners).workload.bound;
    },
    reload: () => machine.get(ServerCertificate).reload(),
    async stop() {
      machine.get(Lifecycle).drain();
      await running.disposeAsync();
      log.info('stopped');
    },
  };
}

/** Opens what answers while the server is sealed. What opens last is the first to close. */
async function open(machine: INestApplication, settings: Settings, closing: AsyncDisposableStack) {
  const listeners = machine.get(Listeners);
  const vault = machine.get(Vault);
  const log = machine.get(Log);
  const probe = new Probe(readinessOf(listeners, machine.get(Lifecycle)), machine.get(Metrics));
  closing.defer(() => probe.close());
  const probeAddress = await probe.open(settings.listeners.probe);
  log.info('listening', { listener: 'probe', ...probeAddress });
  await vault.start();
  closing.defer(async () => {
    if (vault.state() === 'unsealed') await vault.seal();
  });
  closing.defer(async () => {
    await Promise.all([listeners.workload.close(GRACE_MS), listeners.operator.close(GRACE_MS)]);
  });
  // Whoever can reach the server finds the token that it asks for.
  await machine.get(InitializeVault).prepareToken();
  closing.defer(() => machine.get(ServerCertificate).close());
  const operator = await listeners.operator.open({ ...(await machine.get(ServerCertificate).load()), anchors: [] });
  log.info('listening', { listener: 'operator', ...operator });
  return { probe: probeAddress, operator };
}

/** What the first minute of a server is about: a token for whoever will initialize it, or opening itself where it may. */
async function begin(machine: INestApplication, { dataDir, unseal }: Settings): Promise<void> {
  const vault = machine.get(Vault);
  const log = machine.get(Log);
  if (vault.state() === 'uninitialized') log.warn('bootstrap', { file: join(dataDir, 'bootstrap-token') });
  if (vault.state() !== 'sealed' || unseal.file === undefined) return;
  try {
    await machine.get(UnsealVault).perform({ slot: 'file' }, SERVER, { id: machine.get(RequestIds).next(), peer: '' });
  } catch (error) {
    // An operator can still do it, and sees why it was needed.
    log.failed('unseal_failed', error);
  }
}

function readinessOf(listeners: Listeners, lifecycle: Lifecycle) {
  return {
    workload: () => !lifecycle.draining && listeners.workload.bound !== undefined,
    operator: () => !lifecycle.draining && listeners.operator.bound !== undefined,
  };
}
