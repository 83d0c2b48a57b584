import { X509Certificate } from 'node:crypto';
import {
  Authority,
  CertificateMint,
  CredentialAuthenticator,
  IssueCertificate,
  NewAuthority,
  RolePolicy,
  SetPassword,
  SignIn,
  SignInAttempts,
  SignInPace,
  TokenReviewer,
  TrustedIssuers,
  type ApiServer,
  type IssuancePolicy,
  type Outbound,
} from '#access';
import { Gate, type Role } from '#authz';
import { newLine, newToken, Passwords, type Principal } from '#identity';
import { createKeyring, type Keyring } from '#keys';
import { makeRequest, type TestRequest } from './certificates.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeCommitter } from './fake-committer.ts';
import { FakeReader } from './fake-reader.ts';

export const REQUEST = { id: 'request-1', peer: '192.0.2.1' };
export const PASSWORD = 'correct horse battery';
/** What makes no test slow. How much work it is at the cost of a server is for the specs of passwords and of signing in. */
const CHEAP = { memoryCost: 64, timeCost: 1, parallelism: 1 };

/** A server's authority as it is after `init`: real keys and a real gate on a database in memory. */
export class AuthorityBench {
  readonly clock: FakeClock;
  readonly keyring: Keyring;
  readonly operatorToken: string;
  readonly committer: FakeCommitter;
  readonly reader: FakeReader;
  readonly authority: Authority;
  readonly policy: RolePolicy;
  readonly gate: Gate;
  readonly authenticator: CredentialAuthenticator;
  readonly passwords: Passwords;
  readonly attempts: SignInAttempts;

  private constructor(clock: FakeClock, keyring: Keyring, committer: FakeCommitter, operatorToken: string) {
    this.clock = clock;
    this.keyring = keyring;
    this.operatorToken = operatorToken;
    this.committer = committer;
    this.reader = new FakeReader(committer);
    this.authority = new Authority(clock);
    this.policy = new RolePolicy(this.authority);
    this.gate = new Gate(this.policy, this.reader, committer, clock);
    this.authenticator = new CredentialAuthenticator(this.authority, clock);
    this.passwords = new Passwords(CHEAP);
    this.attempts = new SignInAttempts(this.authority, this.passwords, new SignInPace(clock));
    committer.observers.push(this.authority);
  }

  static async initialized(): Promise<AuthorityBench> {
    const clock = new FakeClock();
    const { keyring } = await createKeyring('acme.internal', clock);
    const committer = new FakeCommitter();
    const { writes, operatorToken } = await new NewAuthority('acme.internal', clock).prepare(keyring);
    for (const write of writes) committer.plant(write);
    const bench = new AuthorityBench(clock, keyring, committer, operatorToken);
    await bench.authority.unsealed(keyring, bench.reader);
    return bench;
  }

  /** Another process on the same database: what was only in memory is gone. */
  async restarted(): Promise<AuthorityBench> {
    const bench = new AuthorityBench(this.clock, this.keyring, this.committer, this.operatorToken);
    await bench.authority.unsealed(this.keyring, bench.reader);
    return bench;
  }

  /** The first operator, with a password. */
  async firstOperator(name = 'alice'): Promise<void> {
    const setPassword = new SetPassword(this.gate, this.authority, this.clock, this.passwords);
    return setPassword.perform(this.authenticator.token(this.operatorToken), name, PASSWORD, REQUEST);
  }

  /** Signs an operator in and knows it by its session. */
  async signIn(name = 'alice', password = PASSWORD, totp?: string): Promise<Principal> {
    const { token } = await new SignIn(this.gate, this.authority, this.clock, this.attempts).perform({ name, password, totp }, REQUEST);
    return this.authenticator.session(token);
  }

  /** Somebody who administers, in a session that was planted: no password was hashed for it. So is what callers.ts's operators came with. */
  async administrator(name = 'admin'): Promise<Principal> {
    const token = this.plantSession(name);
    this.#plantSession('session-1', 'somebody');
    const held = this.authority.find('role', 'administrator');
    if (held !== undefined) await this.plantRole({ ...held.body, bind: [...held.body.bind, `operator:${name}`] });
    return this.authenticator.session(token);
  }

  /** An operator who is there and never signs in. */
  plantOperator(name: string): Promise<void> {
    const operator = { name, password: '', createdAt: this.clock.now().toISOString() };
    this.committer.plantAndTell(this.authority.put('operator', operator, undefined));
    return Promise.resolve();
  }

  /** A session of somebody who gave no password. */
  plantSession(operator: string): string {
    const token = newToken('session');
    this.#plantSession(this.authority.hashOf('session', token), operator);
    return token;
  }

  /** Puts a role there without asking anybody. */
  plantRole(role: Role): Promise<void> {
    const stored = { ...role, version: 1, updatedAt: this.clock.now().toISOString(), updatedBy: 'a test' };
    this.committer.plantAndTell(this.authority.put('role', stored, this.authority.find('role', role.role)));
    return Promise.resolve();
  }

  #plantSession(id: string, operator: string): void {
    const session = { id, operator, issuedAt: this.clock.now().toISOString(), expiresAt: '2099-01-01T00:00:00.000Z' };
    this.committer.plantAndTell(this.authority.put('session', session, undefined));
  }

  /** What makes certificates, each good for an hour. Without an `outbound`, no token can be reviewed. */
  issuance(outbound?: Outbound, policy: Partial<IssuancePolicy> = {}): IssueCertificate {
    const { authority, clock, gate } = this;
    const server: ApiServer = { url: 'https://10.0.0.1:6443', ca: 'CA', token: 'own-token' };
    const nobody: Outbound = { ask: () => Promise.reject(new Error('nobody is asked')) };
    const reviewer = new TokenReviewer(outbound ?? nobody, () => (outbound === undefined ? undefined : server));
    return new IssueCertificate(
      gate,
      new CertificateMint(authority, clock, { ttl: 3600, ...policy }),
      new TrustedIssuers(authority, reviewer, clock),
    );
  }

  /** A workload's first certificate straight from the CA, with the key it was asked for with. */
  async certificateOf(spiffeId: string): Promise<TestRequest & { readonly certificate: X509Certificate }> {
    const request = await makeRequest(spiffeId);
    const publicKeySpki = request.publicKey.export({ format: 'der', type: 'spki' });
    const [, trustDomain = '', path = ''] = /^spiffe:\/\/([^/]+)(.*)$/.exec(spiffeId) ?? [];
    const place = { line: newLine(), generation: 1 };
    const asked = { publicKeySpki, spiffeId: { trustDomain, path, text: spiffeId }, place };
    const { chainPem, notAfter } = await this.authority.issuing.issue(asked, { seconds: 3600 });
    const times = { notAfter: notAfter.toISOString(), expiresAt: notAfter.toISOString() };
    const line = { id: place.line, generation: 1, spiffeId, spkiHash: '', chain: chainPem, enrolledBy: 'admin', ...times };
    this.committer.plantAndTell(this.authority.put('certificate-line', line, undefined));
    return { ...request, certificate: new X509Certificate(chainPem) };
  }

  /** Resource, outcome and code of the entries so far, or of those of one action. */
  entries(action?: string): string[] {
    const entries = this.committer.entries.filter((entry) => action === undefined || entry.action === action);
    return entries.map(({ resource, outcome, code }) => [resource, outcome, ...(code ? [code] : [])].join(' '));
  }
}
