import { BlockList, isIP } from 'node:net';

/** What no issuer is: this host as "any", link-local, multicast and broadcast, and the metadata services of clouds that are elsewhere. */
const NEVER = blockList(
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['224.0.0.0', 3],
  // Alibaba, Oracle
  ['100.100.100.200', 32],
  ['192.0.0.192', 32],
  ['::', 128],
  ['fe80::', 10],
  ['ff00::', 8],
  // AWS
  ['fd00:ec2::254', 128],
  // IPv4 link-local by way of NAT64, IPv4-compatible and 6to4 addresses
  ['64:ff9b::a9fe:0', 112],
  ['::a9fe:0', 112],
  ['2002:a9fe::', 32],
);

const LOOPBACK = blockList(['127.0.0.0', 8], ['::1', 128]);

/** Whether nothing may be asked there. `pinned`: the peer has to show a certificate of a CA that the request names. */
export function isRefusedAddress(address: string, pinned: boolean): boolean {
  const family = isIP(address);
  if (family === 0) return true;
  const kind = family === 6 ? 'ipv6' : 'ipv4';
  return NEVER.check(address, kind) || (!pinned && LOOPBACK.check(address, kind));
}

function blockList(...subnets: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [net, prefix] of subnets) list.addSubnet(net, prefix, isIP(net) === 6 ? 'ipv6' : 'ipv4');
  return list;
}
