import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ResponseOf } from '#contract';
import { makeRequest } from './certificates.ts';
import { API, PASSWORD } from './loopback.ts';
import type { Credential, WireClient } from './wire-client.ts';

/** What `POST /system/init` answers. */
export type Initialized = ResponseOf<'initialize'>;

/** A workload's certificate, its key and its id. */
export interface Workload {
  readonly spiffeId: string;
  readonly cert: string;
  readonly key: string;
}

/** Makes a client of the operator listener. */
type Connect = (credential?: Credential) => WireClient;

/** Initializes a server with a `file` slot, and one more if there is a passphrase, and leaves it unsealed. */
export async function initialize(stranger: WireClient, dataDir: string, passphrase?: string): Promise<Initialized> {
  const bootstrapToken = (await readFile(join(dataDir, 'bootstrap-token'), 'utf8')).trim();
  const slots = [{ kind: 'file' }, ...(passphrase === undefined ? [] : [{ kind: 'passphrase', passphrase }])];
  const initialized = await stranger.must<Initialized>('POST', `${API}/system/init`, { bootstrapToken, slots });
  await stranger.must('POST', `${API}/system/unseal`, { slot: 'file' });
  return initialized;
}

/** Makes `operator:admin` with the token that initializing gave; returns the token of their session. */
export async function firstOperator(connect: Connect, { operatorToken }: Initialized): Promise<string> {
  const [first, stranger] = [connect({ token: operatorToken }), connect()];
  await first.must('PUT', `${API}/operators/admin`, { password: PASSWORD });
  const { token } = await stranger.must<{ token: string }>('POST', `${API}/session`, { name: 'admin', password: PASSWORD });
  first.close();
  stranger.close();
  return token;
}

/** Enrols a workload and fetches its first certificate. */
export async function enrol(admin: WireClient, stranger: WireClient, spiffeId: string): Promise<Workload> {
  const { token } = await admin.must<{ token: string }>('POST', `${API}/enrolments`, { spiffeId });
  const { csrPem: csr, privateKeyPem: key } = await makeRequest(spiffeId);
  const { chain: cert } = await stranger.must<{ chain: string }>('POST', `${API}/certificates`, { csr, token });
  return { spiffeId, cert, key };
}
