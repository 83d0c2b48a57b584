import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deployment } from '../support/deployment.ts';
import { ServerProcess, somePorts } from '../support/server-process.ts';
import { WireClient } from '../support/wire-client.ts';
import type { Side } from './duel.ts';

const ROLES = 10_000;
const BINDINGS = 1_000;
const AT_A_TIME = 1_000;

/** The same server with a crowd of roles, and how to be rid of it. */
export interface Crowd {
  readonly side: Side;
  close(): Promise<void>;
}

/**
 * The server once more, with 10,000 roles and 1,000 bindings, a hundred of which hold for every client. It runs on a copy of the stopped
 * server's directory, so that clients, secrets and answers are the same.
 */
export class CrowdedServer {
  readonly #deployment: Deployment;
  readonly #server: ServerProcess;

  private constructor(deployment: Deployment, server: ServerProcess) {
    this.#deployment = deployment;
    this.#server = server;
  }

  /** Copies it. Starts nothing. */
  static async copyOf(deployment: Deployment, directory: string): Promise<CrowdedServer> {
    const settings = { trustDomain: deployment.trustDomain, unseal: { file: deployment.keyFile } };
    const server = await ServerProcess.prepare(join(directory, 'crowded'), settings, await somePorts());
    await cp(deployment.server.dataDir, server.dataDir, { recursive: true });
    return new CrowdedServer(deployment, server);
  }

  async start(): Promise<Crowd> {
    const { trustDomain, trustBundle: ca, adminToken: token } = this.#deployment;
    await this.#server.start('ready');
    const admin = new WireClient(this.#server.ports.operator, ca, { token });
    const roles = crowd(trustDomain);
    for (let at = 0; at < roles.length; at += AT_A_TIME)
      await admin.must('POST', '/api/v1/roles:apply', { roles: roles.slice(at, at + AT_A_TIME) });
    admin.close();
    // As fresh as the other one.
    await this.#server.stop();
    await this.#server.start('ready');
    const { pid, ports } = this.#server;
    const side = { name: 'holdfast, crowded', pid, target: { host: '127.0.0.1', port: ports.workload, ca } };
    return { side, close: async () => void (await this.#server.stop()) };
  }
}

/** Roles that no request of the benchmark needs. Seven of them make the ten of a small server. */
export function crowd(trustDomain: string, many = ROLES): object[] {
  return Array.from({ length: many }, (_, at) => ({
    role: `crowd-${at}`,
    rules: [
      { allow: ['secret:read', 'secret:list'], on: `crowd-${at}/**` },
      { allow: ['secret:write'], on: `crowd-${at}/*/config` },
      { deny: ['secret:read'], on: `crowd-${at}/root-*` },
    ],
    bind: many === ROLES && at < BINDINGS ? [bindingOf(trustDomain, at)] : [],
  }));
}

/** Of ten, one holds for every client, five look like it and don't, and four are of others by name. */
function bindingOf(trustDomain: string, at: number): string {
  if (at % 10 === 0) return `spiffe://${trustDomain}/client/*`;
  return at % 10 < 6 ? `spiffe://${trustDomain}/client/x-${at}-*` : `spiffe://${trustDomain}/others/${at}`;
}
