import { beforeEach, describe, expect, it } from 'vitest';
import { Gate } from '#authz';
import { SecretBytes } from '#crypto';
import { ANONYMOUS, isToken, SERVER } from '#identity';
import { operator } from '../../../test/support/callers.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { FakePolicy } from '../../../test/support/fake-policy.ts';
import { FakeJournal, FakeKeyFile, FakeSlotFileStore, FakeTokenStore, FakeVaultDatabase } from '../../../test/support/fake-vault-ports.ts';
import { entryOfLine } from './attempt.ts';
import { AuthorityBootstrap, type FirstAuthority } from './authority-bootstrap.ts';
import { InitializeVault } from './initialize-vault.ts';
import { KeyringHolder } from './keyring-holder.ts';
import type { Keyring } from './keyring.ts';
import { LookAround } from './look-around.ts';
import { SealVault } from './seal-vault.ts';
import { SealedAttempts } from './sealed-attempts.ts';
import { UnsealVault } from './unseal-vault.ts';
import { Vault } from './vault.ts';

const REQUEST = { id: 'request-1', peer: '192.0.2.1' };
const KEY = SecretBytes.random(32);

class OneRole extends AuthorityBootstrap {
  readonly trustDomain = 'acme.internal';

  prepare(keyring: Keyring): Promise<FirstAuthority> {
    const sealed = keyring.sealRecord('role', 'administrator', 1, { role: 'administrator' });
    const write = { kind: 'role', key: keyring.recordIndex('role', 'administrator'), rev: 1, sealed } as const;
    return Promise.resolve({ writes: [write], operatorToken: 'hfo_token' });
  }
}

function newServer() {
  const database = new FakeVaultDatabase();
  const journal = new FakeJournal();
  const tokens = new FakeTokenStore();
  const keyFile = new FakeKeyFile();
  const clock = new FakeClock();
  const holder = new KeyringHolder();
  const { committer, reader } = database;
  const policy = new FakePolicy([{ role: 'sealer', rules: [{ allow: ['system:seal'], on: 'server' }], bind: ['operator:ann'] }]);
  const gate = new Gate(policy, reader, committer, clock);
  const vault = new Vault(new FakeSlotFileStore(), database, { records: [holder], serves: [] }, clock);
  const attempts = new SealedAttempts(journal, committer, gate, clock);
  const initialize = new InitializeVault(vault, gate, attempts, { tokens, keyFile, authority: new OneRole() });
  const unseal = new UnsealVault(vault, gate, attempts, keyFile);
  const seal = new SealVault(vault, gate);
  const look = new LookAround(vault, gate);
  keyFile.content = Buffer.from(KEY.bytes);
  return { database, journal, tokens, keyFile, clock, holder, vault, gate, look, initialize, unseal, seal };
}

let server: ReturnType<typeof newServer>;

beforeEach(async () => {
  server = newServer();
  await server.vault.start();
  await server.initialize.prepareToken();
});

async function initialize(bootstrapToken = server.tokens.token ?? ''): Promise<string> {
  const { operatorToken } = await server.initialize.perform({ bootstrapToken, slots: [{ kind: 'file' }] }, REQUEST);
  return operatorToken;
}

const entries = () => server.database.committer.entries.map(({ action, outcome, code, count }) => ({ action, outcome, code, count }));

