import type { ProblemCode, ROUTES, RouteName } from '#contract';
import { codeOf } from '../support/authenticator.ts';
import { makeRequest, TestAuthority } from '../support/certificates.ts';
import { API, PASSWORD, TRUST_DOMAIN } from '../support/loopback.ts';
import { clusterDefinition, TokenIssuer } from '../support/token-issuer.ts';
import { idOf, NOBODY, type Caller, type Scene } from './scene.ts';
import type { Answer } from '../support/raw-connection.ts';

/** What is asked of a route. `name` stands for its `{path}` or `{name}`; `as` for somebody else than the test's own caller. */
export interface Wish {
  readonly name?: string;
  readonly query?: string;
  readonly body?: object;
  readonly as?: Caller;
}

/** Prepares what has to be there, and says what to ask for. `who` keeps the things of several callers apart. */
export type Makes = (scene: Scene, who: string) => Wish | Promise<Wish>;

/** Who can be entitled: the two callers of the tests, whom a role gives it, or the holder of a one-time token, whom none does. */
export type Holder = 'api' | 'alice' | 'token';

/** A route that wants a caller whom a rule allows it. */
export interface ClosedCase {
  /** What the rule that opens the route is on. */
  readonly on: string;
  /** Asks for something, or brings the answer that a server gives only once. */
  readonly may: (scene: Scene, who: string) => Wish | Answer | Promise<Wish | Answer>;
  /** What is beyond that rule. Two of them: one is there, the other is not, and nobody who may not can tell. */
  readonly mayNot: readonly [Wish] | readonly [there: Wish, missing: Wish];
  /** Who can be entitled at all; workloads and operators where absent. */
  readonly only?: readonly ['alice'] | readonly ['token'];
  /** Open to those by a built-in rule, so that only a deny closes it. */
  readonly builtin?: true;
  /** Answers with a status for each item. */
  readonly itemised?: true;
  readonly after?: (scene: Scene) => Promise<void>;
}

/** A route that is there for somebody without a credential. */
export interface OpenCase {
  /** Asks for something, or brings the answer that a server gives only once. */
  readonly may: (scene: Scene, who: string) => Wish | Answer | Promise<Wish | Answer>;
  /** What is refused; or `denied`, where only a role's deny can close the route. */
  readonly mayNot: { readonly code: ProblemCode; readonly wishes: readonly Makes[] } | 'denied';
  /** What the same wish gets from a workload and an operator, who have a credential already. */
  readonly known: { readonly wish: Makes; readonly api: number | ProblemCode; readonly alice: number | ProblemCode };
}

type CaseOf<R extends RouteName> = (typeof ROUTES)[R]['anonymous'] extends true ? OpenCase : ClosedCase;

const nothing: Wish = {};
const password = { password: PASSWORD };
const suggestion = { caller: 'operator:alice', since: '2026-01-01T00:00:00Z' };
const deed = { action: 'secret:read', resource: 'case/beyond/db' };
const question = { caller: 'operator:alice', ...deed };
/** Two secrets beyond every rule: the first is there, the second is not. */
export const BEYOND = ['case/beyond/db', 'case/before/db'] as const;

/** Enough of a provider: it is never asked for anything. */
const PROVIDER = {
  issuer: 'https://login.acme.example',
  clientId: 'holdfast',
  redirectUris: ['http://127.0.0.1/callback'],
  operator: 'corp-{sub}',
};
const BACK = { redirectUri: 'http://127.0.0.1:4711/callback' };
const FORGED = { flow: `hff_${'A'.repeat(43)}`, code: 'code', state: 'state' };

const [there, missing] = BEYOND.map((name) => ({ name })) as [Wish & { name: string }, Wish & { name: string }];
const beyond = [there, missing] as const;
const withBody = (body: object) =>
  [
    { ...there, body },
    { ...missing, body },
  ] as const;
