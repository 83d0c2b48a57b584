import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { TestAuthority, x509, type TestCertificate } from '../../../../test/support/certificates.ts';
import { revocationList, type ListOptions } from '../../../../test/support/revocation-lists.ts';
import { parseRevocationList } from './revocation-list.ts';
import { TrustBundle } from './trust-bundle.ts';

const ID = 'spiffe://a.example/w';
const HOUR = 3_600_000;
const now = new Date();
const critical = new x509.Extension('1.2.3.4', true, Buffer.from('0500', 'hex'));

let root: TestAuthority;
let intermediate: TestAuthority;
let leaf: TestCertificate;
beforeAll(async () => {
  root = await TestAuthority.root('root');
  intermediate = await root.intermediate('intermediate');
  leaf = await root.workload(ID);
});

async function bundleWith(options: ListOptions, anchors: readonly TestAuthority[] = [root], signer = root): Promise<TrustBundle> {
  const list = parseRevocationList(await revocationList(signer, options));
  return new TrustBundle('a.example', anchors.map(({ certificate }) => certificate), [list]); // prettier-ignore
}

function serialOf({ certificate }: TestCertificate | TestAuthority): string {
  return certificate.serialNumber;
}

describe('a revocation list', () => {
  it('revokes what it lists, and nothing else', async () => {
    const bundle = await bundleWith({ serials: [serialOf(leaf), '0a'] });
    expect(bundle.examine([leaf.certificate], now)).toEqual({ ok: false, defect: 'revoked' });
    const other = await root.workload(ID);
    expect(bundle.examine([other.certificate], now)).toMatchObject({ ok: true });
  });

  it('holds its CA to its next update: from then on nothing is good', async () => {
    const nextUpdate = new Date(Math.floor(now.getTime() / 1000) * 1000 + HOUR);
    const bundle = await bundleWith({ nextUpdate });
    expect(bundle.examine([leaf.certificate], now)).toEqual({ ok: true, until: nextUpdate.getTime() });
    expect(bundle.examine([leaf.certificate], nextUpdate)).toMatchObject({ ok: true });
    expect(bundle.examine([leaf.certificate], new Date(nextUpdate.getTime() + 1))).toEqual({ ok: false, defect: 'crl_expired' });
  });

  it('is not got round by sending the CA along (its list holds by name and key)', async () => {
    const bundle = await bundleWith({ serials: [serialOf(leaf)] });
    expect(bundle.examine([leaf.certificate, root.certificate], now)).toEqual({ ok: false, defect: 'revoked' });
  });

  it('revokes an intermediate that is sent, and one that is in the bundle itself', async () => {
    const { certificate } = await intermediate.workload(ID);
    const sent = await bundleWith({ serials: [serialOf(intermediate)] });
    expect(sent.examine([certificate, intermediate.certificate], now)).toEqual({ ok: false, defect: 'ca_revoked' });
    const anchored = await bundleWith({ serials: [serialOf(intermediate)] }, [root, intermediate]);
    expect(anchored.examine([certificate], now)).toEqual({ ok: false, defect: 'ca_revoked' });
    expect(anchored.examine([certificate, intermediate.certificate], now)).toEqual({ ok: false, defect: 'ca_revoked' });
  });

  it('of an intermediate holds for what that signed', async () => {
    const below = await intermediate.workload(ID);
    const bundle = await bundleWith({ serials: [serialOf(below)] }, [root, intermediate], intermediate);
    expect(bundle.examine([below.certificate, intermediate.certificate], now)).toEqual({ ok: false, defect: 'revoked' });
    expect(bundle.examine([leaf.certificate], now)).toMatchObject({ ok: true });
  });

  it('says nothing of another CA with the same name', async () => {
    const namesake = await TestAuthority.root('root');
    const bundle = await bundleWith({ serials: [serialOf(leaf)] }, [namesake, root], namesake);
    expect(bundle.examine([leaf.certificate], now)).toMatchObject({ ok: true });
  });

  it('counts only if a CA of the bundle signed it that may, and with a strong signature', async () => {
    const mute = await TestAuthority.root('mute', { keyUsage: ['keyCertSign'] });
    const rsa = await TestAuthority.root('rsa', { key: 'RSA-2048' });
    const signedOf = async (...args: Parameters<typeof bundleWith>): Promise<number> => (await bundleWith(...args)).lists.length;
    expect(await signedOf({})).toBe(1);
    expect(await signedOf({}, [rsa], rsa)).toBe(1);
    expect(await signedOf({}, [root], await TestAuthority.root('root'))).toBe(0);
    expect(await signedOf({ issuer: root }, [root, rsa], rsa)).toBe(0);
    expect(await signedOf({}, [mute], mute)).toBe(0);
    expect(await signedOf({ hash: 'SHA-1' })).toBe(0);
  });

  it('is read as PEM too, under either of its labels', async () => {
    const base64 = await revocationList(root, { serials: ['0a'] });
    const pem = (label: string): string => `-----BEGIN ${label}-----\n${base64}\n-----END ${label}-----\n`;
    for (const text of [base64, pem('X509 CRL'), pem('CRL')]) expect([...parseRevocationList(text).serials]).toEqual(['0a']);
    expect(() => parseRevocationList(pem('CERTIFICATE'))).toThrow(expect.objectContaining({ code: 'crl_refused' }));
  });

  it.each<[string, ListOptions, string]>([
    ['does not say when the next one comes', { nextUpdate: null }, 'it does not say when the next one comes'],
    ['has a critical extension', { extensions: [critical] }, 'it has a critical extension that is not understood here'],
    [
      'is a delta',
      { extensions: [new x509.Extension('2.5.29.27', true, Buffer.from('020101', 'hex'))] },
      'it has a critical extension that is not understood here',
    ],
    [
      'is of one part of the certificates',
      { extensions: [new x509.Extension('2.5.29.28', true, Buffer.from('3000', 'hex'))] },
      'it has a critical extension that is not understood here',
    ],
    [
      'has an entry with a critical extension',
      { serials: ['0a'], entryExtensions: [critical] },
      'it has a critical extension that is not understood here',
    ],
  ])('that %s is refused', async (_what, options, hint) => {
    const text = await revocationList(root, options);
    expect(() => parseRevocationList(text)).toThrow(expect.objectContaining({ code: 'crl_refused', hint }));
  });

  it('is read or refused, and nothing else, and never counts once a bit of it is changed', async () => {
    const der = Buffer.from(await revocationList(root, { serials: ['0a', '0b'] }), 'base64');
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const changed = Buffer.from(der);
        changed.writeUInt8(changed.readUInt8(at) ^ flip, at);
        let list;
        try {
          list = parseRevocationList(changed.toString('base64'));
        } catch (error) {
          expect(error).toMatchObject({ code: 'crl_refused' });
          return;
        }
        expect(new TrustBundle('a.example', [root.certificate], [list]).lists).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('of ten thousand certificates costs a look-up', async () => {
    const serials = Array.from({ length: 10_000 }, (_, at) => (0x10_0000_0000 + at).toString(16));
    const bundle = await bundleWith({ serials });
    const times = (of: TrustBundle): number => {
      const started = process.cpuUsage();
      for (let at = 0; at < 200; at += 1) of.examine([leaf.certificate], now);
      return process.cpuUsage(started).user;
    };
    const without = new TrustBundle('a.example', [root.certificate]);
    times(without);
    expect(times(bundle)).toBeLessThan(3 * times(without));
  });
});
