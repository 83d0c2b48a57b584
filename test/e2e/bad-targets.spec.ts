import { ROUTES, type ProblemCode, type RouteName } from '#contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { accessesIn } from '../support/audit-export.ts';
import { API } from '../support/loopback.ts';
import { idOf, NOBODY, Scene, type Caller } from './scene.ts';
import type { Answer } from '../support/raw-connection.ts';
import { message } from './wire.ts';
import { codeOf, entryOf, expectProblem, expectSecurityHeaders, indistinct, routeOf } from './witness.ts';

/** `api` may do everything with `app1/**`, where `app2/db` is not. Ids are those of the reference's list of known vulnerabilities. */
const OWN = 'app1/db';
const OTHER = 'app2/db';
const DATA = { data: { value: 'CANARY' } };

let scene: Scene;
let api: Caller;
let before: string;

beforeAll(async () => {
  scene = await Scene.start();
  api = scene.caller('api');
  for (const path of [OWN, OTHER, 'app1/prod', 'meta/restricted/db', 'meta/open/db', 'team/db']) {
    await scene.must(scene.caller('keeper'), 'PUT', `/secrets/${path}`, DATA);
  }
  await scene.applyRole('api', [{ allow: ['secret:*'], on: 'app1/**' }], [idOf('api')]);
  before = await scene.holdings();
});
beforeEach(() => scene.nextMinute());
afterAll(() => scene.stop());

