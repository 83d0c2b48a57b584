import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { Authority } from '#access';
import type { Entry } from '#audit';
import type { Settings } from '#settings';
import { startServer, type RunningServer } from '../../apps/server/src/start.ts';
import type { ListenerName } from '../../apps/server/src/connections.ts';
import { entriesIn } from '../support/audit-export.ts';
import { makeRequest, TestAuthority } from '../support/certificates.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeIssuer } from '../support/fake-issuer.ts';
import { API, loopbackSettings, PASSWORD, TRUST_DOMAIN } from '../support/loopback.ts';
import type { Answer } from '../support/raw-connection.ts';
import { ask, exchange, type Asking } from './wire.ts';

const HOUR = 3_600_000;
const CERTIFICATE_LIFE_HOURS = 24;

/** Somebody who asks, and by which door. */
export interface Caller {
  readonly listener: ListenerName;
  readonly cert?: string;
  readonly key?: string;
  readonly token?: string;
}

export const NOBODY: Caller = { listener: 'operator' };

/**
 * A real server in this process, on ports and in a directory of its own, initialized over the wire, with everybody whom the tests send.
 * Only `steward` administers (and `warden`, who never comes), only `keeper` has secrets, only `auditor` has the log; `api` and `alice` have
 * what a test gives them.
 *
 * Time stands still unless a test moves it: what is recorded and what is counted depends on no real clock.
 */
export class Scene {
  readonly clock = new FakeClock(new Date(Date.now() - (CERTIFICATE_LIFE_HOURS + 1) * HOUR).toISOString());
  readonly directory = mkdtempSync(join(tmpdir(), 'holdfast-e2e-'));
  readonly dataDir = join(this.directory, 'data');
  readonly callers = new Map<string, Caller>();
  /** Answers of this server so far: what the log must account for. */
  answered = 0;
  /** Requests that a test knows were cut off without an answer. */
  unanswered = 0;
  /** Answers that a server gives only once in its life. */
  initialized!: Answer;
  firstOperator!: Answer;
  #server!: RunningServer;
  #issuer: FakeIssuer | undefined;

  static async start(): Promise<Scene> {
    const scene = new Scene();
    writeFileSync(scene.#keyFile, randomBytes(32).toString('base64'), { mode: 0o600 });
    scene.#server = await startServer(scene.#settings(), { clock: scene.clock });
    await scene.#begin();
    await scene.#cast();
    return scene;
  }

  async stop(): Promise<void> {
    await this.#server.stop();
    await this.#issuer?.[Symbol.asyncDispose]();
    rmSync(this.directory, { recursive: true, force: true });
  }

  caller(name: string): Caller {
    const caller = this.callers.get(name);
    if (caller === undefined) throw new Error(`nobody here is called ${name}`);
    return caller;
  }

  get verifierKey(): string {
    return JSON.parse(this.initialized.body).logVerifierKey;
  }

  /** Where a caller connects to, and whom it believes there. */
  lineOf({ listener }: Caller) {
    const { workload, operator } = this.#server;
    return { port: (listener === 'workload' ? workload : operator)?.port ?? 0, ca: readFileSync(join(this.dataDir, 'tls/ca.crt'), 'utf8') };
  }

  /** One request, by supertest. */
  async ask(caller: Caller, asking: Asking): Promise<Answer> {
    const answer = await ask({ ...caller, ...this.lineOf(caller) }, asking);
    this.answered += 1;
    return answer;
  }

  /** The same, for what has to succeed. */
  async must<T>(caller: Caller, method: string, path: string, body?: object): Promise<T> {
    const answer = await this.ask(caller, { method, path: `${API}${path}`, body });
    if (answer.status > 299) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
    const value: T = answer.body === '' ? undefined : JSON.parse(answer.body);
    return value;
  }

  /** Bytes on a TLS connection of their own; what came back until the server closed it. */
  async exchange(caller: Caller, bytes: string | Buffer): Promise<readonly Answer[]> {
    const answers = await exchange({ ...caller, ...this.lineOf(caller) }, bytes);
    this.answered += answers.length;
    return answers;
  }

  /** Everything in the log, as an auditor gets it: header, entries, checkpoint. */
  async exportLog(): Promise<string> {
    return (await this.ask(this.caller('auditor'), { method: 'GET', path: `${API}/audit/entries` })).body;
  }

  async entries(): Promise<readonly Entry[]> {
    return entriesIn(await this.exportLog());
  }

  /** What the server keeps for its users, with all of `app1/db`, but not what `api` may: a refused request leaves it as it was. */
  async holdings(): Promise<string> {
    const keeper = this.caller('keeper');
    const secrets = await this.must(keeper, 'GET', '/secrets?recursive=true&limit=1000');
    const versions = await this.must(keeper, 'GET', '/secrets/app1/db:versions');
    const value = await this.must(keeper, 'GET', '/secrets/app1/db');
    const { items } = await this.must<{ items: { role: string }[] }>(this.caller('steward'), 'GET', '/roles');
    return JSON.stringify([secrets, versions, value, items.filter(({ role }) => role !== 'api')]);
  }

  async applyRole(role: string, rules: readonly object[], bind: readonly string[]): Promise<void> {
    await this.must(this.caller('steward'), 'PUT', `/roles/${role}`, { role, rules, bind });
  }

  async signIn(): Promise<Caller> {
    const { token } = await this.must<{ token: string }>(NOBODY, 'POST', '/session', { name: 'alice', password: PASSWORD });
    return { listener: 'operator', token };
  }

  /** Gives `alice` a session that has not been idle, and `both` the same beside its certificate. */
  async renewSession(): Promise<void> {
    const alice = await this.signIn();
    this.callers.set('alice', alice).set('both', { ...this.caller('api'), token: alice.token });
  }

  /** A provider that operators sign in at, on record as `corp` and there when first asked for. */
  async issuer(): Promise<FakeIssuer> {
    if (this.#issuer !== undefined) return this.#issuer;
    this.#issuer = await FakeIssuer.start(this.clock);
    await this.must(this.caller('steward'), 'PUT', '/providers/corp', this.#issuer.settings());
    return this.#issuer;
  }

  async unseal(): Promise<void> {
    await this.must(NOBODY, 'POST', '/system/unseal', { slot: 'file' });
  }

  /** Ends every minute that refusals are being counted in, so that the next of each kind has an entry of its own. */
  nextMinute(): void {
    this.clock.advance(61_000);
  }

  async seal(): Promise<void> {
    const sealer = await this.signIn();
    await this.applyRole('sealer', [{ allow: ['system:seal'], on: 'server' }], ['operator:alice']);
    await this.must(sealer, 'POST', '/system/seal', {});
  }

  /** Seals and unseals: what was only counted until now is in the log afterwards. */
  async settle(): Promise<void> {
    await this.seal();
    await this.unseal();
  }

  get #keyFile(): string {
    return join(this.directory, 'unseal.key');
  }

  #settings(): Settings {
    const settings = loopbackSettings(this.dataDir, this.#keyFile);
    return { ...settings, certificates: { ...settings.certificates, ttl: (CERTIFICATE_LIFE_HOURS * HOUR) / 1000 } };
  }

  async #begin(): Promise<void> {
    const bootstrapToken = readFileSync(join(this.dataDir, 'bootstrap-token'), 'utf8').trim();
    const body = { bootstrapToken, slots: [{ kind: 'file' }] };
    this.initialized = await this.ask(NOBODY, { method: 'POST', path: `${API}/system/init`, body });
    await this.unseal();
    const { operatorToken } = JSON.parse(this.initialized.body);
    const first: Caller = { listener: 'operator', token: operatorToken };
    await this.#warden(first);
    this.firstOperator = await this.ask(first, { method: 'PUT', path: `${API}/operators/alice`, body: { password: PASSWORD } });
    this.callers.set('used', first);
  }

  /**
   * A server has to keep an operator who administers, and tests need one who may do nothing. So there are two of them, whom the same token
   * has made: the first use of it leaves it good.
   */
  async #warden(first: Caller): Promise<void> {
    using _kept = vi.spyOn(Authority.prototype, 'remove').mockImplementationOnce(function (this: Authority, kind, held) {
      return this.put(kind, held.body, held);
    });
    await this.must(first, 'PUT', '/operators/warden', { password: PASSWORD });
  }

