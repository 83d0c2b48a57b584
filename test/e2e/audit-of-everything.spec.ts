import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../support/command.ts';
import { HOLDFAST } from '../support/server-process.ts';
import { accessesIn, entriesIn } from '../support/audit-export.ts';
import { API, PASSWORD } from '../support/loopback.ts';
import { idOf, NOBODY, Scene } from './scene.ts';
import type { Answer } from '../support/raw-connection.ts';
import { message } from './wire.ts';

const HOST = 'Host: localhost';
const CLOSE = 'Connection: close';
const DB = `${API}/secrets/app1/db`;

/** What one step of the script sends, how often, and what each is answered with. */
interface Step {
  readonly what: string;
  readonly times: number;
  readonly status: number;
  readonly send: (at: number) => Promise<Answer>;
}

let scene: Scene;
beforeAll(async () => {
  scene = await Scene.start();
  await scene.applyRole('api', [{ allow: ['secret:*'], on: 'app1/**' }], [idOf('api')]);
});
afterAll(() => scene.stop());

/** A day in the life of a server: work, mistakes, attempts and nonsense, one after another and at once. */
const SCRIPT: readonly Step[] = [
  { what: 'writes', times: 20, status: 200, send: (at) => as('api', 'PUT', `${DB}-${at % 5}`, { data: { at: String(at) } }) },
  { what: 'reads', times: 50, status: 200, send: (at) => as('api', 'GET', `${DB}-${at % 5}`) },
  { what: 'reads of what is there already', times: 5, status: 304, send: readAgain },
  { what: 'lists', times: 5, status: 200, send: () => as('api', 'GET', `${API}/secrets?prefix=app1`) },
  { what: 'reads of what is not there', times: 30, status: 404, send: () => as('api', 'GET', `${DB}-none`) },
  {
    what: 'writes that come too late',
    times: 10,
    status: 409,
    send: () => as('api', 'PUT', `${DB}-0`, { data: { a: '1' }, ifVersion: 0 }),
  },
  { what: 'reads of what is not theirs', times: 40, status: 403, send: (at) => as('api', 'GET', `${API}/secrets/app2/db-${at % 3}`) },
  { what: 'bodies that are none', times: 10, status: 400, send: () => as('api', 'PUT', DB, '{"data":') },
  { what: 'targets that are none', times: 10, status: 400, send: () => as('api', 'GET', `${API}/secrets/app1//db`) },
  { what: 'methods that nobody knows', times: 10, status: 405, send: () => raw('api', 'TRACE /api/v1/system/status HTTP/1.1') },
  { what: 'heads that are none', times: 10, status: 400, send: () => raw('api', 'GET /api/v1/system/status HTTP/7') },
  { what: 'floods of headers', times: 5, status: 431, send: () => raw('api', `GET ${DB} HTTP/1.1`, flood()) },
  {
    what: 'visits without a certificate',
    times: 25,
    status: 401,
    send: () => scene.ask({ listener: 'workload' }, { method: 'GET', path: DB }),
  },
  { what: 'visits with a revoked one', times: 25, status: 401, send: () => as('revoked', 'GET', DB) },
  { what: 'visits with an expired one', times: 5, status: 401, send: () => as('expired', 'GET', DB) },
  { what: 'sessions that have ended', times: 15, status: 401, send: () => as('ended', 'GET', `${API}/roles`) },
  { what: 'two credentials at once', times: 15, status: 400, send: () => as('both', 'GET', DB) },
  { what: 'looks at the status', times: 100, status: 200, send: () => scene.ask(NOBODY, { method: 'GET', path: `${API}/system/status` }) },
  { what: 'wrong passwords', times: 3, status: 401, send: (at) => signIn(`alias-${at}`, 'a wrong password') },
  { what: 'sign-ins', times: 3, status: 201, send: () => signIn('alice', PASSWORD) },
  { what: 'administration', times: 5, status: 200, send: () => as('steward', 'GET', `${API}/roles`) },
  { what: 'exports', times: 2, status: 200, send: () => as('auditor', 'GET', `${API}/audit/entries`) },
  { what: 'routes that are not there', times: 20, status: 404, send: () => as('api', 'GET', '/api/v2/secrets/app1/db') },
];