describe('A target in another spelling', () => {
  it.each<[string, string, string, ProblemCode]>([
    ['A1', 'DELETE', '/secrets/app1/../app2/db', 'malformed_target'],
    ['A1', 'DELETE', '/secrets/app1/%2e%2e/app2/db', 'malformed_target'],
    ['A1', 'DELETE', '/secrets/app1/%2E%2E/app2/db', 'malformed_target'],
    ['A1', 'DELETE', '/secrets/app1/.%2e/app2/db', 'malformed_target'],
    ['A1', 'DELETE', '/secrets/app1/..%2fapp2/db', 'malformed_target'],
    ['A1', 'DELETE', '/secrets/app1%2f..%2fapp2%2fdb', 'malformed_target'],
    ['A1', 'DELETE', '/secrets/app1/./db', 'malformed_target'],
    ['A1', 'DELETE', '/secrets/app1/%252e%252e/app2/db', 'malformed_target'],
    ['A1', 'DELETE', '/secrets/app1/..%5capp2/db', 'malformed_target'],
    ['A1', 'DELETE', '/secrets/app1/..\\app2\\db', 'malformed_target'],
    ['A1', 'DELETE', '/secrets/app1/..;/app2/db', 'malformed_target'],
    ['A1', 'DELETE', '/secrets/app1/%c0%ae%c0%ae/app2/db', 'malformed_target'],
    ['A1', 'DELETE', '/secrets/app1/..%00/app2/db', 'malformed_target'],
    ['A1', 'DELETE', '/secrets/app1//db', 'malformed_target'],
    ['A1', 'DELETE', '/secrets/app1/db/', 'malformed_target'],
    ['A1', 'DELETE', '/secrets/app1%2fdb%2f', 'malformed_target'],
    ['A1', 'DELETE', '/secrets/app1%252fdb', 'malformed_target'],
    ['A1', 'DELETE', '/secrets/', 'malformed_target'],
    ['A1', 'DELETE', '/secrets/app1', 'invalid_path'],
    ['A11', 'GET', '/secrets/../audit/entries', 'malformed_target'],
    ['A11', 'GET', '/roles/../secrets/app2/db', 'malformed_target'],
    ['A11', 'GET', '/roles/..%2fsecrets%2fapp2%2fdb', 'malformed_target'],
    ['A11', 'POST', '/secrets/app1/db:restore:destroy', 'unknown_route'],
    ['A11', 'POST', '/secrets/app1/db:seal', 'unknown_route'],
    ['A11', 'POST', '/secrets/app1:restore/db', 'unknown_route'],
    ['A11', 'GET', '/secrets/app1/db:VERSIONS', 'unknown_route'],
    ['A11', 'GET', '/secrets/app1/db%3aversions', 'malformed_target'],
    ['A11', 'GET', '/secrets/:versions', 'malformed_target'],
    ['A19', 'GET', '/secrets/app2/db?next=/api/v1/session', 'invalid_request'],
    ['A19', 'GET', '/secrets/app1/db?next=/api/v1/session', 'invalid_request'],
    ['A19', 'GET', '/secrets/session/../app2/db', 'malformed_target'],
    ['A19', 'GET', '/secrets/app1/db?path=app2/db', 'invalid_request'],
    ['A19', 'GET', '/secrets/app1/db?version=1&version=2', 'malformed_target'],
    ['A19', 'GET', '/secrets/app1/db?version[]=1', 'malformed_target'],
    ['A19', 'GET', '/secrets/app1/db?__proto__=1', 'malformed_target'],
    ['A19', 'GET', '/secrets/app1/db?version', 'malformed_target'],
    ['A19', 'GET', '/secrets/app1/db?version=%ff', 'malformed_target'],
    ['A19', 'GET', '/secrets/app1/db#version=1', 'malformed_target'],
    ['H20', 'GET', '/secrets?limit=2147483648', 'invalid_request'],
    ['H20', 'GET', '/secrets?limit=1001', 'invalid_request'],
    ['H20', 'GET', '/secrets?limit=-1', 'invalid_request'],
    ['H20', 'GET', '/secrets?limit=0', 'invalid_request'],
    ['H20', 'GET', '/secrets?limit=1e9', 'invalid_request'],
    ['H20', 'GET', '/secrets?limit=%2210%22', 'invalid_request'],
    ['H20', 'GET', '/secrets?limit=+10', 'invalid_request'],
    ['H20', 'GET', '/secrets?limit=010', 'invalid_request'],
    ['H20', 'GET', '/secrets?limit=0x10', 'invalid_request'],
    ['H20', 'GET', '/secrets?limit=10.0', 'invalid_request'],
    ['H20', 'GET', '/secrets?limit=', 'invalid_request'],
    ['H20', 'GET', '/secrets?limit=Infinity', 'invalid_request'],
    ['H20', 'GET', '/secrets/app1/db?version=2147483648', 'invalid_request'],
    ['H20', 'GET', '/secrets/app1/db?version=-1', 'invalid_request'],
    ['H20', 'GET', '/secrets/app1/db?version=99999999999999999999', 'invalid_request'],
    ['H20', 'GET', '/secrets?cursor=AAAA', 'invalid_cursor'],
    ['J10', 'GET', '/secrets/app1/caf%c3%a9', 'malformed_target'],
    ['J10', 'GET', '/secrets/app1/cafe%cc%81', 'malformed_target'],
    ['J10', 'GET', '/secrets/app1/caf\u00e9', 'malformed_request'],
  ])('%s: %s %s', async (_id, method, target, code) => {
    const answer = await one(api, method, `${API}${target}`);
    expectProblem(answer, code, routeOf(method, `${API}${target}`));
    await expectNothingButItsEntry(answer, code);
  });

  it.each([
    ['A17', `https://localhost${API}/secrets/${OWN}`],
    ['A17', `http://x//api/v1/secrets/${OWN}`],
    ['A17', `HTTPS://LOCALHOST${API}/secrets/${OWN}`],
    ['A17', `//localhost${API}/secrets/${OWN}`],
    ['A17', `/\\localhost${API}/secrets/${OWN}`],
    ['A17', `${API}/secrets/${OWN}%20`],
    ['A17', `*`],
    ['A17', `localhost:443`],
    ['A17', `api/v1/secrets/${OWN}`],
  ])('%s: GET %s', async (_id, target) => {
    const answer = await one(api, 'GET', target);
    expect(answer.status).toBe(400);
    await expectNothingButItsEntry(answer, String(codeOf(answer)));
  });
});

describe('A target that is large', () => {
  it.each<[string, string, string, ProblemCode]>([
    ['H16', 'a query of nested brackets', `/secrets?${'a[a]'.repeat(2_500)}=1`, 'malformed_target'],
    ['H16', 'a thousand parameters', `/secrets?${'limit=1&'.repeat(1_000)}q=a`, 'malformed_target'],
    ['H16', 'a path of too many segments', `/secrets/app1/${'a/'.repeat(260)}db`, 'invalid_path'],
    ['H16', 'a segment that is too long', `/secrets/app1/${'a'.repeat(65)}`, 'invalid_path'],
    ['H16', 'a target beyond every header limit', `/secrets/app1/${'a'.repeat(65_536)}`, 'headers_too_large'],
  ])('%s: %s is refused', async (_id, _what, target, code) => {
    const answer = await one(api, 'GET', `${API}${target}`);
    expectProblem(answer, code, routeOf('GET', `${API}${target}`));
    await expectNothingButItsEntry(answer, code);
  });
});

