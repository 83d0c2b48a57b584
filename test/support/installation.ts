import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Entry, verifyExport, type Verdict } from '#audit';
import type { Settings } from '#settings';
import { type Overrides, type RunningServer, startServer } from '../../apps/server/src/start.ts';
import { entriesIn } from './audit-export.ts';
import { enrol, firstOperator, type Initialized, initialize, type Workload } from './first-steps.ts';
import { API, loopbackSettings } from './loopback.ts';
import { WireClient, type Credential } from './wire-client.ts';

/** What a test may choose of an installation. */
export interface InstallationOptions {
  /** Beside the `file` slot, which is there always. */
  readonly passphrase?: string;
  readonly overrides?: Overrides;
  readonly settings?: Partial<Settings>;
}

/**
 * A server of this very process on a directory that outlives it: initialized over the wire, with a `file` slot by which it opens itself at
 * each start, and `operator:admin`, who administers and reads the log. It can be stopped, looked at from below, and started again.
 */
export class Installation implements AsyncDisposable {
  readonly directory: string;
  #options: InstallationOptions = {};
  #server: RunningServer | undefined;
  #initialized: Initialized | undefined;
  #adminToken = '';
  readonly #clients: WireClient[] = [];

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** Leaves it running and uninitialized: whoever wants that shows the first steps. */
  static async begin(directory: string, options: InstallationOptions = {}): Promise<Installation> {
    const installation = new Installation(directory);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeFileSync(installation.keyFile, randomBytes(32).toString('base64'), { mode: 0o600 });
    await installation.start(options);
    return installation;
  }

  /** Leaves it running and unsealed. */
  static async create(directory: string, options: InstallationOptions = {}): Promise<Installation> {
    const installation = await Installation.begin(directory, options);
    await installation.#initialize(options.passphrase);
    return installation;
  }

  /** The same installation where a copy of its directory is: what a thief, or whoever restores a backup, has. */
  copiedTo(directory: string): Installation {
    const copy = new Installation(directory);
    copy.#initialized = this.#initialized;
    copy.#adminToken = this.#adminToken;
    return copy;
  }

  get dataDir(): string {
    return join(this.directory, 'data');
  }

  /** 32 random bytes in base64. */
  get keyFile(): string {
    return join(this.directory, 'unseal.key');
  }

  get server(): RunningServer {
    if (this.#server === undefined) throw new Error('the server is not running');
    return this.#server;
  }

  /** What initialization handed out. */
  get initialized(): Initialized {
    if (this.#initialized === undefined) throw new Error('the server is not initialized');
    return this.#initialized;
  }

  get sealed(): boolean {
    return this.server.workload === undefined;
  }

  /** Starts it, unsealed if the key file opens it. What was chosen at an earlier start holds until it is chosen anew. */
  async start(options: InstallationOptions = {}): Promise<void> {
    this.#options = { ...this.#options, ...options };
    this.#server = await startServer(this.settings, this.#options.overrides);
  }

  async stop(): Promise<void> {
    for (const client of this.#clients.splice(0)) client.close();
    const server = this.#server;
    this.#server = undefined;
    await server?.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  get settings(): Settings {
    return { ...loopbackSettings(this.dataDir, this.keyFile), ...this.#options.settings };
  }

  /** A new client of the operator listener. */
  operator(credential: Credential = {}): WireClient {
    return this.#client(this.server.operator.port, credential);
  }

  /** A new client of the workload listener. */
  workload(credential: Credential = {}): WireClient {
    return this.#client(this.server.workload?.port ?? 0, credential);
  }

  /** A new client of `operator:admin`, with the session of the beginning. */
  admin(): WireClient {
    return this.operator({ token: this.#adminToken });
  }

  /** Applies a role with these rules to whom it names. */
  async grant(role: string, bind: string, ...rules: readonly object[]): Promise<void> {
    await this.admin().must('PUT', `${API}/roles/${role}`, { role, rules, bind: [bind] });
  }

  /** Enrols a workload and fetches its first certificate. */
  enrol(spiffeId: string): Promise<Workload> {
    return enrol(this.admin(), this.operator(), spiffeId);
  }

  /** What a probe answers under `/health/` or at `/metrics`. */
  async probe(path: string): Promise<{ readonly status: number; readonly body: string }> {
    const response = await fetch(`http://127.0.0.1:${this.server.probe.port}${path}`);
    return { status: response.status, body: await response.text() };
  }

  /** The whole log as it is exported. */
  async exportedLog(): Promise<string> {
    const { status, body } = await this.admin().send('GET', `${API}/audit/entries`);
    if (status !== 200) throw new Error(`the export was refused: ${body}`);
    return body;
  }

  /** The entries of the log, once the log has proved to be whole. */
  async entries(): Promise<readonly Entry[]> {
    const exported = await this.exportedLog();
    const verdict = await this.verdictOn(exported);
    if (!verdict.ok) throw new Error(`the log does not verify: ${JSON.stringify(verdict.findings)}`);
    return entriesIn(exported);
  }

  verdictOn(exported: string): Promise<Verdict> {
    return verifyExport(() => once(Buffer.from(exported)), { verifierKey: this.initialized.logVerifierKey });
  }

  #client(port: number, credential: Credential): WireClient {
    const client = new WireClient(port, readFileSync(join(this.dataDir, 'tls/ca.crt'), 'utf8'), credential);
    this.#clients.push(client);
    return client;
  }

  async #initialize(passphrase: string | undefined): Promise<void> {
    this.#initialized = await initialize(this.operator(), this.dataDir, passphrase);
    this.#adminToken = await firstOperator((credential) => this.operator(credential), this.#initialized);
    await this.grant('auditor', 'operator:admin', { allow: ['audit:*'], on: '**' });
  }
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
