import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Log } from '../../apps/server/src/log.ts';
import { Installation } from '../support/installation.ts';
import { API, PASSWORD } from '../support/loopback.ts';
import type { WireAnswer, WireClient } from '../support/wire-client.ts';

const ROOT = 'payments/prod/root';
const CANARY = 'CANARY-approved-value';
const READ = `${API}/secrets/${ROOT}`;
const problem = ({ status, body }: WireAnswer): unknown => [status, JSON.parse(body).code];

describe('a secret that takes two persons to read', () => {
  const printed: string[] = [];
  let directory: string;
  let installation: Installation;
  let asker: WireClient;
  let second: WireClient;
  let other: { token: string };

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'holdfast-approvals-'));
    const stream = new PassThrough().on('data', (bytes: Buffer) => printed.push(bytes.toString()));
    installation = await Installation.create(directory, { overrides: { log: new Log('warn', stream) } });
    const admin = installation.admin();
    await installation.grant('writer', 'operator:admin', { allow: ['secret:write'], on: 'payments/**' });
    await admin.must('PUT', READ, { data: { password: CANARY } });
    other = await secondOperator(admin);
    await installation.grant('glass', 'operator:admin', { allow: ['secret:read'], on: 'payments/**', when: { approved: true } });
    await installation.grant('second', 'operator:bob', { allow: ['approval:list', 'approval:decide'], on: 'secret:read/payments/**' });
    clients();
  });
  afterAll(async () => {
    await installation.stop();
    await rm(directory, { recursive: true, force: true });
  });

  function clients(): void {
    asker = installation.admin();
    second = installation.operator({ token: other.token });
  }

  async function secondOperator(admin: WireClient): Promise<{ token: string }> {
    const { token } = await admin.must<{ token: string }>('POST', `${API}/operators`, { name: 'bob' });
    await installation.operator({ token }).must('PUT', `${API}/operators/bob`, { password: PASSWORD });
    return installation.operator().must('POST', `${API}/session`, { name: 'bob', password: PASSWORD });
  }

  const request = (more: object = {}) =>
    asker.must<{ id: string }>('POST', `${API}/approvals`, { action: 'secret:read', resource: ROOT, reason: 'the night shift', ...more });
  const approve = (id: string) => second.must('POST', `${API}/approvals/${id}:approve`, {});

  it('is refused alike whether it is there or not, and the answer says how to ask', async () => {
    const [there, missing] = [await asker.send('GET', READ), await asker.send('GET', `${READ}-not`)];
    expect(problem(there)).toEqual([403, 'approval_needed']);
    const same = ({ body }: WireAnswer) => ({ ...JSON.parse(body), requestId: '' });
    expect(same(missing)).toEqual(same(there));
    expect(same(there).hint).toContain('holdfast approval request secret:read');
  });

  it('is read once that somebody else has approved, loudly', async () => {
    const { id } = await request();
    expect(problem(await asker.send('POST', `${API}/approvals/${id}:approve`, {}))).toEqual([403, 'denied']);
    await approve(id);
    const answer = await asker.send('GET', READ);
    expect([answer.status, JSON.parse(answer.body).data]).toEqual([200, { password: CANARY }]);
    expect(problem(await asker.send('GET', READ))).toEqual([403, 'approval_needed']);
    const entries = await installation.entries();
    const { requestId = '' } = entries.find(({ approval }) => approval === id) ?? {};
    expect(answer.headers['request-id']).toBe(requestId);
    const loud = printed.filter((line) => line.includes('break_glass'));
    expect(loud.map((line) => JSON.parse(line))).toMatchObject([{ level: 'warn', event: 'break_glass', requestId }]);
    expect(loud.join('')).not.toMatch(/payments|CANARY|admin/);
    expect((await installation.probe('/metrics')).body).toContain('holdfast_approved_accesses_total{action="secret:read"} 1');
  });

  it('F5: is read by one of 64 at once', async () => {
    await approve((await request()).id);
    const answers = await Promise.all(Array.from({ length: 64 }, () => asker.send('GET', READ)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 403)).toHaveLength(63);
    expect(answers.filter(({ body }) => body.includes(CANARY))).toHaveLength(1);
  });

  it('keeps what was approved, and what was used, over a restart', async () => {
    const { id } = await request({ once: false });
    await approve(id);
    await installation.stop();
    await installation.start();
    clients();
    expect((await asker.send('GET', READ)).status).toBe(200);
    await asker.must('POST', `${API}/approvals/${id}:cancel`, {});
    expect(problem(await asker.send('GET', READ))).toEqual([403, 'approval_needed']);
  });

  it('keeps its log whole', async () => {
    const entries = await installation.entries();
    expect(
      entries
        .filter(({ outcome, resource }) => outcome === 'released' && resource === ROOT)
        .every(({ approval }) => approval !== undefined),
    ).toBe(true);
  });
});
