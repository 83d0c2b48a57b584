import { isIPv6 } from 'node:net';

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/**
 * Whose address it is: an address of IPv4 by itself, of IPv6 all of its /64, which is the least that anybody is given (RFC 6177). Takes what
 * a socket says of its peer, never a header.
 */
export function networkOf(peer: string): string {
  if (!isIPv6(peer)) return peer;
  const mapped = MAPPED.exec(peer)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = '', tail] = (peer.split('%')[0] ?? '').toLowerCase().split('::');
  const first = groupsOf(head);
  const last = groupsOf(tail ?? '');
  const all = tail === undefined ? first : [...first, ...Array<string>(Math.max(0, 8 - first.length - last.length)).fill('0'), ...last];
  return `${all.slice(0, 4).map(plain).join(':')}::/64`;
}

/** An address of IPv4 at the end stands for two groups, and lies behind the first four in any case. */
function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':').flatMap((group) => (group.includes('.') ? ['0', '0'] : [group]));
}

function plain(group: string): string {
  return Number.parseInt(group, 16).toString(16);
}
