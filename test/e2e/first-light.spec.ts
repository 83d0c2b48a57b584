import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { verifyExport } from '#audit';
import { expect, it } from 'vitest';
import { entriesIn } from '../support/audit-export.ts';
import { enrol, type Initialized } from '../support/first-steps.ts';
import { Installation } from '../support/installation.ts';
import { API, PASSWORD, TRUST_DOMAIN } from '../support/loopback.ts';
import { temporaryDirectory } from '../support/temp-dir.ts';

const API_WORKLOAD = `spiffe://${TRUST_DOMAIN}/ns/payments/sa/api`;
const PASSPHRASE = 'correct horse battery staple';

it('runs the main job: a workload fetches its secret over mutual TLS, another is refused, and the exported log proves both', async () => {
  await using scene = await Installation.begin(temporaryDirectory(), { settings: { unseal: { file: undefined } } });
  const file = (name: string): string => readFileSync(join(scene.dataDir, name), 'utf8');
  const ready = async (): Promise<number> => (await scene.probe('/health/ready')).status;
  expect(statSync(join(scene.dataDir, 'tls/server.key')).mode & 0o777).toBe(0o600);
  const stranger = scene.operator();
  expect(JSON.parse((await stranger.send('GET', `${API}/system/status`)).body)).toMatchObject({ sealed: true });
  expect((await stranger.send('GET', `${API}/secrets/payments/prod/db`)).status).toBe(503);
  expect(await ready()).toBe(503);

  const bootstrapToken = file('bootstrap-token').trim();
  const slots = [{ kind: 'passphrase', passphrase: PASSPHRASE }];
  expect((await stranger.send('POST', `${API}/system/init`, { bootstrapToken: 'hfb_wrong', slots })).status).toBe(401);
  const initialized = await stranger.must<Initialized>('POST', `${API}/system/init`, { bootstrapToken, slots });
  expect(file('tls/ca.crt')).toBe(initialized.trustBundle);
  expect(scene.server.workload).toBeUndefined();

  const visitor = scene.operator();
  expect((await visitor.send('POST', `${API}/system/unseal`, { slot: 'passphrase', passphrase: 'wrong' })).status).toBe(401);
  await visitor.must('POST', `${API}/system/unseal`, { slot: 'passphrase', passphrase: PASSPHRASE });
  expect(await ready()).toBe(200);

  const first = scene.operator({ token: initialized.operatorToken });
  await first.must('PUT', `${API}/operators/alice`, { password: PASSWORD });
  expect((await first.send('PUT', `${API}/operators/bob`, { password: PASSWORD })).status).toBe(401);
  const { token } = await visitor.must<{ token: string }>('POST', `${API}/session`, { name: 'alice', password: PASSWORD });
  const alice = scene.operator({ token });
  const rules = [{ allow: ['secret:*'], on: 'payments/**' }];
  await alice.must('PUT', `${API}/roles/payments-owner`, { role: 'payments-owner', rules, bind: ['operator:alice'] });
  const read = [{ allow: ['secret:read'], on: 'payments/prod/**' }];
  await alice.must('PUT', `${API}/roles/payments-api`, { role: 'payments-api', rules: read, bind: [API_WORKLOAD] });
  const audit = [{ allow: ['audit:*'], on: '**' }];
  await alice.must('PUT', `${API}/roles/auditor`, { role: 'auditor', rules: audit, bind: ['operator:alice'] });
  await alice.must('PUT', `${API}/secrets/payments/prod/db`, { data: { password: 'CANARY-1' }, labels: { tier: 'db' } });

  const api = scene.workload(await enrol(alice, scene.operator(), API_WORKLOAD));
  const answer = await api.send('GET', `${API}/secrets/payments/prod/db`);
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.body)).toMatchObject({
    path: 'payments/prod/db',
    version: 1,
    data: { password: 'CANARY-1' },
    labels: { tier: 'db' },
  });
  expect(answer.headers['content-length']).toBe(String(Buffer.byteLength(answer.body)));
  const bundle = await api.send('POST', `${API}/bundle`, {});
  const items = [{ path: 'payments/prod/db', status: 200, version: 1, data: { password: 'CANARY-1' } }];
  expect(JSON.parse(bundle.body)).toEqual({ items });
  const again = await api.open('POST', `${API}/bundle`, {}, { 'if-none-match': `"0", W/${bundle.headers['etag']}` });
  expect(again.resume().statusCode).toBe(304);

  const other = scene.workload(await enrol(alice, scene.operator(), `spiffe://${TRUST_DOMAIN}/ns/shop/sa/web`));
  expect(JSON.parse((await other.send('GET', `${API}/secrets/payments/prod/db`)).body)).toMatchObject({ status: 403, code: 'denied' });
  const nobody = scene.workload();
  expect(JSON.parse((await nobody.send('GET', `${API}/secrets/payments/prod/db`)).body)).toMatchObject({
    code: 'certificate_refused',
    hint: 'no_certificate',
  });

  const exported = await alice.send('GET', `${API}/audit/entries`);
  const verdict = await verifyExport(() => chunksOf(exported.body), { verifierKey: initialized.logVerifierKey });
  expect(verdict).toMatchObject({ ok: true, findings: [] });
  const entries = entriesIn(exported.body);
  const outcomes = entries.filter((entry) => entry.action === 'secret:read').map((entry) => [entry.caller.id, entry.outcome, entry.code]);
  expect(outcomes).toEqual([
    ['anonymous', 'refused', 'sealed'],
    [API_WORKLOAD, 'released', undefined],
    [API_WORKLOAD, 'released', undefined],
    [API_WORKLOAD, 'released', undefined],
    [`spiffe://${TRUST_DOMAIN}/ns/shop/sa/web`, 'denied', 'denied'],
    ['anonymous', 'refused', 'no_certificate'],
  ]);
  expect(exported.body).not.toContain('CANARY-1');

  await alice.must('POST', `${API}/system/seal`, {});
  expect(scene.server.workload).toBeUndefined();
  expect((await alice.send('GET', `${API}/secrets/payments/prod/db`)).status).toBe(503);
});

async function* chunksOf(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}