describe('InitializeVault', () => {
  it('has a token ready while the server is uninitialized, the same after a restart, and none later', async () => {
    const { token } = server.tokens;
    expect(isToken('bootstrap', token ?? '')).toBe(true);
    await server.initialize.prepareToken();
    expect(server.tokens.token).toBe(token);
    await initialize();
    expect(server.tokens.token).toBeUndefined();
    server.tokens.token = token;
    await server.initialize.prepareToken();
    expect(server.tokens.token).toBeUndefined();
  });

  it('answers what the operator needs, and commits the keys and the first authority with their one entry', async () => {
    const slots = [{ kind: 'file' }, { kind: 'passphrase', passphrase: 'correct horse' }] as const;
    const answer = await server.initialize.perform({ bootstrapToken: server.tokens.token ?? '', slots }, REQUEST);
    expect(answer).toEqual({
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
      logVerifierKey: expect.stringMatching(/^acme\.internal\/[0-9a-f]{16}\/1\+/),
      trustBundle: expect.stringContaining('BEGIN CERTIFICATE'),
      operatorToken: 'hfo_token',
    });
    expect(server.database.committer.submissions.length).toBe(1);
    expect(server.database.committer.rows.size).toBe(8);
    expect(server.database.committer.entries).toMatchObject([
      {
        action: 'system:init',
        resource: 'server',
        outcome: 'done',
        digest: expect.stringMatching(/^[0-9a-f]{64}$/),
        requestId: 'request-1',
      },
    ]);
    expect(server.vault.state()).toBe('sealed');
  });

  it('answers all the same when the token can not be removed, which the next start does', async () => {
    const { tokens } = server;
    const { token } = tokens;
    tokens.remove = () => Promise.reject(new Error('read-only'));
    expect(await initialize()).toBe('hfo_token');
    expect(server.journal.lines).toEqual([]);
    await expect(initialize(token)).rejects.toMatchObject({ code: 'already_initialized' });
  });

  it('refuses a wrong token, and any token when there is none, and keeps both attempts for the log', async () => {
    await expect(initialize('hfb_wrong')).rejects.toMatchObject({ code: 'bootstrap_refused' });
    server.tokens.token = undefined;
    await expect(initialize('')).rejects.toMatchObject({ code: 'bootstrap_refused' });
    expect(server.journal.lines.map((line) => entryOfLine(line)?.code)).toEqual(['bootstrap_refused', 'bootstrap_refused']);
    expect(server.vault.state()).toBe('uninitialized');
  });

  it('wants a key file for a slot of the kind file', async () => {
    server.keyFile.content = undefined;
    await expect(initialize()).rejects.toMatchObject({ code: 'unknown_slot' });
  });

  it('is done once: later attempts are kept while sealed and recorded at once while unsealed', async () => {
    const token = server.tokens.token;
    await initialize();
    await expect(initialize(token)).rejects.toMatchObject({ code: 'already_initialized' });
    await server.unseal.perform({ slot: 'file' }, SERVER, REQUEST);
    await expect(initialize(token)).rejects.toMatchObject({ code: 'already_initialized' });
    expect(server.journal.lines).toEqual([]);
    expect(entries().filter(({ code }) => code === 'already_initialized').length).toBe(2);
  });
});

describe('UnsealVault', () => {
  it('opens with the key file, or with a key that is sent', async () => {
    await initialize();
    await server.unseal.perform({ slot: 'file' }, SERVER, REQUEST);
    expect(server.holder.keyring.fingerprint).toMatch(/^[0-9a-f]{16}$/);
    await server.vault.seal();
    expect(() => server.holder.keyring).toThrow('sealed');
    await server.unseal.perform({ slot: 'file', key: KEY.bytes.toString('base64') }, ANONYMOUS, REQUEST);
    expect(entries().at(-1)).toMatchObject({ action: 'system:unseal', outcome: 'done' });
  });

  it('enters in the log what failed before, with its own time and request, before the success', async () => {
    await initialize();
    const wrong = { slot: 'file', key: SecretBytes.random(32).bytes.toString('base64') } as const;
    const failedAt = server.clock.now().toISOString();
    await expect(server.unseal.perform(wrong, ANONYMOUS, { id: 'bad', peer: '192.0.2.9' })).rejects.toMatchObject({ code: 'wrong_key' });
    await expect(server.unseal.perform({ slot: 'passphrase', passphrase: 'x' }, ANONYMOUS, REQUEST)).rejects.toMatchObject({
      code: 'unknown_slot',
    });
    server.clock.advance(60_000);
    await server.unseal.perform({ slot: 'file' }, SERVER, REQUEST);
    expect(server.database.committer.entries.slice(1)).toMatchObject([
      { time: failedAt, action: 'system:unseal', outcome: 'failed', code: 'wrong_key', peer: '192.0.2.9', requestId: 'bad' },
      { action: 'system:unseal', outcome: 'failed', code: 'unknown_slot' },
      { action: 'system:unseal', outcome: 'done', caller: { kind: 'server' } },
    ]);
    expect(server.journal.lines).toEqual([]);
  });

  it('keeps at most 1,000 attempts; what is beyond is counted by the gate', async () => {
    await initialize();
    server.journal.lines = Array<string>(1_000).fill('torn');
    server.database.committer.failWith('sealed');
    for (let i = 0; i < 3; i++) {
      await expect(server.unseal.perform({ slot: 'passphrase', passphrase: 'x' }, ANONYMOUS, REQUEST)).rejects.toThrow('slot');
    }
    expect(server.journal.lines.length).toBe(1_000);
    server.database.committer.failWith(undefined);
    await server.unseal.perform({ slot: 'file' }, SERVER, REQUEST);
    await server.gate.flush();
    expect(entries().slice(1)).toEqual([
      { action: 'system:unseal', outcome: 'done', code: undefined, count: undefined },
      { action: 'system:unseal', outcome: 'refused', code: 'unknown_slot', count: 3 },
    ]);
  });

  it('derives no key once sixteen wait, and opens for the right one all the same', async () => {
    const slots = [{ kind: 'file' }, { kind: 'passphrase', passphrase: 'correct horse' }] as const;
    await server.initialize.perform({ bootstrapToken: server.tokens.token ?? '', slots }, REQUEST);
    const wrong = { slot: 'file', key: SecretBytes.random(32).bytes.toString('base64') } as const;
    const tries = Array.from({ length: 60 }, (_, at) =>
      server.unseal.perform(wrong, ANONYMOUS, { id: `r${at}`, peer: `192.0.2.${at}` }).catch((error: { code: string }) => error.code),
    );
    const codes = await Promise.all(tries);
    expect(codes.slice(0, 16)).toEqual(Array(16).fill('wrong_key'));
    expect(codes.slice(16)).toEqual(Array(44).fill('too_many_requests'));
    await server.unseal.perform({ slot: 'passphrase', passphrase: 'correct horse' }, ANONYMOUS, REQUEST);
    expect(entries().filter(({ code }) => code === 'wrong_key').length).toBe(16);
  });

  it('makes an address wait that guesses, and never the server itself', async () => {
    await initialize();
    const wrong = { slot: 'passphrase', passphrase: 'x' } as const;
    const guess = (): Promise<unknown> => server.unseal.perform(wrong, ANONYMOUS, REQUEST).catch((error: { code: string }) => error.code);
    for (let i = 0; i < 15; i++) expect(await guess()).toBe('unknown_slot');
    expect(await guess()).toBe('too_many_requests');
    await expect(initialize('hfb_wrong')).rejects.toMatchObject({ code: 'too_many_requests' });
    expect(server.journal.lines).toHaveLength(15);
    await server.unseal.perform({ slot: 'file' }, SERVER, { ...REQUEST, peer: '' });
    expect(server.vault.state()).toBe('unsealed');
  });

  it('stays sealed when what was tried can not be entered, and keeps it', async () => {
    await initialize();
    await expect(server.unseal.perform({ slot: 'passphrase', passphrase: 'x' }, ANONYMOUS, REQUEST)).rejects.toThrow('slot');
    server.database.committer.failWith('storage_unavailable');
    await expect(server.unseal.perform({ slot: 'file' }, SERVER, REQUEST)).rejects.toMatchObject({ code: 'storage_unavailable' });
    expect(server.vault.state()).toBe('sealed');
    expect(server.journal.lines.map((line) => entryOfLine(line)?.code)).toEqual(['unknown_slot', 'storage_unavailable']);
  });

  it('records an attempt on an unsealed server at once', async () => {
    await initialize();
    await server.unseal.perform({ slot: 'file' }, SERVER, REQUEST);
    await expect(server.unseal.perform({ slot: 'file' }, ANONYMOUS, REQUEST)).rejects.toMatchObject({ code: 'already_unsealed' });
    expect(entries().at(-1)).toMatchObject({ action: 'system:unseal', outcome: 'failed', code: 'already_unsealed' });
  });
});