describe('Every route, in every other spelling of its target', () => {
  const spellings: Readonly<Record<string, (path: string) => string>> = {
    'A13 one character encoded': (path) => path.replace(/[a-z](?=[^/]*$)/, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
    'A13 its first letter encoded': (path) => path.replace('a', '%61'),
    'A13 encoded twice': (path) => path.replace('a', '%2561'),
    'A13 a doubled slash in front': (path) => `/${path}`,
    'A16 a doubled slash within': (path) => path.replace('/v1/', '/v1//').replace(/^\/api\/docs/, '/api//docs'),
    'A14 a slash at the end': (path) => `${path}/`,
    'A13 a path parameter': (path) => `${path};x`,
    'A13 an empty query': (path) => `${path}?`,
    'A13 NUL at the end': (path) => `${path}%00`,
    'A14 upper case': (path) => path.toUpperCase(),
    'A17 absolute form': (path) => `https://localhost${path}`,
    'A17 absolute form and a doubled slash': (path) => `http://x/${path}`,
    'A1 a dot segment in front': (path) => `/.${path}`,
    'A1 there and back again': (path) => `/x/..${path}`,
    'A11 a file extension': (path) => `${path}%2ejson`,
  };
  const routes = Object.keys(ROUTES) as RouteName[];

  it.each(Object.entries(spellings))('%s: is none of them', async (_spelling, respell) => {
    const answers: Answer[] = [];
    for (const route of routes) {
      scene.nextMinute();
      answers.push(await one(api, ROUTES[route].method, respell(ROUTES[route].path.replace(/\{\w+\}/, OWN))));
    }
    for (const answer of answers) expect(codeOf(answer)).toMatch(/^(?:malformed_target|malformed_request|unknown_route)$/);
    const entries = await scene.entries();
    for (const answer of answers) expect(entryOf(entries, answer)).toMatchObject({ action: '', outcome: 'refused', code: codeOf(answer) });
    expect(await scene.holdings()).toBe(before);
  });
});

describe('A method that the route does not know', () => {
  it.each(['HEAD', 'OPTIONS', 'TRACE', 'PUT', 'PATCH', 'PROPFIND', 'SEARCH', 'QUERY', 'PURGE'])(
    '%s: is refused, and says which are known',
    async (method) => {
      const answer = await one(api, method, `${API}/system/status`);
      expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET' } });
      await expectNothingButItsEntry(answer, 'method_not_allowed');
    },
  );

  it.each(['HEAD', 'TRACE', 'POST', 'SEARCH'])('A13: %s of a secret that could be read discloses nothing', async (method) => {
    const answer = await one(api, method, `${API}/secrets/${OWN}`);
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET, PUT, PATCH, DELETE' } });
    await expectNothingButItsEntry(answer, 'method_not_allowed');
  });

  it.each(['get', 'Get', 'GETT', 'G ET', 'FOO', 'GET\t', '\u00e9'])('A13: %j is no method', async (method) => {
    const answer = await one(api, method, `${API}/secrets/${OWN}`);
    expectProblem(answer, 'malformed_request', undefined);
    await expectNothingButItsEntry(answer, 'malformed_request');
  });

  it('A17: CONNECT opens no tunnel', async () => {
    const answer = await one(api, 'CONNECT', 'localhost:443');
    expectProblem(answer, 'malformed_request', undefined);
    await expectNothingButItsEntry(answer, 'malformed_request');
  });
});

describe('A rule', () => {
  it.each(['app1/PROD', 'app1/Prod', 'APP1/prod', 'App1/prod'])(
    'A2: with a deny for app1/prod, %s discloses nothing of it',
    async (path) => {
      await give([
        { allow: ['secret:*'], on: 'app1/**' },
        { deny: ['secret:*'], on: 'app1/prod' },
      ]);
      const answer = await one(api, 'GET', `${API}/secrets/${path}`);
      expectProblem(answer, path.startsWith('app1/') ? 'not_found' : 'denied', 'readSecret');
      await expectNothingButItsEntry(answer, String(codeOf(answer)));
    },
  );

  it('A4: that denies a subtree keeps it out of every list', async () => {
    await give([
      { allow: ['secret:list'], on: 'meta/**' },
      { deny: ['secret:list'], on: 'meta/restricted/**' },
    ]);
    for (const prefix of ['meta/restricted', 'meta/restricted/db']) {
      const answer = await one(api, 'GET', `${API}/secrets?prefix=${prefix}`);
      expectProblem(answer, 'denied', 'listSecrets');
      await expectNothingButItsEntry(answer, 'denied');
    }
    for (const query of ['prefix=meta', 'prefix=meta&recursive=true', 'recursive=true', 'q=restricted', 'q=db&recursive=true']) {
      const { status, body } = await one(api, 'GET', `${API}/secrets?${query}`);
      expect([status, body]).toEqual([200, expect.not.stringContaining('restricted')]);
    }
  });

  it.each(['team-x/db', 'team/sub/db', 'team', 'xteam/db'])('A8: on team/* gives nothing of %s, made later', async (path) => {
    await give([{ allow: ['secret:read'], on: 'team/*' }]);
    if (path.includes('/')) await scene.must(scene.caller('keeper'), 'PUT', `/secrets/${path}`, DATA);
    const answer = await one(api, 'GET', `${API}/secrets/${path}`);
    expect([400, 403]).toContain(answer.status);
    expect(answer.body).not.toContain('CANARY');
    before = await scene.holdings();
  });

  it('A7: opens the routes of its action and no others', () => {
    const actions = Object.entries(ROUTES).map(([name, { action }]) => `${name} ${action}`);
    expect(actions).toEqual([
      'readSecret secret:read',
      'writeSecret secret:write',
      'patchSecret secret:write',
      'deleteSecret secret:delete',
      'restoreSecret secret:delete',
      'destroyVersions secret:destroy',
      'listVersions secret:describe',
      'listSecrets secret:list',
      'readBundle secret:read',
      'applyRole policy:write',
      'applyRoles policy:write',
      'getRole policy:read',
      'listRoleVersions policy:read',
      'compareRoleVersions policy:read',
      'deleteRole policy:delete',
      'listRoles policy:list',
      'explain policy:read',
      'whoCan policy:read',
      'simulate policy:read',
      'suggest audit:read',
      'requestApproval approval:request',
      'listApprovals approval:list',
      'getApproval approval:list',
      'approve approval:decide',
      'deny approval:decide',
      'cancelApproval approval:request',
      'setPassword identity:credentials',
      'signIn identity:sign-in',
      'signOut identity:sign-out',
      'enrol identity:enrol',
      'issueCertificate identity:certify',
      'putIssuer identity:trust',
      'getIssuer identity:describe',
      'deleteIssuer identity:trust',
      'listIssuers identity:describe',
      'revoke identity:revoke',
      'listRevocations identity:describe',
      'liftRevocation identity:revoke',
      'inviteOperator identity:operate',
      'listOperators identity:describe',
      'getOperator identity:describe',
      'changeOperator identity:operate',
      'deleteOperator identity:operate',
      'resetPassword identity:operate',
      'listSessions identity:describe',
      'endSessions identity:sign-out',
      'changePassword identity:credentials',
      'putProvider identity:trust',
      'getProvider identity:describe',
      'deleteProvider identity:trust',
      'listProviders identity:describe',
      'startSignIn identity:sign-in',
      'finishSignIn identity:sign-in',
      'listTrustBundles identity:describe',
      'putTrustBundle identity:trust',
      'getTrustBundle identity:describe',
      'deleteTrustBundle identity:trust',
      'putCrls identity:trust',
      'readSpiffeBundle system:describe',
      'enrolTotp identity:credentials',
      'confirmTotp identity:credentials',
      'removeTotp identity:credentials',
      'resetTotp identity:operate',
      'exportLog audit:export',
      'readCheckpoint audit:read',
      'readStatus system:status',
      'initialize system:init',
      'unseal system:unseal',
      'seal system:seal',
      'describe system:describe',
      'browse system:describe',
    ]);
  });
});

describe("A role's name", () => {
  it.each([
    ['A5', '../root'],
    ['A5', 'a/../../root'],
    ['A5', 'a%2fb'],
    ['A5', 'a%00b'],
    ['A5', '%2e%2e'],
    ['A10', 'Root'],
    ['A10', 'ROOT'],
    ['A10', 'root%20'],
    ['A10', 'r%e2%80%8boot'],
    ['A10', '%ef%bd%92oot'],
    ['A10', 'r%d0%beot'],
  ])('%s: is not %s, on any route', async (_id, name) => {
    for (const method of ['GET', 'DELETE']) {
      scene.nextMinute();
      const answer = await one(scene.caller('steward'), method, `${API}/roles/${name}`);
      expect([400, 404]).toContain(answer.status);
      await expectNothingButItsEntry(answer, String(codeOf(answer)));
    }
    const role = { role: decodeURIComponent(name), rules: [{ allow: ['secret:*'], on: '**' }], bind: [idOf('api')] };
    for (const path of [`/roles/${name}`, '/roles/root']) {
      scene.nextMinute();
      const answer = await scene.ask(scene.caller('steward'), { method: 'PUT', path: `${API}${path}`, body: role });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      expect(entryOf(await scene.entries(), answer)).toMatchObject({ code: codeOf(answer) });
    }
    expect(await scene.holdings()).toBe(before);
  });
});

describe('Somebody without a credential', () => {
  it.each(['GET', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'POST'])('A23: learns by %s nothing of what is there', async (method) => {
    for (const type of [undefined, 'application/json', 'text/plain', 'application/xml']) {
      const answers: Answer[] = [];
      for (const name of [OTHER, 'app2/ab', 'none/ab']) {
        scene.nextMinute();
        const body = type === undefined ? [] : [`Content-Type: ${type}`, 'Content-Length: 2'];
        const [answer] = await scene.exchange(
          NOBODY,
          message(`${method} ${API}/secrets/${name} HTTP/1.1`, [...ENDING, ...body], type && '{}'),
        );
        if (answer !== undefined) answers.push(answer);
      }
      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 3 }, () => answers[0]?.status));
      expect(new Set(answers.map((answer) => indistinct(answer, []))).size).toBe(1);
    }
  });
});

