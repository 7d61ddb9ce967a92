import { isIP } from 'node:net';
import type { BlockList } from 'node:net';

/** `::ffff:10.0.0.1`, as dual-stack sockets report an IPv4 peer, is the IPv4 address 10.0.0.1 (RFC 4291 §2.5.5.2). */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');

/** Whether an address as a socket reports it lies in one of the networks. */
export function covers(networks: BlockList, address: string): boolean {
  const plain = plainAddress(address);
  const family = isIP(plain);
  return family !== 0 && networks.check(plain, family === 6 ? 'ipv6' : 'ipv4');
}

/**
 * What one client controls at least: an IPv4 address, or the /64 an IPv6 site gets as its smallest piece
 * (RFC 6177), because counting single IPv6 addresses would limit nobody.
 */
export function clientKey(address: string): string {
  const plain = plainAddress(address);
  if (isIP(plain) !== 6) return plain;
  const [front = '', back] = plain.replace(/%.*$/, '').split('::');
  const left = front.split(':').filter((group) => group !== '');
  const right = (back ?? '').split(':').filter((group) => group !== '');
  const zeros = back === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array<string>(zeros).fill('0'), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