/** Two issuers beyond every rule: the first is there, the second is not. */
export const ISSUERS_BEYOND = forIssuer(issuerNamed('issuer-beyond'));
/** Two operators beyond every rule: the first is there, the second is not. */
const forOperator = (body?: object) =>
  [
    { name: 'warden', body },
    { name: 'warder', body },
  ] as const;
const forRole = (body?: object) =>
  [
    { name: 'administrator', body },
    { name: 'administrated', body },
  ] as const;

/** What takes an approval, and one that nobody has asked for. */
const ASKED = { allow: ['secret:read'], on: 'case/asked/**', when: { approved: true } };
const NO_APPROVAL = { name: 'ffffffffffffffff' } as const;

const askingFor = (resource: string): Wish => ({ body: { action: 'secret:read', resource, reason: 'a test' } });

function isOpen(each: OpenCase | ClosedCase): each is OpenCase {
  return 'known' in each;
}

function isClosed(each: OpenCase | ClosedCase): each is ClosedCase {
  return 'on' in each;
}

function pair<C>(
  name: RouteName,
  each: OpenCase | ClosedCase,
  belongs: (each: OpenCase | ClosedCase) => each is C & (OpenCase | ClosedCase),
): (readonly [RouteName, C])[] {
  return belongs(each) ? [[name, each]] : [];
}

