import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeRequest } from '../support/certificates.ts';
import { API, PASSWORD } from '../support/loopback.ts';
import { WireClient, type Credential, type WireAnswer } from '../support/wire-client.ts';
import { idOf, NOBODY, Scene } from './scene.ts';

const USERS = 64;
/** A few of each; RACE_ROUNDS=1000 for as many of all. */
const rounds = (few: number): number => Number(process.env.RACE_ROUNDS ?? few);
/** A round takes up to a tenth of a second. */
const LIMIT_MS = 120_000 + rounds(0) * 500;

/** What each of them does. */
type Use = (user: WireClient, at: number) => Promise<WireAnswer>;

let scene: Scene;
let csrs: readonly string[];
let strangers: readonly WireClient[];
beforeAll(async () => {
  scene = await Scene.start();
  csrs = await Promise.all(Array.from({ length: USERS }, async () => (await makeRequest(idOf('raced'))).csrPem));
  strangers = Array.from({ length: USERS }, () => client());
});
afterAll(async () => {
  for (const each of strangers) each.close();
  await scene.stop();
});

/** Somebody at the operator listener, on a connection of their own that stays open. */
function client(credential?: Credential): WireClient {
  const { port, ca } = scene.lineOf(NOBODY);
  return new WireClient(port, ca, credential);
}

/** Sixty-four at once, so many times over: how many had it each time, and what the others heard. */
async function race(rounds: number, prepare: (round: number) => Promise<Use> | Use, users = strangers) {
  const won = new Set<number>();
  const lost = new Set<string>();
  for (let round = 0; round < rounds; round += 1) {
    const use = await prepare(round);
    const answers = await Promise.all(users.map(use));
    const losers = answers.filter(({ status }) => status > 299);
    for (const { status, body } of losers) lost.add(`${status} ${JSON.parse(body).code}`);
    won.add(users.length - losers.length);
  }
  return { won: [...won], lost: [...lost] };
}

describe(`of ${USERS} who use it at once, exactly one gets`, () => {
  it(
    'a certificate for an enrolment token, each with a key of their own',
    async () => {
      const result = await race(rounds(6), async () => {
        const { token } = await scene.must<{ token: string }>(scene.caller('steward'), 'POST', '/enrolments', { spiffeId: idOf('raced') });
        return (user, at) => user.send('POST', `${API}/certificates`, { csr: csrs[at], token });
      });
      expect(result).toEqual({ won: [1], lost: ['401 token_refused'] });
    },
    LIMIT_MS,
  );

  it(
    'a password set with an invitation, each of their own choice',
    async () => {
      const result = await race(rounds(2), async (round) => {
        const { token } = await scene.must<{ token: string }>(scene.caller('steward'), 'POST', '/operators', { name: `raced-${round}` });
        const bearer = { authorization: `Bearer ${token}` };
        return (user, at) => user.send('PUT', `${API}/operators/raced-${round}`, { password: `${PASSWORD} ${at}` }, bearer);
      });
      expect(result.won).toEqual([1]);
      expect(['401 token_refused', '429 too_many_requests']).toEqual(expect.arrayContaining(result.lost));
    },
    LIMIT_MS,
  );

  it(
    'the end of a session',
    async () => {
      const result = await race(rounds(10), async () => {
        const { token = '' } = await scene.signIn();
        return (user) => user.send('DELETE', `${API}/session`, undefined, { authorization: `Bearer ${token}` });
      });
      expect(result.won).toEqual([1]);
      expect(['401 session_refused', '429 too_many_requests']).toEqual(expect.arrayContaining(result.lost));
    },
    LIMIT_MS,
  );

  it(
    'the first version of a secret',
    async () => {
      const keeper = scene.caller('keeper');
      const { port, ca } = scene.lineOf(keeper);
      const writers = Array.from({ length: USERS }, () => new WireClient(port, ca, keeper));
      const first = { data: { a: '1' }, ifVersion: 0 };
      const result = await race(rounds(15), (round) => (user) => user.send('PUT', `${API}/secrets/raced/s${round}`, first), writers);
      for (const writer of writers) writer.close();
      expect(result).toEqual({ won: [1], lost: ['409 conflict'] });
    },
    LIMIT_MS,
  );

  it(
    'a secret by one approval',
    async () => {
      const path = 'raced/approved';
      const keeper = scene.caller('keeper');
      await scene.must(keeper, 'PUT', `/secrets/${path}`, { data: { a: '1' } });
      await scene.applyRole('raced', [{ allow: ['secret:read'], on: path, when: { approved: true } }], [idOf('asker')]);
      await scene.applyRole('raced-second', [{ allow: ['approval:decide'], on: `secret:read/${path}` }], ['operator:alice']);
      const reader = scene.caller('asker');
      const { port, ca } = scene.lineOf(reader);
      const readers = Array.from({ length: USERS }, () => new WireClient(port, ca, reader));
      const result = await race(
        rounds(10),
        async () => {
          const asked = { action: 'secret:read', resource: path, reason: 'a race' };
          const { id } = await scene.must<{ id: string }>(reader, 'POST', '/approvals', asked);
          await scene.must(scene.caller('alice'), 'POST', `/approvals/${id}:approve`, {});
          return (user) => user.send('GET', `${API}/secrets/${path}`);
        },
        readers,
      );
      for (const each of readers) each.close();
      expect(result).toEqual({ won: [1], lost: ['403 approval_needed'] });
    },
    LIMIT_MS,
  );
});
