import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD } from '../support/loopback.ts';
import { badCredentials, certified, invite, type State } from './bad-credentials.ts';
import { CallerTable, theSame, type Column } from './caller-table.ts';
import { BEYOND } from './route-cases.ts';
import { NOBODY, Scene, type Caller } from './scene.ts';
import type { Answer } from '../support/raw-connection.ts';

const HEAD = `\
Every route, asked by everybody, as it was answered. Made by test/e2e/route-callers.spec.ts, and compared by it: whoever changes an answer changes a line
here (\`vitest run test/e2e/route-callers.spec.ts -u\`), and a reviewer reads it.

A status alone: 401 is unauthenticated, 403 is denied. After a slash, what is answered for what is not theirs: first for something that is there, then for
something that is not, and the two answers were the same to the byte, but for their request's id. [ ] are the statuses of the items of a bundle.

nobody         no credential, on the operator listener; before the slash with the token or key that the route asks for in its body
workload       a certificate, and no role
  entitled      the same, with one rule that allows the route's action on a part of what there is, and nothing else
operator       a session, and no role
  entitled      the same
certified      an operator with a client certificate, and no role
invited        who holds the one-time token of an operator that has no password yet
administrator  an operator with the role that \`init\` makes
auditor        a workload with audit:* on everything
keeper         a workload with secret:* on everything
`;

let scene: Scene;
let states: readonly State[];
beforeAll(async () => {
  scene = await Scene.start();
  await scene.must(scene.caller('keeper'), 'PUT', `/secrets/${BEYOND[0]}`, { data: { a: 'CANARY' } });
  scene.callers.set('certified', await certified(scene, 'certified'));
  states = await badCredentials(scene);
  scene.callers.set('invited', await invite(scene, 'invited'));
  await renew();
});
afterAll(() => scene.stop());

/** Gives everybody a session that has not been idle. */
async function renew(): Promise<void> {
  await scene.renewSession();
  scene.callers.set('warden', await signIn('warden'));
}

async function signIn(name: string): Promise<Caller> {
  const { token } = await scene.must<{ token: string }>(NOBODY, 'POST', '/session', { name, password: PASSWORD });
  return { listener: 'operator', token };
}

const COLUMNS: readonly Column[] = [
  { title: 'nobody', caller: () => NOBODY, bare: true },
  { title: 'workload', caller: () => scene.caller('api'), bare: true },
  { title: 'entitled workload', caller: () => scene.caller('api'), entitled: true },
  { title: 'operator', caller: () => scene.caller('alice'), bare: true },
  { title: 'entitled operator', caller: () => scene.caller('alice'), entitled: true },
  { title: 'certified', caller: () => scene.caller('certified'), bare: true },
  { title: 'invited', caller: () => scene.caller('invited'), bare: true },
  { title: 'administrator', caller: () => scene.caller('warden') },
  { title: 'auditor', caller: () => scene.caller('auditor') },
  { title: 'keeper', caller: () => scene.caller('keeper') },
];

describe('the table of routes and callers', () => {
  it('is the one that was reviewed', async () => {
    using table = new CallerTable(scene, renew);
    const callers = await table.ofCallers(COLUMNS);
    const text = `${HEAD}\n${callers}\nCredentials that make nobody a caller:\n\n${await table.ofStates(states)}`;
    await expect(text).toMatchFileSnapshot('route-callers.txt');
  });

  it('finds two answers that tell what is there from what is not', () => {
    const answer: Answer = { status: 403, headers: { 'request-id': 'r1' }, body: 'r1' };
    expect(theSame([answer, { ...answer, headers: { 'request-id': 'r2' }, body: 'r2' }])).toBe('403');
    for (const planted of [{ status: 404 }, { body: 'r1 ' }, { headers: { ...answer.headers, etag: '"1"' } }]) {
      expect(() => theSame([answer, { ...answer, ...planted }])).toThrow();
    }
  });
});