const CASES: { readonly [R in RouteName]: CaseOf<R> } = {
  readSecret: { on: 'case/may/**', may: stored, mayNot: beyond },
  writeSecret: {
    on: 'case/may/**',
    may: (_, who) => ({ name: `case/may/write-${who}`, body: { data: { a: '1' } } }),
    mayNot: withBody({ data: { a: '2' } }),
  },
  patchSecret: {
    on: 'case/may/**',
    may: async (scene, who) => ({ ...(await stored(scene, who)), body: { data: { b: '2' } } }),
    mayNot: withBody({ data: { a: '2' } }),
  },
  deleteSecret: { on: 'case/may/**', may: stored, mayNot: beyond },
  restoreSecret: { on: 'case/may/**', may: deleted, mayNot: withBody({}) },
  destroyVersions: {
    on: 'case/may/**',
    may: async (scene, who) => ({ ...(await stored(scene, who)), body: { versions: [1] } }),
    mayNot: withBody({ versions: [1] }),
  },
  listVersions: { on: 'case/may/**', may: stored, mayNot: beyond },
  listSecrets: {
    on: 'case/may/**',
    may: () => ({ query: 'prefix=case/may' }),
    mayNot: [{ query: 'prefix=case/beyond' }, { query: 'prefix=case/before' }],
  },
  readBundle: {
    on: 'case/may/**',
    may: async (scene, who) => ({ body: { paths: [(await stored(scene, who)).name] } }),
    mayNot: [{ body: { paths: [there.name] } }, { body: { paths: [missing.name] } }],
    itemised: true,
  },

  applyRole: {
    on: 'may-*',
    may: (_, who) => ({ name: `may-${who}`, body: { role: `may-${who}`, rules: [], bind: [] } }),
    mayNot: forRole({ role: 'administrator', rules: [], bind: [] }),
  },
  applyRoles: {
    on: 'may-*',
    may: (_, who) => ({ body: { roles: [{ role: `may-${who}`, rules: [], bind: [] }] } }),
    mayNot: [
      { body: { roles: [{ role: 'administrator', rules: [], bind: [] }] } },
      { body: { roles: [{ role: 'administrated', rules: [], bind: [] }] } },
    ],
  },
  getRole: { on: 'may-*', may: applied, mayNot: forRole() },
  listRoleVersions: { on: 'may-*', may: applied, mayNot: forRole() },
  compareRoleVersions: { on: 'may-*', may: applied, mayNot: forRole() },
  deleteRole: { on: 'may-*', may: applied, mayNot: forRole() },
  listRoles: { on: '**', may: () => nothing, mayNot: [nothing] },

  explain: { on: '**', may: () => ({ body: question }), mayNot: [{ body: question }] },
  simulate: { on: '**', may: () => ({ body: { deleted: 'nobody' } }), mayNot: [{ body: { deleted: 'nobody' } }] },
  suggest: { on: '**', may: () => ({ body: suggestion }), mayNot: [{ body: suggestion }] },
  whoCan: { on: '**', may: () => ({ body: deed }), mayNot: [{ body: deed }] },

  requestApproval: {
    on: 'secret:read/case/**',
    may: async (scene, who) => {
      await scene.applyRole('asks', [ASKED], [idOf('api'), 'operator:alice', idOf('keeper')]);
      return askingFor(`case/asked/${who}`);
    },
    mayNot: [askingFor(there.name), askingFor(missing.name)],
    builtin: true,
  },
  listApprovals: { on: '**', may: () => nothing, mayNot: [nothing] },
  getApproval: { on: 'secret:read/case/asked/**', may: asked, mayNot: [NO_APPROVAL] },
  approve: { on: 'secret:read/case/asked/**', may: asked, mayNot: [{ ...NO_APPROVAL, body: {} }], only: ['alice'] },
  deny: { on: 'secret:read/case/asked/**', may: asked, mayNot: [{ ...NO_APPROVAL, body: {} }], only: ['alice'] },
  cancelApproval: {
    on: '**',
    may: async (scene, who) => {
      await scene.applyRole('asks', [ASKED], [idOf('api'), 'operator:alice']);
      const body = { action: 'secret:read', resource: `case/asked/cancelled-${who}`, reason: 'a test' };
      const asker = scene.caller(/alice|operator/.test(who) ? 'alice' : 'api');
      const { id } = await scene.must<{ id: string }>(asker, 'POST', '/approvals', body);
      return { name: id, body: {} };
    },
    mayNot: [{ ...NO_APPROVAL, body: {} }],
    builtin: true,
  },

  setPassword: {
    on: 'operator:may-*',
    may: (scene) => scene.firstOperator,
    mayNot: forOperator(password),
    only: ['token'],
  },
  signIn: {
    may: () => ({ body: { name: 'alice', ...password } }),
    mayNot: {
      code: 'invalid_credentials',
      wishes: ['alice', 'alias'].map((name) => () => ({ body: { name, password: 'a wrong password' } })),
    },
    known: { wish: () => ({ body: { name: 'alice', ...password } }), api: 'several_credentials', alice: 'several_credentials' },
  },
  signOut: {
    on: 'operator:alice',
    may: async (scene) => ({ as: await scene.signIn() }),
    mayNot: [nothing],
    only: ['alice'],
    builtin: true,
  },
  enrol: {
    on: idOf('may/**'),
    may: (_, who) => ({ body: { spiffeId: idOf(`may/${who}`) } }),
    mayNot: [{ body: { spiffeId: idOf('keeper') } }, { body: { spiffeId: idOf('kipper') } }],
  },
  issueCertificate: {
    may: enrolled,
    mayNot: {
      code: 'token_refused',
      wishes: [
        async () => ({ body: { csr: await csr('nobody'), token: `hfe_${'A'.repeat(43)}` } }),
        async () => ({ body: { csr: await csr('nobody') } }),
      ],
    },
    known: { wish: async () => ({ body: { csr: await csr('api') } }), api: 201, alice: 'token_refused' },
  },
  listTrustBundles: { on: '**', may: () => nothing, mayNot: [nothing] },
  putTrustBundle: {
    on: 'trust-domain:may-*',
    may: async (_, who) => ({ name: `may-${who}`, body: { pem: (await TestAuthority.root(who)).pem } }),
    mayNot: forTrustDomain({ pem: 'none' }),
  },
  getTrustBundle: { on: 'trust-domain:may-*', may: trustedDomain, mayNot: forTrustDomain() },
  deleteTrustBundle: { on: 'trust-domain:may-*', may: trustedDomain, mayNot: forTrustDomain() },
  putCrls: {
    on: 'trust-domain:may-*',
    may: async (scene, who) => ({ ...(await trustedDomain(scene, who)), body: { crls: [] } }),
    mayNot: forTrustDomain({ crls: [] }),
  },
  readSpiffeBundle: open(),
  listRevocations: { on: '**', may: () => nothing, mayNot: [nothing] },
  liftRevocation: {
    on: idOf('may/**'),
    may: async (scene, who) => {
      const body = { spiffeId: idOf(`may/${who}`) };
      await scene.must(scene.caller('steward'), 'POST', '/revocations', body);
      return { body };
    },
    mayNot: [{ body: { spiffeId: idOf('revoked') } }, { body: { spiffeId: idOf('revoker') } }],
  },
  revoke: {
    on: idOf('may/**'),
    may: (_, who) => ({ body: { spiffeId: idOf(`may/${who}`) } }),
    mayNot: [{ body: { spiffeId: idOf('keeper') } }, { body: { spiffeId: idOf('kipper') } }],
  },

  putIssuer: {
    on: 'issuer:may-*',
    may: (_, who) => ({ name: `may-${who}`, body: issuerNamed(`may-${who}`) }),
    mayNot: ISSUERS_BEYOND,
  },
  getIssuer: { on: 'issuer:may-*', may: trusted, mayNot: forIssuer() },
  deleteIssuer: { on: 'issuer:may-*', may: trusted, mayNot: forIssuer() },
  listIssuers: { on: '**', may: () => nothing, mayNot: [nothing] },
  inviteOperator: {
    on: 'operator:may-*',
    may: (_, who) => ({ body: { name: `may-${who}`, groups: ['case'] } }),
    mayNot: [{ body: { name: 'warden' } }, { body: { name: 'warder' } }],
  },
  listOperators: { on: '**', may: () => nothing, mayNot: [nothing] },
  getOperator: { on: 'operator:may-*', may: invited, mayNot: forOperator() },
  changeOperator: {
    on: 'operator:may-*',
    may: async (scene, who) => ({ ...(await invited(scene, who)), body: { disabled: true, groups: [] } }),
    mayNot: forOperator({ disabled: true }),
  },
  deleteOperator: { on: 'operator:may-*', may: invited, mayNot: forOperator() },
  resetPassword: {
    on: 'operator:may-*',
    may: async (scene, who) => ({ ...(await invited(scene, who)), body: {} }),
    mayNot: forOperator({}),
  },
  listSessions: { on: 'operator:may-*', may: invited, mayNot: forOperator() },
  endSessions: { on: 'operator:may-*', may: invited, mayNot: forOperator() },
  changePassword: {
    on: 'operator:alice',
    may: () => ({ body: { current: PASSWORD, ...password } }),
    mayNot: [{ body: { current: PASSWORD, ...password } }],
    only: ['alice'],
    builtin: true,
  },
  putProvider: {
    on: 'provider:may-*',
    may: (_, who) => ({ name: `may-${who.split('-')[1]}`, body: PROVIDER }),
    mayNot: [
      { name: 'corp', body: PROVIDER },
      { name: 'corq', body: PROVIDER },
    ],
  },
  getProvider: { on: 'provider:may-*', may: providedFor, mayNot: [{ name: 'corp' }, { name: 'corq' }] },
  deleteProvider: { on: 'provider:may-*', may: providedFor, mayNot: [{ name: 'corp' }, { name: 'corq' }] },
  listProviders: { on: '**', may: () => nothing, mayNot: [nothing] },
  startSignIn: {
    may: async (scene) => ({ ...(await provided(scene)), body: BACK }),
    mayNot: {
      code: 'not_found',
      wishes: ['corq', 'corr'].map((name) => async () => ({ name, body: BACK })),
    },
    known: { wish: () => ({ name: 'corp', body: BACK }), api: 'several_credentials', alice: 'several_credentials' },
  },
  finishSignIn: {
    may: signedInThere,
    mayNot: {
      code: 'sign_in_refused',
      wishes: ['corp', 'corq'].map((name) => async () => ({ name, body: FORGED })),
    },
    known: { wish: () => ({ name: 'corp', body: FORGED }), api: 'several_credentials', alice: 'several_credentials' },
  },

  enrolTotp: { on: 'operator:alice', may: () => ({ body: password }), mayNot: [{ body: password }], only: ['alice'], builtin: true },
  confirmTotp: {
    on: 'operator:alice',
    may: async (scene) => {
      const { answer } = await withTotp(scene);
      await withoutTotp(scene);
      return answer;
    },
    mayNot: [{ body: { totp: '123456' } }],
    only: ['alice'],
    builtin: true,
  },
  removeTotp: {
    on: 'operator:alice',
    may: async (scene) => {
      const { as, answer } = await withTotp(scene);
      const [totp] = JSON.parse(answer.body).recoveryCodes;
      const removed = await scene.ask(as, { method: 'POST', path: `${API}/totp:remove`, body: { ...password, totp } });
      await scene.renewSession();
      return removed;
    },
    mayNot: [{ body: { ...password, totp: '123456' } }],
    only: ['alice'],
    builtin: true,
  },
  resetTotp: {
    on: 'operator:alice',
    may: async (scene) => {
      await scene.must(await scene.signIn(), 'POST', '/totp', password);
      return { name: 'alice', body: {} };
    },
    mayNot: forOperator({}),
    after: (scene) => scene.renewSession(),
  },

  exportLog: { on: '**', may: () => nothing, mayNot: [nothing] },
  readCheckpoint: { on: '**', may: () => nothing, mayNot: [nothing] },

  readStatus: open(),
  initialize: {
    may: (scene) => scene.initialized,
    mayNot: { code: 'already_initialized', wishes: [initialization] },
    known: { wish: initialization, api: 'several_credentials', alice: 'several_credentials' },
  },
  unseal: {
    may: async (scene) => {
      await scene.seal();
      return { body: { slot: 'file' } };
    },
    mayNot: { code: 'already_unsealed', wishes: [() => ({ body: { slot: 'file' } })] },
    known: { wish: () => ({ body: { slot: 'file' } }), api: 'several_credentials', alice: 'several_credentials' },
  },
  seal: { on: 'server', may: () => ({ body: {} }), mayNot: [{ body: {} }], after: (scene) => scene.unseal() },
  describe: open(),
  browse: open(),
};

