import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ResponseOf } from '#contract';
import { type Finished, runCommand } from '../support/command.ts';
import { Deployment } from '../support/deployment.ts';
import { API } from '../support/loopback.ts';
import { HOLDFAST } from '../support/server-process.ts';
import type { WireClient } from '../support/wire-client.ts';

const DOMAIN = 'acme.internal';
const ID = `spiffe://${DOMAIN}/api`;

let directory: string;
let deployment: Deployment;
let api: WireClient;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-explain-'));
  deployment = await Deployment.create(directory, DOMAIN);
  const ca = join(directory, 'ca.pem');
  await writeFile(ca, deployment.trustBundle);
  const address = `https://127.0.0.1:${deployment.server.ports.operator}`;
  env = { PATH: process.env.PATH, HOLDFAST_OPERATOR_ADDR: address, HOLDFAST_CA: ca, HOLDFAST_TOKEN: deployment.adminToken };
  const rules = [
    { allow: ['secret:read'], on: 'payments/prod/**' },
    { deny: ['secret:read'], on: 'payments/prod/root-*' },
  ];
  await deployment.applyRole({ role: 'api', rules, bind: [ID] });
  api = deployment.workload(await deployment.enrol('api'));
});

afterAll(async () => {
  api.close();
  deployment.admin.close();
  await deployment.server.stop();
  await rm(directory, { recursive: true });
});

function holdfast(...args: string[]): Promise<Finished> {
  return runCommand(HOLDFAST, args, { env });
}

async function asked<R extends 'explain' | 'whoCan' | 'simulate' | 'suggest' = 'explain'>(...args: string[]): Promise<ResponseOf<R>> {
  const { code, stdout, stderr } = await holdfast(...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

describe('holdfast explain', () => {
  it("leads from a 403's request id to the rule that decided and the grant that is missing", async () => {
    const refused = JSON.parse((await api.send('GET', `${API}/secrets/payments/test/db`)).body);
    expect(refused).toMatchObject({ status: 403, code: 'denied' });
    expect(await asked('explain', '--request', refused.requestId)).toMatchObject({
      caller: ID,
      action: 'secret:read',
      resource: 'payments/test/db',
      allowed: false,
      nearest: { name: 'api#0', lacks: ['resource'] },
      missing: { rule: { allow: ['secret:read'], on: 'payments/test/db' }, bind: ID },
      request: { id: refused.requestId },
    });
  });

  it('does so for a repeat too, and after a restart', async () => {
    const [first, again] = [await api.send('GET', `${API}/secrets/ledger/db`), await api.send('GET', `${API}/secrets/ledger/db`)].map(
      ({ body }) => JSON.parse(body),
    );
    expect(await asked('explain', '--request', again.requestId)).toMatchObject({ resource: 'ledger/db' });
    await deployment.server.stop();
    await deployment.server.start('ready');
    expect(await asked('explain', '--request', first.requestId)).toMatchObject({ resource: 'ledger/db', allowed: false });
  });

  it('answers questions that nobody has asked yet', async () => {
    expect(await asked('explain', ID, 'secret:read', 'payments/prod/db')).toMatchObject({ allowed: true, rule: 'api#0' });
    expect(await asked('explain', ID, 'secret:read', 'payments/prod/root-key')).toMatchObject({
      allowed: false,
      rule: 'api#1',
      denies: [{ name: 'api#1' }],
      nearest: { name: 'api#0', lacks: [] },
    });
  });

  it('says what is wrong with a question', async () => {
    expect(await holdfast('explain', ID)).toMatchObject({ code: 2 });
    expect(await holdfast('explain', ID, 'secret:reed', 'a/b')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('invalid_question'),
    });
    expect(await holdfast('explain', '--request', 'unheard')).toMatchObject({ code: 4 });
  });
});

describe('holdfast who-can', () => {
  it('lists who can, and who could come to', async () => {
    const found = await asked<'whoCan'>('who-can', 'secret:read', 'payments/prod/db');
    expect(found.direct).toEqual([{ principal: ID, rule: 'api#0' }]);
    const ways = found.indirect.map(({ principal, way, on }) => `${principal} ${way} ${on}`);
    expect(ways.toSorted()).toEqual([
      `operator:admin enrol ${ID}`,
      'operator:admin role administrator',
      'operator:admin trust issuer:*',
      `operator:admin trust trust-domain:${DOMAIN}`,
    ]);
    expect(await asked<'whoCan'>('who-can', 'secret:read', 'payments/prod/root-key')).toMatchObject({ direct: [] });
  });
});

describe('holdfast role test', () => {
  it('holds role files to what is expected of them, without a server', async () => {
    const role = { role: 'api', rules: [{ allow: ['secret:read'], on: 'a/**' }], bind: [ID] };
    await writeFile(join(directory, 'role.yaml'), JSON.stringify(role));
    const test = join(directory, 'roles.test.yaml');
    const offline = { env: { PATH: process.env.PATH } };
    await writeFile(test, `roles: role.yaml\nexpect:\n  - { allow: secret:read, on: a/b, for: ${ID} }\n`);
    expect(await runCommand(HOLDFAST, ['role', 'test', test], offline)).toEqual({ code: 0, stdout: '1 expectations hold\n', stderr: '' });
    await writeFile(test, `roles: role.yaml\nexpect:\n  - deny: secret:read\n    on: a/b\n    for: ${ID}\n`);
    const { code, stdout, stderr } = await runCommand(HOLDFAST, ['role', 'test', test], offline);
    const lines = [
      `${test}:3: secret:read on a/b for ${ID}`,
      '  - deny',
      '  + allow',
      '    decided by: api#0 (allow: [secret:read], on: a/**)',
    ];
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: `${lines.join('\n')}\n`,
      stderr: 'holdfast: error: 1 of 1 expectations fail\n',
    });
  });
});

