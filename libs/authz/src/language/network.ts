import { BlockList, isIP } from 'node:net';

type Family = 'ipv4' | 'ipv6';

interface Network {
  readonly address: string;
  readonly family: Family;
  readonly prefix: number;
}

/**
 * Whether a text is a network as a rule may name it: one address, or CIDR (RFC 4632, RFC 4291) of some length and without host bits.
 * `10.0.0.5/8` may be meant as one host and would be sixteen million; a length of 0 restricts nothing.
 */
export function isNetwork(text: string): boolean {
  const network = parseNetwork(text);
  return network !== undefined && network.prefix > 0 && !hasHostBits(network);
}

/** Whether an address is within the networks; undefined where it is no address. */
export function compileNetworks(networks: readonly string[]): (address: string) => boolean | undefined {
  const within = new BlockList();
  for (const network of networks.map(parseNetwork)) if (network) within.addSubnet(network.address, network.prefix, network.family);
  return (address) => {
    const family = isIP(address);
    return family === 0 ? undefined : within.check(address, family === 4 ? 'ipv4' : 'ipv6');
  };
}

function parseNetwork(text: string): Network | undefined {
  const [address = '', length, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0 || address.includes('%')) return undefined;
  const bits = version === 4 ? 32 : 128;
  if (length !== undefined && (!/^(0|[1-9]\d{0,2})$/.test(length) || Number(length) > bits)) return undefined;
  return { address, family: version === 4 ? 'ipv4' : 'ipv6', prefix: Number(length ?? bits) };
}

/** The address is not the first of its network. */
function hasHostBits({ address, family, prefix }: Network): boolean {
  const bits = family === 'ipv4' ? 32 : 128;
  return (numberOf(address, family) & ((1n << BigInt(bits - prefix)) - 1n)) !== 0n;
}

function numberOf(address: string, family: Family): bigint {
  if (family === 'ipv4') return address.split('.').reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  // The one form that URLs have (RFC 5952): groups of four digits, the zeros left out in one place.
  const groups = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const [left = [], right = []] = groups.map((part) => (part === '' ? [] : part.split(':')));
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...zeros, ...right].reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
}