describe('ONE-AUDIT', () => {
  it.each(SCRIPT)('$times $what, one after another, are all in the log', async ({ times, status, send }) => {
    for (let at = 0; at < times; at++) expect((await send(at)).status).toBe(status);
    await expectEverythingInTheLog();
  });

  it('the whole script at once, three times over, is in the log', async () => {
    await scene.renewSession();
    const all = [...SCRIPT, ...SCRIPT, ...SCRIPT].flatMap(({ times, send }) =>
      Array.from({ length: Math.min(times, 5) }, (_, at) => send(at)),
    );
    expect((await Promise.all(all)).filter(({ status }) => status >= 500)).toEqual([]);
    await expectEverythingInTheLog();
  });

  it('a bundle is an entry for each of its items, and one where there are none', async () => {
    const paths = ['app1/db-0', 'app1/db-1', 'app1/none', 'app2/db'];
    const { items } = JSON.parse((await as('api', 'POST', `${API}/bundle`, { paths })).body);
    expect(items).toMatchObject([{ status: 200 }, { status: 200 }, { status: 404 }, { status: 403 }]);
    expect(JSON.parse((await as('steward', 'POST', `${API}/bundle`, {})).body)).toEqual({ items: [] });
    scene.answered += paths.length - 1;
    await expectEverythingInTheLog();
  });

  it('what was tried while sealed is in the log once it is open again', async () => {
    const wrong = { slot: 'file', key: Buffer.alloc(32).toString('base64') };
    await scene.seal();
    for (let at = 0; at < 10; at++) {
      expect((await scene.ask(NOBODY, { method: 'GET', path: DB })).status).toBe(503);
      expect((await scene.ask(NOBODY, { method: 'GET', path: `${API}/system/status` })).status).toBe(200);
      expect((await scene.ask(NOBODY, { method: 'POST', path: `${API}/system/unseal`, body: wrong })).status).toBe(401);
      expect((await raw(undefined, 'GET /api/v1/system/status HTTP/7')).status).toBe(400);
    }
    await scene.unseal();
    await expectEverythingInTheLog();
  });

  it('an entry that is missing, counted wrong or counted twice would be found, by the number and by the shipped verifier', async () => {
    const exported = await settledExport();
    expect(await verify(exported)).toMatchObject({ code: 0 });
    const lines = exported.split('\n');
    const folded = lines.findIndex((line) => /"count":\d\d/.test(line));
    const planted = [
      lines.toSpliced(folded, 1),
      lines.toSpliced(folded, 0, lines[folded] ?? ''),
      lines.with(folded, (lines[folded] ?? '').replace(/"count":\d+/, '"count":2')),
    ];
    for (const changed of planted.map((each) => each.join('\n'))) {
      expect(accessesIn(entriesIn(changed))).not.toBe(scene.answered);
      expect((await verify(changed)).code).toBe(1);
    }
  });
});

/** The log accounts for every request since the server began, that of the export among them. */
async function expectEverythingInTheLog(): Promise<void> {
  const exported = await settledExport();
  expect(accessesIn(entriesIn(exported))).toBe(scene.answered);
}

/** The log, with what was only counted until now in it. */
async function settledExport(): Promise<string> {
  await scene.settle();
  return scene.exportLog();
}

/** What the command that we ship says of an export. */
async function verify(exported: string) {
  const file = join(scene.directory, 'export.ndjson');
  writeFileSync(file, exported);
  return runCommand(HOLDFAST, ['audit', 'verify', file, '--key', scene.verifierKey]);
}

function as(who: string, method: string, path: string, body?: object | string): Promise<Answer> {
  return scene.ask(scene.caller(who), { method, path, body });
}

async function raw(who: string | undefined, line: string, headers: readonly string[] = []): Promise<Answer> {
  const [answer] = await scene.exchange(who === undefined ? NOBODY : scene.caller(who), message(line, [HOST, CLOSE, ...headers]));
  return answer as Answer;
}

async function readAgain(at: number): Promise<Answer> {
  const { headers } = await as('api', 'GET', `${DB}-${at % 5}`);
  return scene.ask(scene.caller('api'), { method: 'GET', path: `${DB}-${at % 5}`, headers: { 'if-none-match': headers['etag'] ?? '' } });
}

function signIn(name: string, password: string): Promise<Answer> {
  return scene.ask(NOBODY, { method: 'POST', path: `${API}/session`, body: { name, password } });
}

function flood(): readonly string[] {
  return Array.from({ length: 5_000 }, (_, at) => `X-${at}: y`);
}