describe('holdfast role simulate', () => {
  const rules = [{ allow: ['secret:read'], on: 'payments/prod/cache' }];

  it('says whose access a changed role would change, over the secrets and the log that the asker may see', async () => {
    const all = [{ allow: ['secret:*'], on: '**' }];
    await deployment.applyRole({ role: 'owner', rules: all, bind: ['operator:admin'] });
    await deployment.applyRole({ role: 'auditor', rules: [{ allow: ['audit:*'], on: '**' }], bind: ['operator:admin'] });
    await deployment.admin.must('PUT', `${API}/secrets/payments/prod/db`, { data: { a: 'CANARY' } });
    expect((await api.send('GET', `${API}/secrets/payments/prod/db`)).status).toBe(200);
    const file = join(directory, 'api.yaml');
    await writeFile(file, JSON.stringify({ role: 'api', rules, bind: [ID] }));
    const { items } = await asked<'simulate'>('role', 'simulate', '-f', file, '--since', '1h');
    const lines = items.map(({ by, change, caller, action, resource }) => `${by} ${change} ${caller} ${action} ${resource}`);
    expect(lines).toEqual([`rules lost ${ID} secret:read payments/prod/**`, `secrets lost ${ID} secret:read payments/prod/db`]);
    const { items: log } = await deployment.admin.must<ResponseOf<'simulate'>>('POST', `${API}/authz:simulate`, {
      role: { role: 'api', rules, bind: [ID] },
      since: new Date(Date.now() - 3_600_000).toISOString(),
      cursor: 'log',
    });
    expect(log).toMatchObject([{ by: 'log', change: 'lost', caller: ID, resource: 'payments/prod/db' }]);
    expect(await asked<'simulate'>('role', 'simulate', '--deleted', 'nothing')).toEqual({ items: [] });
    expect(await holdfast('role', 'simulate')).toMatchObject({ code: 2 });
  });
});

describe('holdfast role suggest', () => {
  it('writes a role that covers what was done, which the server takes, and names what nobody used', async () => {
    const { role, unused } = await asked<'suggest'>('role', 'suggest', ID, '--since', '1h');
    expect(role).toEqual({ role: 'suggested', rules: [{ allow: ['secret:read'], on: 'payments/prod/db' }], bind: [ID] });
    expect(unused).toEqual([]);
    await deployment.admin.must('PUT', `${API}/roles/suggested`, role);
    const admin = await asked<'suggest'>('role', 'suggest', 'operator:admin', '--since', '1h');
    expect(admin.unused.find(({ name }) => name === 'owner#0')?.actions).toContain('secret:destroy');
    await deployment.admin.must('PUT', `${API}/roles/${admin.role.role}`, admin.role);
  });
});