  async #cast(): Promise<void> {
    await this.enrol(await this.signIn(), 'expired');
    this.clock.advance((CERTIFICATE_LIFE_HOURS + 1) * HOUR);
    const alice = await this.signIn();
    this.callers.set('alice', alice);
    for (const name of ['steward', 'keeper', 'auditor', 'api', 'revoked']) await this.enrol(alice, name);
    await this.must(alice, 'POST', '/revocations', { spiffeId: idOf('revoked') });
    await this.#foreigners();
    const ended = await this.signIn();
    await this.must(ended, 'DELETE', '/session');
    this.callers.set('ended', ended);
    await this.renewSession();

    const administrator = await this.must<{ rules: object[] }>(alice, 'GET', '/roles/administrator');
    const role = { role: 'administrator', rules: administrator.rules, bind: [idOf('steward'), 'operator:warden'] };
    await this.must(alice, 'PUT', '/roles/administrator', role);
    // Who enrolled a workload is no second person, and alice has enrolled all the others.
    await this.enrol(this.caller('steward'), 'asker');
    await this.applyRole('keeper', [{ allow: ['secret:*'], on: '**' }], [idOf('keeper')]);
    await this.applyRole('auditor', [{ allow: ['audit:*'], on: '**' }], [idOf('auditor')]);
  }

  /** Lets a workload in, by somebody who may. */
  async enrol(operator: Caller, name: string): Promise<void> {
    const { token } = await this.must<{ token: string }>(operator, 'POST', '/enrolments', { spiffeId: idOf(name) });
    const { csrPem: csr, privateKeyPem: key } = await makeRequest(idOf(name));
    const { chain: cert } = await this.must<{ chain: string }>(NOBODY, 'POST', '/certificates', { csr, token });
    this.callers.set(name, { listener: 'workload', cert, key });
  }

  /** The id of `api` from somebody else's CA, and an id of somebody else's trust domain. */
  async #foreigners(): Promise<void> {
    const foreign = await TestAuthority.root('foreign');
    for (const [name, id] of [
      ['forged', idOf('api')],
      ['foreign', 'spiffe://other.internal/api'],
    ] as const) {
      const { certificatePem: cert, privateKeyPem: key } = await foreign.workload(id);
      this.callers.set(name, { listener: 'workload', cert, key });
    }
  }
}

/** The SPIFFE ID of a workload of these tests. */
export function idOf(name: string): string {
  return `spiffe://${TRUST_DOMAIN}/${name}`;
}
