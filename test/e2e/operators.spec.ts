import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeOf } from '../support/authenticator.ts';
import { type Finished, runCommand } from '../support/command.ts';
import { Installation } from '../support/installation.ts';
import { API, PASSWORD, TRUST_DOMAIN } from '../support/loopback.ts';
import { HOLDFAST } from '../support/server-process.ts';
import type { WireAnswer } from '../support/wire-client.ts';

const OTHER = 'another password of fifteen';

let directory: string;
let installation: Installation;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-'));
  installation = await Installation.create(directory);
});
afterAll(async () => {
  await installation.stop();
  rmSync(directory, { recursive: true });
});

const codeIn = ({ status, body }: WireAnswer): string => `${status} ${body === '' ? '' : (JSON.parse(body).code ?? 'ok')}`.trim();

/** A file that holds a text, as people hand passwords and tokens to a command. */
function fileOf(text: string): string {
  const file = join(directory, 'handed');
  writeFileSync(file, `${text}\n`, { mode: 0o600 });
  return file;
}

/** The command, as somebody with a place of its own to keep a session. */
function as(who: string): (...args: string[]) => Promise<Finished> {
  const env = {
    PATH: process.env.PATH,
    XDG_STATE_HOME: join(directory, who),
    HOLDFAST_CA: join(installation.dataDir, 'tls/ca.crt'),
    HOLDFAST_OPERATOR_ADDR: `https://127.0.0.1:${installation.server.operator.port}`,
  };
  return (...args) => runCommand(HOLDFAST, args, { env });
}

async function must(finished: Promise<Finished>): Promise<string> {
  const { code, stdout, stderr } = await finished;
  expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
  return stdout.trim();
}

describe('an operator, by the command', () => {
  it('is invited, sets a password, has a second factor, changes its password, is reset and goes', async () => {
    const [admin, bob] = [as('admin'), as('bob')];
    await must(admin('login', 'admin', '--password-file', fileOf(PASSWORD)));
    const token = await must(admin('operator', 'invite', 'bob', '--group', 'readers', '--group', 'ops'));
    const tokenFile = join(directory, 'token');
    writeFileSync(tokenFile, token);
    await must(bob('operator', 'set-password', 'bob', '--token-file', tokenFile, '--password-file', fileOf(PASSWORD)));
    await must(bob('login', 'bob', '--password-file', fileOf(PASSWORD)));
    expect(JSON.parse(await must(bob('operator', 'show', 'bob')))).toMatchObject({ state: 'active', groups: ['ops', 'readers'] });
    expect(JSON.parse(await must(admin('operator', 'groups', 'bob', 'ops')))).toMatchObject({ groups: ['ops'] });
    expect(await bob('operator', 'groups', 'bob', 'admins')).toMatchObject({ code: 3, stdout: '' });

    const uri = await must(bob('totp', 'enrol', '--password-file', fileOf(PASSWORD)));
    const [recovery = '', second = ''] = (await must(bob('totp', 'confirm', '--code-file', fileOf(codeOf(uri, new Date()))))).split('\n');
    const asked = await bob('login', 'bob', '--password-file', fileOf(PASSWORD));
    expect([asked.code, asked.stderr]).toEqual([2, expect.stringContaining('--code-file')]);
    const passwordFile = join(directory, 'password');
    writeFileSync(passwordFile, PASSWORD);
    await must(bob('login', 'bob', '--password-file', passwordFile, '--code-file', fileOf(recovery)));
    expect(await bob('login', 'bob', '--password-file', passwordFile, '--code-file', fileOf(recovery))).toMatchObject({ code: 3 });
    const { items } = JSON.parse(await must(bob('session', 'list', 'bob')));
    expect(items.map(({ factors, current }: { factors: number; current: boolean }) => [factors, current])).toContainEqual([2, true]);

    await must(bob('operator', 'change-password', '--current-password-file', passwordFile, '--password-file', fileOf(OTHER)));
    expect(JSON.parse(await must(bob('session', 'list', 'bob'))).items).toHaveLength(1);
    writeFileSync(passwordFile, OTHER);
    await must(bob('totp', 'remove', '--password-file', passwordFile, '--code-file', fileOf(second)));
    await must(admin('session', 'revoke', 'bob', '--all'));
    expect(await bob('operator', 'show', 'bob')).toMatchObject({ code: 3, stderr: expect.stringContaining('session_refused') });
    expect(await must(admin('operator', 'reset', 'bob'))).toMatch(/^hfo_/);
    expect(await admin('operator', 'reset', 'bob', '--totp')).toMatchObject({ code: 4 });
    await must(admin('operator', 'disable', 'bob'));
    expect(JSON.parse(await must(admin('operator', 'list'))).items).toMatchObject([{ name: 'admin' }, { name: 'bob', state: 'disabled' }]);
    await must(admin('operator', 'enable', 'bob'));
    await must(admin('operator', 'delete', 'bob'));
    expect(await admin('operator', 'delete', 'admin')).toMatchObject({ code: 1, stderr: expect.stringContaining('conflict') });
  });
});

