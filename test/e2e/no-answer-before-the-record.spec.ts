import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuthzError } from '#authz';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAsThief, stealDatabaseKey } from '../support/database-thief.ts';
import { HeldCommits } from '../support/held-commits.ts';
import { Installation } from '../support/installation.ts';
import { API, TRUST_DOMAIN } from '../support/loopback.ts';
import { RawConnection } from '../support/raw-connection.ts';
import type { Credential } from '../support/wire-client.ts';

const READER = `spiffe://${TRUST_DOMAIN}/ns/shop/sa/web`;
const VALUE = 'CANARY-the-value-itself';
const NO_BODY = 'content-length: 0';

type Access = readonly [name: string, action: string, request: readonly [method: string, path: string, ...headers: string[]]];

/** What tells a caller something of a secret, or changes one that no other access here needs. */
const ACCESSES: readonly Access[] = [
  ['a read', 'secret:read', ['GET', '/secrets/shop/db']],
  ['a read of an older version', 'secret:read', ['GET', '/secrets/shop/db?version=1']],
  ['a read whose value the caller has already', 'secret:read', ['GET', '/secrets/shop/db', 'if-none-match: "2.2"']],
  ['a bundle of all there is', 'secret:read', ['POST', '/bundle', NO_BODY]],
  ['a bundle as an environment', 'secret:read', ['POST', '/bundle', NO_BODY, 'accept: text/x-dotenv']],
  ['a list', 'secret:list', ['GET', '/secrets?recursive=true']],
  ['a look at the versions', 'secret:describe', ['GET', '/secrets/shop/db:versions']],
  ['a delete', 'secret:delete', ['DELETE', '/secrets/shop/old']],
];

/** A refusal has an entry of its own only the first time within a minute, so each of these is tried once. */
function refusalsOf(name: string): readonly Access[] {
  return [
    ['a read of what is not there', 'secret:read', ['GET', `/secrets/shop/${name}`]],
    ['a read that is denied', 'secret:read', ['GET', `/secrets/bank/${name}`]],
  ];
}

let directory: string;
let installation: Installation;
let reader: Credential;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-'));
  installation = await Installation.create(directory);
  await installation.grant('shop-owner', 'operator:admin', { allow: ['secret:*'], on: 'shop/**' });
  await installation.grant('shop-reader', READER, { allow: ['secret:*'], on: 'shop/**' });
  const admin = installation.admin();
  for (const password of ['an older one', VALUE]) await admin.must('PUT', `${API}/secrets/shop/db`, { data: { password } });
  await admin.must('PUT', `${API}/secrets/shop/old`, { data: { password: VALUE } });
  reader = await installation.enrol(READER);
});

afterAll(async () => {
  await installation.stop();
  rmSync(directory, { recursive: true });
});

function connect(): Promise<RawConnection> {
  return RawConnection.open(installation.server.workload?.port ?? 0, installation.initialized.trustBundle, reader);
}

/**
 * Time for anything that is on its way to arrive, in turns of the event loop and not in seconds: whole exchanges with the same process,
 * over sockets of the same kind. The planted fault below shows that they are enough.
 */
async function someTurns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await installation.probe('/health/live');
}

describe('while an entry is not yet durable', () => {
  it('this test sees a server that answers early', async () => {
    using commits = new HeldCommits();
    using connection = await connect();
    connection.ask('GET', `${API}/secrets/shop/db`);
    await commits.holds(1);
    commits.pretend();
    await someTurns();
    expect(connection.received).toContain(VALUE);
  });

  it.each([...ACCESSES, ...refusalsOf('held')])(
    'no byte of the answer to %s leaves the process, and all of it does afterwards',
    async (_name, action, [method, path, ...headers]) => {
      using commits = new HeldCommits();
      using connection = await connect();
      connection.ask(method, `${API}${path}`, ...headers);
      await commits.holds(1);
      await someTurns();
      expect(connection.received).toBe('');
      expect(new Set(commits.actions)).toEqual(new Set([action]));

      commits.release();
      await connection.answered();
      expect(connection.received).toMatch(/^HTTP\/1\.1 (200|204|304|403|404) /);
    },
  );

  it('each of several reads on one connection waits for its own entry', async () => {
    using commits = new HeldCommits();
    using connection = await connect();
    for (let i = 0; i < 3; i++) connection.ask('GET', `${API}/secrets/shop/db`);
    await commits.holds(3);
    for (let released = 0; released <= 3; released++) {
      await connection.answered(released);
      await someTurns();
      expect(connection.received.split(VALUE)).toHaveLength(released + 1);
      commits.release(1);
    }
  });
});

describe('when an entry can not be made durable', () => {
  it.each([...ACCESSES, ...refusalsOf('failing')])(
    '%s is answered with storage_unavailable and nothing else',
    async (_name, _action, [method, path, ...headers]) => {
      using commits = new HeldCommits();
      using connection = await connect();
      connection.ask(method, `${API}${path}`, ...headers);
      await commits.holds(1);
      commits.fail(new AuthzError('storage_unavailable'));
      await connection.answered();
      expect(connection.received).toMatch(/^HTTP\/1\.1 503 /);
      expect(connection.received).toContain('"code":"storage_unavailable"');
      expect(connection.received).not.toContain('CANARY');
    },
  );

  it('a database that somebody else has locked gives out nothing, and gives out all once it is free', async () => {
    const thief = openAsThief(installation.dataDir, await stealDatabaseKey(installation));
    using connection = await connect();
    thief.exec('BEGIN IMMEDIATE');
    connection.ask('GET', `${API}/secrets/shop/db`);
    await connection.answered();
    expect(connection.received).toMatch(/^HTTP\/1\.1 503 /);
    expect(connection.received).not.toContain('CANARY');

    thief.exec('ROLLBACK');
    thief.close();
    connection.ask('GET', `${API}/secrets/shop/db`);
    await connection.answered(2);
    expect(connection.received).toContain(VALUE);
  });
});
