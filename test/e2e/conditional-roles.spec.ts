import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API, TRUST_DOMAIN } from '../support/loopback.ts';
import type { Answer } from '../support/raw-connection.ts';
import { Scene } from './scene.ts';
import type { Asking } from './wire.ts';

const API_ID = `spiffe://${TRUST_DOMAIN}/api`;
const DATA = { username: 'app', password: 'CANARY-hidden' };
let scene: Scene;

beforeAll(async () => {
  scene = await Scene.start();
  const keeper = scene.caller('keeper');
  for (const [name, labels] of Object.entries({ web: { tier: 'web' }, db: { tier: 'db' }, plain: {} })) {
    await scene.must(keeper, 'PUT', `/secrets/cond/${name}`, { data: DATA, labels });
  }
}, 60_000);

afterAll(() => scene.stop());

const ask = (path: string, asking: Partial<Asking> = {}): Promise<Answer> =>
  scene.ask(scene.caller('api'), { method: 'GET', path: `${API}${path}`, ...asking });
const give = (...rules: object[]) => scene.applyRole('api', rules, [API_ID]);
/** An answer without what is its request's own. */
const alike = ({ status, body }: Answer) => [status, body.replaceAll(/"requestId":"[^"]*"/g, '')];

describe('a role with a condition on a label', () => {
  it('lets in to what has it, and answers for all else, there or not, alike', async () => {
    await give({ allow: ['secret:read', 'secret:describe'], on: 'cond/**', when: { 'label.tier': 'web' } });
    expect((await ask('/secrets/cond/web')).status).toBe(200);
    const refused = [];
    for (const path of ['cond/db', 'cond/plain', 'cond/nothing', 'cond/db:versions', 'cond/nothing:versions']) {
      refused.push(alike(await ask(`/secrets/${path}`)));
    }
    expect(new Set(refused.map(String)).size).toBe(1);
    expect(refused[0]?.[0]).toBe(403);
  });

  it('holds from the next request on when the label changes, on the same connection too', async () => {
    const keeper = scene.caller('keeper');
    await scene.must(keeper, 'PATCH', '/secrets/cond/web', { labels: { tier: 'db' } });
    expect((await ask('/secrets/cond/web')).status).toBe(403);
    await scene.must(keeper, 'PATCH', '/secrets/cond/web', { labels: { tier: 'web' } });
    expect((await ask('/secrets/cond/web')).status).toBe(200);
  });

  it('lists and bundles no more than it lets read', async () => {
    await give({ allow: ['secret:read', 'secret:list'], on: 'cond/**', when: { 'label.tier': 'web' } });
    const list = JSON.parse((await ask('/secrets?recursive=true')).body);
    expect(list.items.map(({ path }: { path: string }) => path)).toEqual(['cond/web']);
    const bundle = JSON.parse((await ask('/bundle', { method: 'POST', body: {} })).body);
    expect(bundle.items.map(({ path, status }: { path: string; status: number }) => [path, status])).toEqual([['cond/web', 200]]);
  });
});

describe('a role with a condition on the network', () => {
  it.each([
    ['127.0.0.0/8', 200],
    ['10.0.0.0/8', 403],
  ])('looks at the socket and at no header: %s', async (from, status) => {
    await give({ allow: ['secret:read'], on: 'cond/**', when: { from } });
    const headers = { 'x-forwarded-for': '10.0.0.1', forwarded: 'for=10.0.0.1' };
    expect((await ask('/secrets/cond/web', { headers })).status).toBe(status);
  });
});

describe('a role for single fields', () => {
  it('shows them and no byte of the others, in every way to read', async () => {
    await give({ allow: ['secret:read'], on: 'cond/db', fields: ['username'] });
    const answers = [
      await ask('/secrets/cond/db'),
      await ask('/secrets/cond/db?version=1'),
      await ask('/bundle', { method: 'POST', body: {} }),
      await ask('/bundle', { method: 'POST', body: {}, headers: { accept: 'text/x-dotenv' } }),
    ];
    for (const { status, body } of answers) {
      expect(status).toBe(200);
      expect(body).toContain('app');
      expect(body).not.toMatch(/CANARY|password/i);
    }
  });

  it('has a tag of its own: who saw a part gets the whole when it may, and the other way round', async () => {
    const tagOf = ({ headers }: Answer) => String(headers['etag']);
    const again = (tag: string) => ask('/secrets/cond/db', { headers: { 'if-none-match': tag } });
    const part = tagOf(await ask('/secrets/cond/db'));
    expect((await again(part)).status).toBe(304);
    await give({ allow: ['secret:read'], on: 'cond/db' });
    const whole = await again(part);
    expect([whole.status, JSON.parse(whole.body).data]).toEqual([200, DATA]);
    await give({ allow: ['secret:read'], on: 'cond/db' }, { deny: ['secret:read'], on: '**', fields: ['password'] });
    const hidden = await again(tagOf(whole));
    expect([hidden.status, JSON.parse(hidden.body).data]).toEqual([200, { username: 'app' }]);
    // The same fields, by whatever rules, are the same answer.
    expect((await again(part)).status).toBe(304);
  });
});

describe('a role of conditions', () => {
  it('is read back as it was applied', async () => {
    const rule = {
      allow: ['secret:read'],
      on: 'cond/**',
      fields: ['username'],
      when: {
        'label.tier': ['web', 'api'],
        from: ['127.0.0.0/8'],
        time: { days: ['mon'], between: ['22:00', '06:00'], zone: 'Europe/Rome' },
        method: 'certificate',
      },
    };
    await give(rule);
    expect(await scene.must(scene.caller('steward'), 'GET', '/roles/api')).toMatchObject({ role: 'api', rules: [rule] });
  });

  it.each([
    [{ from: '10.0.0.5/8' }, 'rules[0].when.from: not a network'],
    [{ colour: 'red' }, 'rules[0].when: an unknown condition'],
    [{ method: 'certificate', factors: 2 }, 'rules[0].when: it can never hold'],
  ])('is refused with the place where it is wrong: %j', async (when, hint) => {
    const role = { role: 'api', rules: [{ allow: ['secret:read'], on: 'cond/**', when }], bind: [API_ID] };
    const { status, body } = await scene.ask(scene.caller('steward'), { method: 'PUT', path: `${API}/roles/api`, body: role });
    expect([status, JSON.parse(body)]).toMatchObject([400, { code: 'invalid_role', hint: expect.stringContaining(hint) }]);
  });
});