let serial = 0;

const NAMES = Object.keys(CASES) as RouteName[];

/** The cases of every route: one without both a "may" and a "may not" does not compile. */
export const CLOSED_CASES = NAMES.flatMap((name) => pair(name, CASES[name], isClosed));
export const OPEN_CASES = NAMES.flatMap((name) => pair(name, CASES[name], isOpen));

/** Closed routes to one thing among others, so that a rule can be on another. */
export const CASES_ON_SOMETHING = CLOSED_CASES.filter(([, { mayNot }]) => mayNot.length === 2);
/** Open routes by whether they ask for a token, a password or a moment that not everybody has. */
export const CASES_WITH_A_SECRET = OPEN_CASES.flatMap(([name, { mayNot }]) => (mayNot === 'denied' ? [] : [[name, mayNot] as const]));
export const CASES_WITHOUT_A_SECRET = OPEN_CASES.filter(([, { mayNot }]) => mayNot === 'denied');

function open(): OpenCase {
  return { may: () => nothing, mayNot: 'denied', known: { wish: () => nothing, api: 200, alice: 200 } };
}

async function stored(scene: Scene, who: string): Promise<Wish & { name: string }> {
  const name = `case/may/${who}`;
  await scene.must(scene.caller('keeper'), 'PUT', `/secrets/${name}`, { data: { a: '1' } });
  return { name };
}

