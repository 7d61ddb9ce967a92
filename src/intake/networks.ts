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
  return isIP(plain) === 6 ? beginning(plain, 4) : plain;
}

/** What one client may control at most: an IPv4 /24, or the /48 that is given to one site (RFC 6177 §2). */
export function networkKey(address: string): string {
  const plain = plainAddress(address);
  return isIP(plain) === 6 ? beginning(plain, 3) : plain.replace(/\.\d+$/, '.0/24');
}

/** The first groups of an IPv6 address, each in one spelling. */
function beginning(address: string, groups: number): string {
  const [front = '', back] = address.replace(/%.*$/, '').split('::');
  const left = front.split(':').filter((group) => group !== '');
  const right = (back ?? '').split(':').filter((group) => group !== '');
  const zeros = back === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const all = [...left, ...Array<string>(zeros).fill('0'), ...right];
  const kept = all.slice(0, groups).map((group) => parseInt(group, 16).toString(16));
  return `${kept.join(':')}::/${groups * 16}`;
}
