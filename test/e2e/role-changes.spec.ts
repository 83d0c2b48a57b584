import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Installation } from '../support/installation.ts';
import { API } from '../support/loopback.ts';
import type { WireClient } from '../support/wire-client.ts';

const APP = 'spiffe://acme.internal/app';
const SECRET = `${API}/secrets/app1/db`;
const reader = (on: string) => ({ role: 'reader', rules: [{ allow: ['secret:read'], on }], bind: [APP] });

interface Read {
  readonly begun: number;
  readonly status: number;
}

describe('a change of roles', () => {
  let directory: string;
  let installation: Installation;
  let admin: WireClient;
  let app: WireClient;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'holdfast-roles-'));
    installation = await Installation.create(directory);
    admin = installation.admin();
    await installation.grant('writer', 'operator:admin', { allow: ['secret:write'], on: 'app1/**' });
    await admin.must('PUT', SECRET, { data: { a: '1' } });
    app = installation.workload(await installation.enrol(APP));
  });
  afterAll(async () => {
    await installation.stop();
    await rm(directory, { recursive: true, force: true });
  });

  /** Reads without a pause, over connections that stay open, while something is done; what was answered to reads begun after that. */
  async function readsAfter(change: () => Promise<unknown>): Promise<readonly number[]> {
    const reads: Read[] = [];
    const readers = new AbortController();
    const readOn = async (): Promise<void> => {
      while (!readers.signal.aborted) {
        const begun = performance.now();
        const { status } = await app.send('GET', SECRET);
        reads.push({ begun, status });
      }
    };
    const reading = Array.from({ length: 8 }, readOn);
    while (reads.length < 50) await app.send('GET', SECRET);
    await change();
    const done = performance.now();
    const seen = reads.length;
    while (reads.length < seen + 50) await app.send('GET', SECRET);
    readers.abort();
    await Promise.all(reading);
    expect(reads.filter(({ begun }) => begun < done).some(({ status }) => status === 200)).toBe(true);
    return reads.filter(({ begun }) => begun > done).map(({ status }) => status);
  }

  it.each<[string, () => Promise<unknown>]>([
    ['is deleted', () => admin.must('DELETE', `${API}/roles/reader`)],
    ['is put on something else', () => admin.must('PUT', `${API}/roles/reader`, reader('app2/**'))],
    [
      'is taken back by a file of several',
      () => admin.must('POST', `${API}/roles:apply`, { roles: [reader('app2/**'), { ...reader('app2/**'), role: 'other' }] }),
    ],
  ])('F10: lets no read through that began after the answer, when the role %s', async (_how, change) => {
    await admin.must('PUT', `${API}/roles/reader`, reader('app1/**'));
    const after = await readsAfter(change);
    expect(after.length).toBeGreaterThan(40);
    expect(new Set(after)).toEqual(new Set([403]));
  });

  it('F8: is the whole role, or is none: what a body leaves out is not kept from before, and not forgotten in silence', async () => {
    await admin.must('PUT', `${API}/roles/reader`, reader('app1/**'));
    const answers = [
      { role: 'reader', rules: [] },
      { role: 'reader', bind: [] },
    ].map((body) => admin.send('PUT', `${API}/roles/reader`, body));
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([400, 400]);
    const stale = await admin.send('PUT', `${API}/roles/reader`, { ...reader('**'), ifVersion: 1 });
    expect([stale.status, JSON.parse(stale.body).code]).toEqual([409, 'conflict']);
    expect((await app.send('GET', SECRET)).status).toBe(200);
  });

  it('is nothing at all in a dry run, nor where one role of a file is refused', async () => {
    const roles = [reader('app2/**'), { role: 'broken', rules: [{ allow: ['secret:fly'], on: '**' }], bind: [] }];
    const [dry, broken] = [{ roles: roles.slice(0, 1), dryRun: true }, { roles }];
    const { items } = await admin.must<{ items: object[] }>('POST', `${API}/roles:apply`, dry);
    expect(items).toMatchObject([
      { role: 'reader', change: 'changed', diff: ['- allow secret:read on app1/**', '+ allow secret:read on app2/**'] },
    ]);
    expect((await admin.send('POST', `${API}/roles:apply`, broken)).status).toBe(400);
    expect((await app.send('GET', SECRET)).status).toBe(200);
  });
});
