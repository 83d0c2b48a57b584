import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Browser, type Page } from '../support/browser.ts';
import { mustRun, runCommand } from '../support/command.ts';
import { Installation } from '../support/installation.ts';
import { API } from '../support/loopback.ts';
import { portOf } from '../support/ports.ts';
import { OidcServer } from '../support/oidc-server.ts';
import { HOLDFAST } from '../support/server-process.ts';

const directory = mkdtempSync(join(tmpdir(), 'holdfast-oidc-'));
const at = (name: string): string => join(directory, name);

let installation: Installation;
let provider: OidcServer;
let secrets: string[];

beforeAll(async () => {
  provider = await OidcServer.start();
  provider.accounts.set('olga', { preferred_username: 'olga', groups: ['hf-readers'] });
  provider.accounts.set('otto', { preferred_username: 'Otto!' });
  secrets = [provider.clientSecret];
  installation = await Installation.create(at('server'));
  await installation.grant('readers', 'group:readers', { allow: ['policy:read', 'policy:list'], on: '**' });
  writeFileSync(at('secret'), provider.clientSecret, { mode: 0o600 });
  writeFileSync(at('provider.yaml'), stringify(settings()));
  const administrator = await installation.operator().must<{ token: string }>('POST', `${API}/session`, PASSWORD);
  await holdfastMust(['provider', 'apply', '-f', at('provider.yaml'), '--client-secret-file', at('secret')], administrator.token);
});
afterAll(async () => {
  await installation.stop();
  await provider[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

interface Begun {
  readonly flow: string;
  readonly authorizationUrl: string;
}

const PASSWORD = { name: 'admin', password: 'a password for loopback only' };

function settings(): object {
  return {
    provider: 'corp',
    issuer: provider.issuer,
    clientId: 'holdfast',
    ca: provider.ca,
    redirectUris: ['http://127.0.0.1/callback'],
    scopes: ['profile'],
    operator: '{preferred_username}',
    groups: { claim: 'groups', map: [{ value: 'hf-readers', group: 'readers' }] },
  };
}

function environment(token?: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: directory,
    XDG_STATE_HOME: at('state'),
    HOLDFAST_OPERATOR_ADDR: `https://127.0.0.1:${installation.server.operator.port}`,
    HOLDFAST_CA: join(installation.dataDir, 'tls/ca.crt'),
    ...(token !== undefined && { HOLDFAST_TOKEN: token }),
  };
}

const holdfast = (args: readonly string[], token?: string) => runCommand(HOLDFAST, args, { env: environment(token) });
const holdfastMust = (args: readonly string[], token?: string) => mustRun(HOLDFAST, args, { env: environment(token) });

/** `holdfast login --oidc corp`, waiting for whoever comes back from this address. */
class Login {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly url: Promise<string>;
  readonly #out: Promise<string>;
  #said = '';

  constructor() {
    this.#child = spawn(HOLDFAST, ['login', '--oidc', 'corp', '--no-browser'], { env: environment() });
    this.#child.stdin.end();
    this.#out = text(this.#child.stdout);
    this.url = new Promise((resolve, reject) => {
      this.#child.stderr.on('data', (chunk: Buffer) => {
        this.#said += chunk.toString();
        const [, url] = /sign in at (https:\S+)\n/.exec(this.#said) ?? [];
        if (url !== undefined) resolve(url);
      });
      this.#child.on('close', () => reject(new Error(`it ended: ${this.#said}`)));
    });
  }

  /** Where the provider sends the browser back to. */
  async redirectUri(): Promise<URL> {
    return new URL(new URL(await this.url).searchParams.get('redirect_uri') ?? '');
  }

  async ended(): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
    if (this.#child.exitCode === null) await once(this.#child, 'close');
    return { code: this.#child.exitCode, out: await this.#out, err: this.#said };
  }
}

/** The provider's own pages: the account, and then the consent. */
async function throughPages(url: string, account: string): Promise<Page> {
  const browser = new Browser(provider.ca);
  const consent = await browser.submit(await browser.open(url), { login: account, password: 'whatever' });
  return consent.url.hostname === '127.0.0.1' && consent.body.includes('<form') ? browser.submit(consent, {}) : consent;
}

/** A whole sign-in; what the command has printed. */
async function signIn(account: string): Promise<{ readonly name: string; readonly token: string }> {
  const login = new Login();
  const page = await throughPages(await login.url, account);
  expect(page).toMatchObject({ status: 200, body: expect.stringContaining('you can close this page') });
  const { code, out, err } = await login.ended();
  expect([code, err.split('\n').slice(1).join()]).toEqual([0, '']);
  secrets.push(page.url.searchParams.get('code') ?? '');
  return JSON.parse(out);
}

describe('holdfast login --oidc, at a real provider', () => {
  it('opens a session for whom the provider vouches, with the groups that it names', async () => {
    const { name } = await signIn('olga');
    expect(name).toBe('olga');
    expect(JSON.parse(await holdfastMust(['role', 'list'])).items.map(({ role }: { role: string }) => role)).toContain('readers');
    const entries = await installation.entries();
    expect(entries.filter(({ action }) => action === 'identity:sign-in').map(({ resource, outcome }) => `${resource} ${outcome}`)).toEqual(
      expect.arrayContaining(['provider:corp done', 'operator:olga done']),
    );
    expect(entries.find(({ action }) => action === 'policy:list')?.caller).toMatchObject({ kind: 'operator', id: 'olga', method: 'oidc' });
    await holdfastMust(['logout']);
    expect((await holdfast(['role', 'list'])).code).not.toBe(0);
  });

  it('D19: knows of a group that was taken away from the next sign-in on', async () => {
    const before = await signIn('olga');
    provider.accounts.set('olga', { preferred_username: 'olga', groups: [] });
    expect((await holdfast(['role', 'list'], before.token)).code).toBe(0);
    const after = await signIn('olga');
    expect((await holdfast(['role', 'list'], after.token)).code).toBe(3);
    expect((await holdfast(['role', 'list'], before.token)).code).toBe(3);
    provider.accounts.set('olga', { preferred_username: 'olga', groups: ['hf-readers'] });
  });

  it('signs nobody in whose claims make no name', async () => {
    const login = new Login();
    await throughPages(await login.url, 'otto');
    expect(await login.ended()).toMatchObject({ code: 3, out: '', err: expect.stringContaining('sign_in_refused') });
  });

  it('says so when nobody signs in at the provider', async () => {
    const login = new Login();
    const browser = new Browser(provider.ca);
    const page = await browser.follow(await browser.open(await login.url), /cancel/i);
    expect(page.url.searchParams.get('error')).toBe('access_denied');
    expect(await login.ended()).toMatchObject({ code: 1, err: expect.stringContaining('the provider signs nobody in') });
  });

  it('goes on waiting when something else comes to its port', async () => {
    const login = new Login();
    const [url, back] = [await login.url, await login.redirectUri()];
    const browser = new Browser(provider.ca);
    for (const path of ['/', '/callback', '/callback?code=x&state=y', '/callback?code=x&state=', '/other?code=x', '/callback?error=x'])
      expect((await browser.open(new URL(path, back))).status).toBe(400);
    expect((await browser.open(new URL(`/callback?state=${new URL(url).searchParams.get('state')}`, back), { code: 'x' })).status).toBe(
      400,
    );
    await throughPages(url, 'olga');
    expect((await login.ended()).code).toBe(0);
  });

  it('is worth nothing to who has the code alone, however they come', async () => {
    const thiefs = createServer((_, response) => response.end()).listen(0, '127.0.0.1');
    await once(thiefs, 'listening');
    onTestFinished(() => void thiefs.close().closeAllConnections());
    const redirectUri = `http://127.0.0.1:${portOf(thiefs)}/callback`;
    const begin = () => installation.operator().must<Begun>('POST', `${API}/oidc/corp:start`, { redirectUri });
    const finish = (flow: string, answer: object) => installation.operator().send('POST', `${API}/oidc/corp:finish`, { flow, ...answer });
    const [victim, thief, other] = [await begin(), await begin(), await begin()];
    const page = await throughPages(victim.authorizationUrl, 'olga');
    const stolen = Object.fromEntries(page.url.searchParams);
    expect(Object.keys(stolen).toSorted()).toEqual(['code', 'iss', 'state']);
    const state = new URL(other.authorizationUrl).searchParams.get('state');
    expect(await finish(thief.flow, stolen)).toMatchObject({ status: 401 });
    const good = await finish(victim.flow, stolen);
    expect(good.status).toBe(201);
    expect(await finish(victim.flow, stolen)).toMatchObject({ status: 401 });
    expect(await finish(other.flow, { ...stolen, state })).toMatchObject({ status: 401 });
    secrets.push(stolen['code'] ?? '', victim.flow, JSON.parse(good.body).token);
  });
});

describe('a provider on record', () => {
  it('is shown without its secret, and is there after a restart', async () => {
    const { token } = await installation.operator().must<{ token: string }>('POST', `${API}/session`, PASSWORD);
    const list = await holdfastMust(['provider', 'list'], token);
    expect(JSON.parse(list).items).toMatchObject([{ name: 'corp', issuer: provider.issuer, hasClientSecret: true }]);
    await installation.stop();
    await installation.start();
    const got = await holdfastMust(['provider', 'get', 'corp'], token);
    expect(JSON.parse(got)).toMatchObject({ name: 'corp', hasClientSecret: true });
    expect(list + got).not.toContain(provider.clientSecret);
    expect((await signIn('olga')).name).toBe('olga');
  });

  it('leaves no secret in the log, and none in what the command keeps but the session', async () => {
    const exported = await installation.exportedLog();
    expect(secrets.length).toBeGreaterThan(5);
    expect(secrets.filter((secret) => secret === '' || exported.includes(secret))).toEqual([]);
    expect(exported).not.toMatch(/hf[sf]_[A-Za-z0-9_-]{43}|eyJ[A-Za-z0-9_-]{20}/);
    expect(readFileSync(at('state/holdfast/sessions.json'), 'utf8')).not.toMatch(/hff_|eyJ/);
  });

  it('ends the sessions that were opened there when it goes', async () => {
    const { token: administrator } = await installation.operator().must<{ token: string }>('POST', `${API}/session`, PASSWORD);
    const { token } = await signIn('olga');
    expect((await holdfast(['role', 'list'], token)).code).toBe(0);
    await holdfastMust(['provider', 'remove', 'corp'], administrator);
    expect((await holdfast(['role', 'list'], token)).code).toBe(3);
    expect((await holdfast(['login', '--oidc', 'corp', '--no-browser'])).code).toBe(4);
    expect((await holdfast(['provider', 'remove', 'corp'], administrator)).code).toBe(4);
  });
});
