import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { call } from '../../apps/cli/src/client.ts';
import { operatorEndpoint, type Endpoint } from '../../apps/cli/src/client-settings.ts';
import type { Workload } from '../support/first-steps.ts';
import { Installation } from '../support/installation.ts';
import { TRUST_DOMAIN } from '../support/loopback.ts';

const TURNS = 25;

/** The command's own client, which makes a new connection for each request and keeps no agent. */
describe('the command as a client', () => {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-outbound-'));
  let installation: Installation;
  let workloads: readonly Workload[];

  beforeAll(async () => {
    installation = await Installation.create(directory);
    workloads = await Promise.all(['one', 'other'].map((name) => installation.enrol(`spiffe://${TRUST_DOMAIN}/${name}`)));
    await installation.grant('owner', 'operator:admin', { allow: ['secret:write'], on: 'app/**' });
    for (const { spiffeId } of workloads) {
      const path = pathOf(spiffeId);
      await installation.admin().must('PUT', `/api/v1/secrets/${path}`, { data: { value: spiffeId } });
      await installation.grant(path.replace('/', '-'), spiffeId, { allow: ['secret:read'], on: path });
    }
  });
  afterAll(async () => {
    await installation.stop();
    rmSync(directory, { recursive: true });
  });

  it('K11: shows each of two identities in one process as itself, however their requests mingle', async () => {
    const asked = Array.from({ length: TURNS }, () => workloads).flat();
    const answers = await Promise.all(asked.map((workload) => read(workload, workload.spiffeId)));
    expect(answers.map(({ data }) => data['value'])).toEqual(asked.map(({ spiffeId }) => spiffeId));
    const [one, other] = workloads as readonly [Workload, Workload];
    await expect(read(one, other.spiffeId)).rejects.toThrow('denied');
    const released = (await installation.entries()).filter(({ outcome }) => outcome === 'released');
    expect(released).toHaveLength(2 * TURNS);
    for (const { caller, resource } of released) expect(resource).toBe(pathOf(caller.id));
  });

  it.each(['https://127.0.0.1%00.example.com', 'https://127.0.0\u0001.1', 'https://127.0.0.1%0a', 'https://local%00host'])(
    'K13: asks no host that is named %j',
    (address) => {
      vi.stubEnv('HOLDFAST_OPERATOR_ADDR', address);
      onTestFinished(() => void vi.unstubAllEnvs());
      expect(() => operatorEndpoint()).toThrow('HOLDFAST_OPERATOR_ADDR is not an address');
    },
  );

  function read({ cert, key }: Workload, spiffeId: string) {
    const endpoint: Endpoint = {
      url: new URL(`https://127.0.0.1:${installation.server.workload?.port}`),
      ca: Buffer.from(installation.initialized.trustBundle),
      cert: Buffer.from(cert),
      key: Buffer.from(key),
    };
    return call<'readSecret'>(endpoint, { method: 'GET', target: `/secrets/${pathOf(spiffeId)}` });
  }
});

function pathOf(spiffeId: string): string {
  return `app/${spiffeId.split('/').at(-1)}`;
}