describe('LookAround', () => {
  it('tells anybody whether the server is sealed, and is recorded', async () => {
    await initialize();
    expect(await server.look.status(ANONYMOUS, REQUEST)).toEqual({ sealed: true });
    await server.unseal.perform({ slot: 'file' }, SERVER, REQUEST);
    expect(await server.look.status(ANONYMOUS, { ...REQUEST, peer: '192.0.2.2' })).toEqual({ sealed: false });
    expect(entries().at(-1)).toMatchObject({ action: 'system:status', outcome: 'done' });
  });

  it('answers while the log is closed, and is counted for later', async () => {
    await initialize();
    server.database.committer.failWith('sealed');
    expect(await server.look.status(ANONYMOUS, REQUEST)).toEqual({ sealed: true });
    await server.look.description(ANONYMOUS, REQUEST);
    server.database.committer.failWith(undefined);
    await server.gate.flush();
    expect(entries().slice(1)).toMatchObject([
      { action: 'system:status', count: 1 },
      { action: 'system:describe', count: 1 },
    ]);
  });

  it('answers nothing that can not be recorded for another reason', async () => {
    await initialize();
    server.database.committer.failWith('storage_unavailable');
    await expect(server.look.status(ANONYMOUS, REQUEST)).rejects.toMatchObject({ code: 'storage_unavailable' });
  });
});

describe('SealVault', () => {
  it('seals for whom a rule allows it, as the last entry', async () => {
    await initialize();
    await server.unseal.perform({ slot: 'file' }, SERVER, REQUEST);
    await expect(server.seal.perform(operator('bob'), REQUEST)).rejects.toMatchObject({ code: 'denied' });
    expect(server.vault.state()).toBe('unsealed');
    await server.seal.perform(operator('ann'), REQUEST);
    expect(server.vault.state()).toBe('sealed');
    expect(entries().at(-1)).toMatchObject({ action: 'system:seal', outcome: 'done' });
  });
});