async function deleted(scene: Scene, who: string): Promise<Wish> {
  const { name } = await stored(scene, who);
  await scene.must(scene.caller('keeper'), 'DELETE', `/secrets/${name}`);
  return { name, body: {} };
}

async function applied(scene: Scene, who: string): Promise<Wish> {
  await scene.applyRole(`may-${who}`, [], []);
  return { name: `may-${who}` };
}

function forIssuer(body?: object) {
  return [
    { name: 'issuer-beyond', body },
    { name: 'issuer-before', body },
  ] as const;
}

/** It makes workloads that nobody has given a role. */
/** Two trust domains beyond every rule: the first is there, the second is not. */
function forTrustDomain(body?: object) {
  return [
    { name: TRUST_DOMAIN, body },
    { name: 'acme.external', body },
  ] as const;
}

async function trustedDomain(scene: Scene, who: string): Promise<Wish> {
  const name = `may-${who.toLowerCase()}`;
  await scene.must(scene.caller('steward'), 'PUT', `/trust-bundles/${name}`, { pem: (await TestAuthority.root(who)).pem });
  return { name };
}

function issuerNamed(issuer: string): object {
  const rules = [{ id: idOf('pods/{kubernetes.io.namespace}') }];
  return clusterDefinition(new TokenIssuer(`https://${issuer}.example`), { issuer, rules });
}