describe('an operator with a client certificate', () => {
  it('is known by it at the operator listener alone, until it is disabled', async () => {
    const id = `spiffe://${TRUST_DOMAIN}/operator/carol`;
    const admin = installation.admin();
    const carol = await installation.enrol(id);
    await admin.must('POST', `${API}/operators`, { name: 'carol' });
    await admin.must('PATCH', `${API}/operators/carol`, { certificate: id });
    const client = installation.operator(carol);
    expect(codeIn(await client.send('GET', `${API}/operators/carol`))).toBe('200 ok');
    const refused = await installation.workload(carol).send('GET', `${API}/operators/carol`);
    expect(JSON.parse(refused.body)).toMatchObject({ code: 'certificate_refused', hint: 'operator_refused' });
    await installation.grant('carols', 'operator:carol', { allow: ['policy:list'], on: '**' });
    expect(codeIn(await client.send('GET', `${API}/roles`))).toBe('200 ok');

    const bearer = { authorization: `Bearer hfs_${'A'.repeat(43)}` };
    expect(codeIn(await client.send('GET', `${API}/roles`, undefined, bearer))).toBe('400 several_credentials');
    await admin.must('PATCH', `${API}/operators/carol`, { disabled: true });
    expect(codeIn(await client.send('GET', `${API}/roles`))).toBe('401 certificate_refused');
    const entries = await installation.entries();
    const read = entries.find(({ action, caller }) => action === 'policy:list' && caller.id === 'carol');
    expect(read?.caller).toMatchObject({ kind: 'operator', method: 'certificate', credential: expect.stringMatching(/^sha256:/) });
  });
});

describe('a sign-in that fails', () => {
  it('E2: says and weighs the same whether the name exists, was disabled, has no password, or is none', async () => {
    const admin = installation.admin();
    await admin.must('POST', `${API}/operators`, { name: 'invited' });
    await admin.must('POST', `${API}/operators`, { name: 'disabled' });
    await admin.must('PATCH', `${API}/operators/disabled`, { disabled: true });
    const answers = new Set<string>();
    for (const name of ['admin', 'nobody', 'invited', 'disabled', 'Admin', 'no name at all']) {
      const { status, rawHeaders, body } = await installation
        .operator()
        .send('POST', `${API}/session`, { name, password: 'a wrong password' });
      const { requestId, ...problem } = JSON.parse(body);
      const headers = rawHeaders.filter((_, at) => !/^(date|request-id)$/i.test(rawHeaders[at - (at % 2)] ?? ''));
      answers.add(JSON.stringify([status, headers, problem, body.length, String(requestId).length]));
    }
    expect(answers.size).toBe(1);
  });

  it('E7: counts by the address of the socket, whatever a header says', async () => {
    const codes: string[] = [];
    for (let at = 0; at < 12; at += 1) {
      const headers = { 'x-forwarded-for': `203.0.113.${at}`, forwarded: `for=203.0.113.${at}`, 'x-real-ip': `203.0.113.${at}` };
      codes.push(codeIn(await installation.operator().send('POST', `${API}/session`, { name: 'guessed', password: 'x' }, headers)));
    }
    expect(codes.filter((code) => code === '401 invalid_credentials').length).toBeLessThanOrEqual(10);
    expect(codes.at(-1)).toBe('429 too_many_requests');
  });

  it('E11: with a password of a megabyte costs no hash', async () => {
    const started = process.cpuUsage().user;
    const send = () => installation.operator().send('POST', `${API}/session`, { name: 'admin', password: 'x'.repeat(1_000_000) });
    const answers = await Promise.all(Array.from({ length: 20 }, send));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([413]));
    expect(process.cpuUsage().user - started).toBeLessThan(5_000_000);
  });
});
