import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { BAD_CHAINS, ChainWorld, GOOD_CHAINS, type Presented } from '../../../../test/support/chain-cases.ts';
import { inspectCertificate } from './inspect-certificate.ts';
import { TrustBundle, TrustBundles } from './trust-bundle.ts';

let world: ChainWorld;
let bundles: TrustBundles;
beforeAll(async () => {
  world = await ChainWorld.create();
  bundles = new TrustBundles(world.bundles.map(([domain, pem]) => new TrustBundle(domain, [new X509Certificate(pem)])));
});

/** The first defect, or none. */
function defectOf({ leaf, sent = [] }: Presented): string | undefined {
  const now = new Date();
  const inspected = inspectCertificate(leaf.certificate, now);
  if (!inspected.ok) return inspected.defect;
  const chain = bundles.examine(inspected.spiffeId.trustDomain, [leaf.certificate, ...sent.map((each) => each.certificate)], now);
  return chain.ok ? undefined : chain.defect;
}

describe('a certificate', () => {
  it.each(BAD_CHAINS)('$name is refused: $defect', async ({ make, defect }) => {
    expect(defectOf(await make(world))).toBe(defect);
  });

  it.each(GOOD_CHAINS)('$name is accepted', async ({ make }) => {
    expect(defectOf(await make(world))).toBeUndefined();
  });

  it('is refused for more than sixty reasons, and accepted in more than twenty forms', () => {
    expect(BAD_CHAINS.length).toBeGreaterThan(60);
    expect(GOOD_CHAINS.length).toBeGreaterThan(20);
  });
});
