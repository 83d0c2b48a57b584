import { Writable } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import { AuthorityBench } from '../../../test/support/authority-bench.ts';
import { TestAuthority } from '../../../test/support/certificates.ts';
import { revocationList } from '../../../test/support/revocation-lists.ts';
import { temporaryDirectory } from '../../../test/support/temp-dir.ts';
import { ExpiryWatch } from './expiry-watch.ts';
import { Log } from './log.ts';
import { ServerCertificate } from './server-certificate.ts';

const DAY = 86_400_000;

let bench: AuthorityBench;
let watch: ExpiryWatch;
let before: ReadonlyMap<string, number>;
let lines: { event: string; kind: string; until: string; count: number }[];
beforeEach(async () => {
  bench = await AuthorityBench.initialized();
  lines = [];
  const log = new Log(
    'warn',
    new Writable({ write: (line: Buffer, _encoding, done) => (lines.push(JSON.parse(line.toString())), done()) }),
  );
  const settings = { dataDir: temporaryDirectory(), serverNames: ['localhost'], tls: { certificate: undefined, key: undefined } };
  const certificate = new ServerCertificate(settings, bench.clock, log);
  watch = new ExpiryWatch(bench.authority, certificate, bench.clock, log);
  before = watch.secondsLeft();
  await certificate.load();
});

/** Trusts a domain whose CA lives for so many days, and puts a list of it that is good for so many. */
async function trust(trustDomain: string, days: number, listDays: number): Promise<void> {
  const now = bench.clock.now().getTime();
  const root = await TestAuthority.root(trustDomain, { notBefore: new Date(now), notAfter: new Date(now + days * DAY) });
  bench.committer.plantAndTell(bench.authority.put('trust-bundle', { trustDomain, certificates: [root.pem] }, undefined));
  const list = await revocationList(root, { thisUpdate: new Date(now), nextUpdate: new Date(now + listDays * DAY) });
  bench.committer.plantAndTell(bench.authority.put('crl', { trustDomain, lists: [list] }, undefined));
}

describe('the watch of what ends', () => {
  it('knows the first of each kind, in seconds, and what is negative has ended', async () => {
    await trust('a.example', 40, 8);
    await trust('b.example', 20, 4);
    const left = watch.secondsLeft();
    expect([left.get('trust_bundle'), left.get('crl')].map((seconds) => Math.round((seconds ?? 0) / 86_400))).toEqual([20, 4]);
    expect(left.get('issuing_ca')).toBeGreaterThan(9 * 365 * 86_400);
    expect(left.get('server_certificate')).toBeGreaterThan(29 * 86_400);
    bench.clock.advance(5 * DAY);
    expect(watch.secondsLeft().get('crl')).toBeLessThan(0);
  });

  it('shows the first of each kind, and all that is due', async () => {
    await trust('a.example', 400, 8);
    await trust('b.example', 400, 8);
    const kinds = (): string[] => watch.notable().map(({ kind, name, due }) => `${kind} ${name} ${due}`);
    expect(kinds()).toEqual(['crl a.example false', 'server_certificate server false', 'trust_bundle a.example false', 'issuing_ca acme.internal false']); // prettier-ignore
    bench.clock.advance(7 * DAY);
    expect(kinds().slice(0, 2)).toEqual(['crl a.example true', 'crl b.example true']);
  });

  it('warns of what is due, by a quarter of its life and a month ahead at most, once a day for each kind', async () => {
    await trust('a.example', 400, 8);
    watch.look();
    bench.clock.advance(5 * DAY);
    watch.look();
    expect(lines).toEqual([]);
    bench.clock.advance(1.5 * DAY);
    watch.look();
    watch.look();
    expect(lines).toMatchObject([{ event: 'expiring', kind: 'crl', count: 1 }]);
    bench.clock.advance(2 * DAY);
    watch.look();
    expect(lines.slice(1)).toMatchObject([{ event: 'expired', kind: 'crl' }]);
    bench.clock.advance(361 * DAY);
    watch.look();
    expect(lines.slice(2).map(({ event, kind }) => `${event} ${kind}`)).toEqual(['expired server_certificate', 'expired crl']);
    bench.clock.advance(3 * DAY);
    watch.look();
    expect(lines.slice(4).map(({ event, kind }) => `${event} ${kind}`)).toContain('expiring trust_bundle');
  });

  it('knows nothing of a certificate that is not there yet', () => {
    expect([...before.keys()]).toEqual(['issuing_ca']);
  });

  it('knows nothing of a database that is closed', async () => {
    await trust('a.example', 20, 4);
    await bench.authority.sealing();
    expect([...watch.secondsLeft().keys()]).toEqual(['server_certificate']);
  });
});
