import { createHash } from 'node:crypto';
import { chown, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Deployment } from '../support/deployment.ts';
import { Podman } from './podman.ts';

const COMMAND = join(import.meta.dirname, '../../dist/cli');
const SECRET = 'container-canary-0b5f7d1c9a';
const DIGEST = createHash('sha256').update(SECRET).digest('hex');
const APP = 1000;
const CONFINED = { uid: APP, root: 'EROFS', capabilities: '0000000000000000' };

const directory = await mkdtemp(join(tmpdir(), 'holdfast-container-'));
const podman = await Podman.find(directory);
const required = process.env.CI === 'true';
if (typeof podman === 'string') await rm(directory, { recursive: true });
if (typeof podman === 'string' && !required) console.warn(`\n  SKIPPED: the container tests: ${podman}\n`);

/** What the workload says of where it finds itself. It never says its secret, only the digest. */
const WORKLOAD = `
  const fs = require('node:fs');
  const file = process.argv[1];
  const refused = (work) => { try { work(); return 'allowed'; } catch ({ code }) { return code; } };
  const sha256 = (text) => require('node:crypto').createHash('sha256').update(text).digest('hex');
  console.log(JSON.stringify({
    uid: process.getuid(),
    secret: file ? sha256(fs.readFileSync(file)) : sha256(process.env.DB_PASSWORD),
    mode: file && (fs.statSync(file).mode & 0o777).toString(8),
    environment: Object.keys(process.env).filter((name) => /HOLDFAST|PASSWORD/.test(name)),
    root: refused(() => fs.writeFileSync('/written', '')),
    capabilities: /CapEff:\\s+(\\S+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1],
  }));
  process.exit(7);
`;

describe.skipIf(typeof podman === 'string' && !required)('a container', () => {
  let deployment: Deployment;
  let env: Record<string, string>;

  beforeAll(async () => {
    if (typeof podman === 'string') throw new Error(`CI=true wants containers: ${podman}`);
    deployment = await Deployment.create(join(directory, 'server'), 'container.test');
    const { workload, operator } = deployment.server.ports;
    env = {
      HOLDFAST_ADDR: `https://127.0.0.1:${workload}`,
      HOLDFAST_OPERATOR_ADDR: `https://127.0.0.1:${operator}`,
      HOLDFAST_CA: '/identity/server-ca.crt',
    };
    await deployment.applyRole({ role: 'app', rules: [{ allow: ['secret:read'], on: 'app/**' }], bind: ['spiffe://container.test/app'] });
    await deployment.applyRole({ role: 'writer', rules: [{ allow: ['secret:write'], on: 'app/**' }], bind: ['operator:admin'] });
    await deployment.admin.must('PUT', '/api/v1/secrets/app/db', { data: { password: SECRET } });
    await podman.makeImage(COMMAND);
  });

  afterAll(async () => {
    await deployment?.server.stop();
    if (typeof podman !== 'string') await podman.remove();
    await rm(directory, { recursive: true, force: true });
  });

  it('gets its certificate with a one-time token, and its secret in the environment at its start', async () => {
    const finished = await start(await joined('app'), []);
    expect(finished).toMatchObject({ code: 7, stderr: '' }); // the workload's own exit code
    expect(JSON.parse(finished.stdout)).toEqual({ ...CONFINED, secret: DIGEST, environment: ['DB_PASSWORD'] });
  });

  it('gets its secret in a file that only it can read, in memory', async () => {
    const finished = await start(join(directory, 'app'), ['--files', '/run/app/secrets'], '/run/app/secrets/DB_PASSWORD');
    expect(finished).toMatchObject({ code: 7, stderr: '' });
    expect(JSON.parse(finished.stdout)).toEqual({ ...CONFINED, secret: DIGEST, mode: '400', environment: ['HOLDFAST_FILES'] });
  });

  it('with the certificate of another workload starts nothing and says why', async () => {
    const finished = await start(await joined('other'), []);
    expect(finished).toMatchObject({ code: 3, stdout: '' });
    expect(finished.stderr).toMatch(/^holdfast: error: /);
    expect(finished.stderr).not.toContain(SECRET);
  });

  it('without a certificate starts nothing', async () => {
    const identity = await identityFor('nobody');
    expect(await run(['run', '--map', 'DB_PASSWORD=app/db#password', '--', 'node', '-e', WORKLOAD], identity)).toMatchObject({
      stdout: '',
    });
  });

  /** A directory that the container sees as /identity, with the server's CA in it. */
  async function identityFor(name: string): Promise<string> {
    const identity = join(directory, name);
    await mkdir(identity, { mode: 0o700 });
    await cp(join(deployment.server.dataDir, 'tls/ca.crt'), join(identity, 'server-ca.crt'));
    await Promise.all([identity, join(identity, 'server-ca.crt')].map((path) => chown(path, APP, APP)));
    return identity;
  }

  /** Runs `holdfast join` in a container of its own, as an init container would. */
  async function joined(name: string): Promise<string> {
    const identity = await identityFor(name);
    const spiffeId = `spiffe://container.test/${name}`;
    const { token } = await deployment.admin.must<{ token: string }>('POST', '/api/v1/enrolments', { spiffeId });
    await writeFile(join(identity, 'token'), token, { mode: 0o600 });
    await chown(join(identity, 'token'), APP, APP);
    expect(await run(['join', '--token-file', '/identity/token', '--out', '/identity/own'], identity)).toMatchObject({ code: 0 });
    return identity;
  }

  function start(identity: string, options: string[], ...workload: string[]) {
    const command = ['run', '--map', 'DB_PASSWORD=app/db#password', ...options, '--', 'node', '-e', WORKLOAD, ...workload];
    return run(command, identity, { HOLDFAST_CERT: '/identity/own/cert.pem', HOLDFAST_KEY: '/identity/own/key.pem' });
  }

  function run(args: string[], identity: string, more: Record<string, string> = {}) {
    if (typeof podman === 'string') throw new Error(podman);
    return podman.run(args, { env: { ...env, PATH: '/usr/bin', ...more }, identity: `${identity}:/identity:rw` });
  }
});
