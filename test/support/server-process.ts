import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { stringify } from 'yaml';
import { ended } from './command.ts';
import { freePorts } from './ports.ts';

/** The shipped command: what every test and tool of this kind runs, whatever it stands on. */
export const HOLDFAST = join(import.meta.dirname, '../../bin/holdfast');

/** The three listeners' ports of one server on 127.0.0.1. */
export interface Ports {
  readonly workload: number;
  readonly operator: number;
  readonly probe: number;
}

/** What the probe listener can be asked, under `/health/`. */
export type Health = 'live' | 'ready' | 'ready?for=operator';

/** One real `holdfast server` on a directory of its own, that can be started, stopped, killed and started again. */
export class ServerProcess {
  readonly directory: string;
  readonly dataDir: string;
  readonly ports: Ports;
  #child: ChildProcess | undefined;

  private constructor(directory: string, ports: Ports) {
    this.directory = directory;
    this.dataDir = join(directory, 'data');
    this.ports = ports;
  }

  /** Lays out the directory and writes `server.yaml`: these settings, the data directory and the ports. Starts nothing. */
  static async prepare(directory: string, settings: object, ports: Ports): Promise<ServerProcess> {
    const server = new ServerProcess(directory, ports);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const { workload, operator, probe } = server.ports;
    const listeners = { workload: { port: workload }, operator: { port: operator }, probe: { port: probe } };
    await writeFile(server.configFile, stringify({ ...settings, dataDir: server.dataDir, listeners }));
    return server;
  }

  get configFile(): string {
    return join(this.directory, 'server.yaml');
  }

  /** Everything that the server ever printed, over all its starts. */
  get logFile(): string {
    return join(this.directory, 'server.log');
  }

  /** The process id; `bin/holdfast server` becomes the server, so it is the server's own. */
  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error('the server is not running');
    return this.#child.pid;
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Starts the process and waits until an operator can reach it, or until it serves workloads. */
  async start(state: Health = 'ready?for=operator'): Promise<void> {
    const child = spawn(HOLDFAST, ['server', '--config', this.configFile], { stdio: ['ignore', 'pipe', 'pipe'] });
    const log = createWriteStream(this.logFile, { flags: 'a', mode: 0o600 });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    child.once('close', () => log.end());
    this.#child = child;
    await this.waitUntil(state);
  }

  /** Waits for the probe to say so; gives up when the process ends or after 30 s. */
  async waitUntil(state: Health): Promise<void> {
    const deadline = performance.now() + 30_000;
    while (!(await isHealthy(this.ports.probe, state))) {
      if (!this.running) throw new Error(`the server ended before it was ${state}; see ${this.logFile}`);
      if (performance.now() > deadline) throw new Error(`the server was not ${state} within 30 s; see ${this.logFile}`);
      await after(20);
    }
  }

  /** SIGTERM, then waits until the process has drained and is gone; returns its exit code. */
  async stop(): Promise<number | null> {
    if (!this.#child) return null;
    this.#child.kill('SIGTERM');
    await ended(this.#child);
    return this.#child.exitCode;
  }

  /** SIGKILL: no handler runs, nothing is flushed. Resolves when the process is gone. */
  async kill(): Promise<void> {
    if (!this.#child) return;
    this.#child.kill('SIGKILL');
    await ended(this.#child);
  }
}

/** Three ports that nobody listens on. */
export async function somePorts(): Promise<Ports> {
  const [workload = 0, operator = 0, probe = 0] = await freePorts(3);
  return { workload, operator, probe };
}

/** Whether `/health/<state>` answers 200 on this probe port of 127.0.0.1. */
export function isHealthy(port: number, state: Health): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path: `/health/${state}`, agent: false, timeout: 2_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}
