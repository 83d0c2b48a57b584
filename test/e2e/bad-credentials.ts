import { X509Certificate } from 'node:crypto';
import { makeRequest } from '../support/certificates.ts';
import { API, PASSWORD, TRUST_DOMAIN } from '../support/loopback.ts';
import { idOf, NOBODY, type Caller, type Scene } from './scene.ts';

/** A credential that makes nobody a caller. */
export interface State {
  readonly title: string;
  readonly caller: Caller;
}

const MINUTE = 60_000;
const CERTIFICATES = ['expired', 'revoked', 'forged', 'foreign'] as const;

/** Every credential that was good once, or never. Takes half a day of the scene's clock. */
export async function badCredentials(scene: Scene): Promise<readonly State[]> {
  // While the scene's clock is still right: OpenSSL looks at the machine's.
  const certificates = [...(await revoked(scene)), { title: 'certificate, renewed twice from one generation', caller: await twin(scene) }];
  const idle = await scene.signIn();
  scene.clock.advance(15 * MINUTE + 1);
  const worn = await scene.signIn();
  for (let at = 0; at < 60; at += 1) {
    scene.clock.advance(12 * MINUTE);
    await scene.ask(worn, { method: 'GET', path: `${API}/system/status` });
  }
  await scene.renewSession();
  return [
    { title: 'workload listener, no certificate', caller: { listener: 'workload' } },
    ...CERTIFICATES.map((name) => ({ title: `certificate, ${name}`, caller: scene.caller(name) })),
    ...CERTIFICATES.map((name) => ({ title: `… at the operator listener, ${name}`, caller: operatorListener(scene.caller(name)) })),
    ...certificates,
    { title: 'certificate and session, both good', caller: scene.caller('both') },
    { title: 'session, signed out', caller: scene.caller('ended') },
    { title: 'session, idle for 15 min', caller: idle },
    { title: 'session, used for 12 h', caller: worn },
    { title: 'session, of a disabled operator', caller: await ousted(scene, 'PATCH', { disabled: true }) },
    { title: 'session, of a deleted operator', caller: await ousted(scene, 'DELETE') },
    { title: 'session, made up', caller: bearer(`hfs_${'A'.repeat(43)}`) },
    { title: 'one-time operator token, used', caller: scene.caller('used') },
    { title: 'one-time operator token, replaced', caller: await replacedInvitation(scene) },
    { title: 'one-time operator token, made up', caller: bearer(`hfo_${'A'.repeat(43)}`) },
    { title: 'enrolment token in the place of a session', caller: bearer(await enrolmentToken(scene, 'never')) },
    { title: 'no token of ours', caller: bearer('eyJhbGciOiJub25lIn0.e30.') },
  ];
}

/** The one-time token of an operator who has not set a password yet. */
export async function invite(scene: Scene, name: string): Promise<Caller> {
  const { token } = await scene.must<{ token: string }>(scene.caller('steward'), 'POST', '/operators', { name });
  return bearer(token);
}

/** An operator who comes with a client certificate. */
export async function certified(scene: Scene, name: string): Promise<Caller> {
  const caller = await enrol(scene, name);
  await invite(scene, name);
  await scene.must(scene.caller('steward'), 'PATCH', `/operators/${name}`, { certificate: idOf(name) });
  return operatorListener(caller);
}

function bearer(token: string): Caller {
  return { listener: 'operator', token };
}

function operatorListener(caller: Caller): Caller {
  return { ...caller, listener: 'operator' };
}

async function enrolmentToken(scene: Scene, name: string): Promise<string> {
  return (await scene.must<{ token: string }>(scene.caller('steward'), 'POST', '/enrolments', { spiffeId: idOf(name) })).token;
}

async function enrol(scene: Scene, name: string): Promise<Caller & { readonly cert: string }> {
  const token = await enrolmentToken(scene, name);
  const { csrPem: csr, privateKeyPem: key } = await makeRequest(idOf(name));
  const { chain: cert } = await scene.must<{ chain: string }>(NOBODY, 'POST', '/certificates', { csr, token });
  return { listener: 'workload', cert, key };
}

/** By each way that there is beside the id. */
async function revoked(scene: Scene): Promise<readonly State[]> {
  const ways = {
    fingerprint: (leaf: X509Certificate) => ({ fingerprint: `sha256:${leaf.fingerprint256.replaceAll(':', '').toLowerCase()}` }),
    serial: (leaf: X509Certificate) => ({ serial: leaf.serialNumber.toLowerCase(), trustDomain: TRUST_DOMAIN }),
    prefix: () => ({ prefix: idOf('gone/prefix/**') }),
  };
  const states: State[] = [];
  for (const [way, request] of Object.entries(ways)) {
    const caller = await enrol(scene, `gone/${way}/w`);
    await scene.must(scene.caller('steward'), 'POST', '/revocations', request(new X509Certificate(caller.cert)));
    states.push({ title: `certificate, revoked by ${way}`, caller });
  }
  return states;
}

/** Whose certificate two have renewed, each for a key of their own: one of them has a copy. */
async function twin(scene: Scene): Promise<Caller> {
  const caller = await enrol(scene, 'twin');
  for (let holder = 0; holder < 2; holder += 1) {
    const { csrPem: csr } = await makeRequest(idOf('twin'));
    await scene.ask(caller, { method: 'POST', path: `${API}/certificates`, body: { csr } });
  }
  return caller;
}

async function ousted(scene: Scene, method: 'PATCH' | 'DELETE', body?: object): Promise<Caller> {
  const name = `ousted-${method.toLowerCase()}`;
  await scene.must(await invite(scene, name), 'PUT', `/operators/${name}`, { password: PASSWORD });
  const session = await scene.must<{ token: string }>(NOBODY, 'POST', '/session', { name, password: PASSWORD });
  await scene.must(scene.caller('steward'), method, `/operators/${name}`, body);
  return bearer(session.token);
}

async function replacedInvitation(scene: Scene): Promise<Caller> {
  const first = await invite(scene, 'invited-again');
  await scene.must(scene.caller('steward'), 'POST', '/operators/invited-again:reset-password', {});
  return first;
}
