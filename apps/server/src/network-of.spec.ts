import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { networkOf } from './network-of.ts';

describe('the network of a peer', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::6', '2001:db8:1:2::/64'],
    ['2001:db8::6', '2001:db8:0:0::/64'],
    ['2001:db8:0:0:1::', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b:1:2:3:4:192.0.2.7', '64:ff9b:1:2::/64'],
    ['1:2:3:4::192.0.2.7', '1:2:3:4::/64'],
    ['', ''],
  ])('%j is %j', (peer, network) => {
    expect(networkOf(peer)).toBe(network);
  });

  it('is the same for all of a /64 however it is written, and another one for every other', () => {
    const group = fc.integer({ min: 0, max: 0xffff });
    fc.assert(
      fc.property(
        fc.array(group, { minLength: 8, maxLength: 8 }),
        fc.array(group, { minLength: 4, maxLength: 4 }),
        group,
        (own, host, other) => {
          const written = (groups: number[]): string => groups.map((each) => each.toString(16)).join(':');
          const network = networkOf(written(own));
          expect(networkOf(written([...own.slice(0, 4), ...host]).toUpperCase())).toBe(network);
          expect(networkOf(new URL(`http://[${written(own)}]/`).hostname.slice(1, -1))).toBe(network);
          if (other !== own[3]) expect(networkOf(written([...own.slice(0, 3), other, ...host]))).not.toBe(network);
        },
      ),
    );
  });
});
