import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { areFree } from '../../test/support/ports.ts';
import { type Ports, ServerProcess, isHealthy, somePorts } from '../../test/support/server-process.ts';

/** Where everything of the quickstart lies, relative to the repository. */
export const HOME = '.holdfast';

const DEFAULT_PORTS: Ports = { workload: 8443, operator: 8444, probe: 8445 };
const MARK = join(HOME, 'quickstart.json');

/**
 * A clean slate: what an earlier quickstart left is swept away, for its story starts with a new server. Anything else that lies there, or
 * a quickstart that still runs, is left alone, and said to be in the way.
 */
export async function sweepHome(): Promise<void> {
  if (!existsSync(HOME)) return;
  if (!existsSync(MARK)) throw new Error(`./${HOME} was not made by the quickstart: move it away first`);
  const { probe }: Ports = JSON.parse(await readFile(MARK, 'utf8'));
  if (await isHealthy(probe, 'live')) throw new Error('an earlier quickstart is still running: stop it first, with Ctrl-C in its terminal');
  await rm(HOME, { recursive: true });
}

/** Makes the home: the settings on the default ports, or on free ones where those are taken, and the secrets that a person would make up. */
export async function makeHome(trustDomain: string): Promise<ServerProcess> {
  const ports = (await areFree(Object.values(DEFAULT_PORTS))) ? DEFAULT_PORTS : await somePorts();
  await mkdir(HOME, { mode: 0o700 });
  await writeFile(MARK, JSON.stringify(ports));
  const server = await ServerProcess.prepare(HOME, { trustDomain }, ports);
  for (const name of ['passphrase', 'alice.password', 'db.password']) {
    await writeFile(join(HOME, name), randomBytes(18).toString('base64url'), { mode: 0o600 });
  }
  return server;
}