async function trusted(scene: Scene, who: string): Promise<Wish> {
  await scene.must(scene.caller('steward'), 'PUT', `/issuers/may-${who}`, issuerNamed(`may-${who}`));
  return { name: `may-${who}` };
}

/** Gives alice a second factor, and shows the answer that confirmed it. */
async function withTotp(scene: Scene): Promise<{ readonly as: Caller; readonly answer: Answer }> {
  const as = await scene.signIn();
  const { uri } = await scene.must<{ uri: string }>(as, 'POST', '/totp', password);
  const answer = await scene.ask(as, { method: 'POST', path: `${API}/totp:confirm`, body: { totp: codeOf(uri, scene.clock.now()) } });
  return { as, answer };
}

async function withoutTotp(scene: Scene): Promise<void> {
  await scene.must(scene.caller('steward'), 'POST', '/operators/alice:reset-totp', {});
  await scene.renewSession();
}

async function invited(scene: Scene, who: string): Promise<Wish> {
  await scene.must(scene.caller('steward'), 'POST', '/operators', { name: `may-${who}` });
  return { name: `may-${who}` };
}

let openRequest: string | undefined;

/** Asked for by somebody else. */
async function asked(scene: Scene, who: string): Promise<Wish & { name: string }> {
  await scene.applyRole('asks', [ASKED], [idOf('asker')]);
  const body = { action: 'secret:read', resource: `case/asked/${who}-${serial++}`, reason: 'a test' };
  const asker = scene.caller('asker');
  const { id } = await scene.must<{ id: string }>(asker, 'POST', '/approvals', body);
  // Nobody may have many open at a time.
  if (openRequest !== undefined) await scene.ask(asker, { method: 'POST', path: `${API}/approvals/${openRequest}:cancel`, body: {} });
  openRequest = id;
  return { name: id };
}

async function enrolled(scene: Scene, who: string): Promise<Wish> {
  const spiffeId = idOf(`may/${who}`);
  const { token } = await scene.must<{ token: string }>(scene.caller('steward'), 'POST', '/enrolments', { spiffeId });
  return { body: { csr: await csr(`may/${who}`), token }, as: NOBODY };
}

async function provided(scene: Scene): Promise<Wish & { name: string }> {
  await scene.issuer();
  return { name: 'corp' };
}

async function providedFor(scene: Scene, who: string): Promise<Wish> {
  const name = `may-${who.split('-')[1]}`;
  await scene.must(scene.caller('steward'), 'PUT', `/providers/${name}`, PROVIDER);
  return { name };
}

async function signedInThere(scene: Scene): Promise<Wish> {
  const issuer = await scene.issuer();
  const { flow, authorizationUrl } = await scene.must<{ flow: string; authorizationUrl: string }>(NOBODY, 'POST', '/oidc/corp:start', BACK);
  return { name: 'corp', body: { flow, ...issuer.answerTo(authorizationUrl) } };
}

async function csr(name: string): Promise<string> {
  return (await makeRequest(idOf(name))).csrPem;
}

function initialization(): Wish {
  return { body: { bootstrapToken: `hfb_${'A'.repeat(43)}`, slots: [{ kind: 'file' }] } };
}
