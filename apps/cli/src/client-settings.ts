import { readFileSync } from 'node:fs';
import { variable } from './environment.ts';
import { systemFailure, usageFailure } from './failure.ts';
import { storedSession } from './session-store.ts';

/** One of the server's two listeners, and what the command shows it. */
export interface Endpoint {
  readonly url: URL;
  readonly ca: Buffer | undefined;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly token?: string;
}

/** The operator listener, without a credential. */
export function operatorEndpoint(): Endpoint {
  return { url: address('HOLDFAST_OPERATOR_ADDR', 'https://127.0.0.1:8444'), ca: fileOf('HOLDFAST_CA') };
}

/** The workload listener, with a certificate. */
export function workloadEndpoint(cert: Buffer | undefined, key: Buffer | undefined): Endpoint {
  return { url: address('HOLDFAST_ADDR', 'https://127.0.0.1:8443'), ca: fileOf('HOLDFAST_CA'), cert, key };
}

/**
 * Where the caller is known: with `HOLDFAST_CERT` and `HOLDFAST_KEY` a workload on the workload listener, else an operator with
 * `HOLDFAST_TOKEN` or the session of `holdfast login`. Never both: a request carries one credential.
 */
export function callerEndpoint(): Endpoint {
  const [cert, key] = [variable('HOLDFAST_CERT'), variable('HOLDFAST_KEY')];
  if (cert === undefined && key === undefined) return withSession(operatorEndpoint());
  if (variable('HOLDFAST_TOKEN') !== undefined)
    throw usageFailure('HOLDFAST_TOKEN and HOLDFAST_CERT are both set', 'a request carries one credential');
  if (cert === undefined || key === undefined) throw usageFailure('HOLDFAST_CERT and HOLDFAST_KEY belong together');
  return workloadEndpoint(fileOf('HOLDFAST_CERT'), fileOf('HOLDFAST_KEY'));
}

function withSession(endpoint: Endpoint): Endpoint {
  const token = variable('HOLDFAST_TOKEN') ?? storedSession(endpoint.url.origin);
  if (token !== undefined) return { ...endpoint, token };
  throw usageFailure('no credential', 'set HOLDFAST_CERT and HOLDFAST_KEY, or sign in with `holdfast login NAME`');
}

function address(name: string, fallback: string): URL {
  const url = URL.parse(variable(name) ?? fallback);
  const plain = url !== null && url.protocol === 'https:' && url.pathname === '/' && url.search === '' && url.username === '';
  if (!plain) throw usageFailure(`${name} is not an address`, `for example ${fallback}`);
  return url;
}

function fileOf(name: string): Buffer | undefined {
  const file = variable(name);
  if (file === undefined) return undefined;
  try {
    return readFileSync(file);
  } catch (error) {
    throw systemFailure(`the file that ${name} names can not be read`, error);
  }
}
