import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { enrol, firstOperator, type Initialized, initialize, type Workload } from './first-steps.ts';
import { API } from './loopback.ts';
import { ServerProcess, somePorts } from './server-process.ts';
import { type Credential, WireClient } from './wire-client.ts';

/**
 * A real server, initialised over the wire as an operator would, that opens itself at every start (a `file` slot), with
 * `operator:admin` as its first operator. For harnesses; the story for people is `tools/quickstart.ts`.
 */
export class Deployment {
  readonly server: ServerProcess;
  readonly trustDomain: string;
  readonly trustBundle: string;
  /** What `holdfast audit verify --key` takes. */
  readonly logVerifierKeyFile: string;
  readonly adminToken: string;
  readonly admin: WireClient;

  private constructor(server: ServerProcess, trustDomain: string, initialized: Initialized, adminToken: string) {
    this.server = server;
    this.trustDomain = trustDomain;
    this.trustBundle = initialized.trustBundle;
    this.logVerifierKeyFile = join(server.directory, 'log.vkey');
    this.adminToken = adminToken;
    this.admin = new WireClient(server.ports.operator, initialized.trustBundle, { token: adminToken });
  }

  /** 32 random bytes in base64, by which the server opens itself. */
  get keyFile(): string {
    return join(this.server.directory, 'unseal.key');
  }

  /** Makes everything in `directory` and leaves the server running and unsealed. */
  static async create(directory: string, trustDomain: string): Promise<Deployment> {
    const slotFile = join(directory, 'unseal.key');
    const server = await ServerProcess.prepare(directory, { trustDomain, unseal: { file: slotFile } }, await somePorts());
    await writeFile(slotFile, randomBytes(32).toString('base64'), { mode: 0o600 });
    await server.start();
    const unknown = new WireClient(server.ports.operator, undefined);
    const initialized = await initialize(unknown, server.dataDir);
    unknown.close();
    await server.waitUntil('ready');
    const connect = (credential?: Credential): WireClient => new WireClient(server.ports.operator, initialized.trustBundle, credential);
    const deployment = new Deployment(server, trustDomain, initialized, await firstOperator(connect, initialized));
    await writeFile(deployment.logVerifierKeyFile, `${initialized.logVerifierKey}\n`);
    return deployment;
  }

  /** Applies a role, given as the JSON of its YAML. */
  async applyRole(role: { role: string; rules: object[]; bind: string[] }): Promise<void> {
    await this.admin.must('PUT', `${API}/roles/${role.role}`, role);
  }

  /** Enrols `spiffe://<trust domain>/<name>` and fetches its first certificate. */
  async enrol(name: string): Promise<Workload> {
    const stranger = new WireClient(this.server.ports.operator, this.trustBundle);
    const workload = await enrol(this.admin, stranger, `spiffe://${this.trustDomain}/${name}`);
    stranger.close();
    return workload;
  }

  /** A client on the workload listener. */
  workload({ cert, key }: Workload): WireClient {
    return new WireClient(this.server.ports.workload, this.trustBundle, { cert, key });
  }

  /** Streams the whole log into a file, as the caller given. */
  async exportLog(caller: WireClient, file: string): Promise<void> {
    const response = await caller.open('GET', `${API}/audit/entries`);
    await pipeline(response, createWriteStream(file));
    if (response.statusCode !== 200) throw new Error(`the export was refused: ${await readFile(file, 'utf8')}`);
  }
}