describe('Several at once', () => {
  it.each([
    ['A25', { paths: [] }],
    ['A25', { paths: null }],
    ['A25', { paths: [OWN, OWN] }],
    ['A25', { paths: [null] }],
    ['A25', { paths: OWN }],
    ['A25', { paths: { 0: OWN } }],
    ['A25', { paths: [[OWN]] }],
    ['A25', []],
    ['A25', { paths: [OWN], recursive: true }],
  ])('%s: %j is refused whole', async (_id, body) => {
    const answer = await scene.ask(api, { method: 'POST', path: `${API}/bundle`, body });
    expectProblem(answer, 'invalid_request', 'readBundle');
    await expectNothingButItsEntry(answer, 'invalid_request');
  });

  it('A25: what may be read comes with what may not, each decided and recorded by itself', async () => {
    await give([{ allow: ['secret:*'], on: 'app1/**' }]);
    const answer = await scene.ask(api, { method: 'POST', path: `${API}/bundle`, body: { paths: [OWN, OTHER] } });
    expect(JSON.parse(answer.body).items).toMatchObject([
      { path: OWN, status: 200 },
      { path: OTHER, status: 403, code: 'denied' },
    ]);
    expect(answer.body.match(/CANARY/g)).toHaveLength(1);
    const entries = (await scene.entries()).filter(({ requestId }) => requestId === answer.headers['request-id']);
    expect(entries).toMatchObject([
      { resource: OWN, outcome: 'released' },
      { resource: OTHER, outcome: 'denied' },
    ]);
  });

  it('A26: a write says nothing of what it replaces', async () => {
    await give([{ allow: ['secret:write'], on: 'app2/**' }]);
    for (const method of ['PUT', 'PATCH']) {
      const answer = await scene.ask(api, { method, path: `${API}/secrets/${OTHER}`, body: { data: { more: '1' } } });
      expect([answer.status, answer.body]).toEqual([200, expect.not.stringContaining('CANARY')]);
    }
  });
});

it('a change that got through would have been noticed', async () => {
  await scene.must(scene.caller('keeper'), 'PATCH', '/secrets/app1/db', { labels: { planted: '1' } });
  expect(await scene.holdings()).not.toBe(before);
});

it('ONE-AUDIT: the log holds as many accesses as there were requests, and the one item more', async () => {
  await scene.settle();
  const exported = accessesIn(await scene.entries());
  expect(exported).toBe(scene.answered + 1);
});

const ENDING = ['Host: localhost', 'Connection: close'];

/** One request on a connection of its own, as it stands. */
async function one(caller: Caller, method: string, target: string): Promise<Answer> {
  const answers = await scene.exchange(caller, message(`${method} ${target} HTTP/1.1`, ENDING));
  expect(answers).toHaveLength(1);
  return answers[0] as Answer;
}

async function give(rules: readonly object[]): Promise<void> {
  await scene.applyRole('api', rules, [idOf('api')]);
}

async function expectNothingButItsEntry(answer: Answer, code: string): Promise<void> {
  expectSecurityHeaders(answer);
  expect(answer.body).not.toContain('CANARY');
  expect(entryOf(await scene.entries(), answer)).toMatchObject({ code });
  expect(await scene.holdings()).toBe(before);
}
