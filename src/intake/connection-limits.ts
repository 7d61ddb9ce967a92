import type { BlockList } from 'node:net';

import type { Reply } from '../rules/reply.ts';
import { TOO_MANY_CONNECTIONS, TOO_MANY_FROM_AROUND, TOO_MANY_FROM_YOU } from './door-replies.ts';
import { clientKey, covers, networkKey } from './networks.ts';

export interface ConnectionLimits {
  /** Counts the connection in, or says why not; a refused connection is not counted. */
  enter(id: string, address: string): Reply | null;
  /** Safe to call for a connection that was refused, and more than once. */
  leave(id: string): void;
}

/**
 * @param perClient connections from one IPv4 address or IPv6 /64
 * @param perNetwork connections from one IPv4 /24 or IPv6 /48, which one hand can fill with addresses; never less than
 *   one client may have
 * @param total connections at once, whoever they are from
 * @param exempt networks that only `total` binds: a province's own relay carries everybody's mail
 */
export function createConnectionLimits(
  perClient: number,
  perNetwork: number,
  total: number,
  exempt: BlockList,
): ConnectionLimits {
  /** What each connection is counted under. */
  const keysOf = new Map<string, readonly string[]>();
  const count = new Map<string, number>();
  const held = (key: string): number => count.get(key) ?? 0;
  const network = Math.max(perNetwork, perClient);
  return {
    enter(id, address) {
      if (keysOf.size >= total) return TOO_MANY_CONNECTIONS;
      const [client, around] = [clientKey(address), networkKey(address)];
      if (!covers(exempt, address)) {
        if (held(client) >= perClient) return TOO_MANY_FROM_YOU;
        if (held(around) >= network) return TOO_MANY_FROM_AROUND;
      }
      keysOf.set(id, [client, around]);
      for (const key of [client, around]) count.set(key, held(key) + 1);
      return null;
    },
    leave(id) {
      for (const key of keysOf.get(id) ?? []) {
        if (held(key) > 1) count.set(key, held(key) - 1);
        else count.delete(key);
      }
      keysOf.delete(id);
    },
  };
}
