import type { BlockList } from 'node:net';

import type { Reply } from '../rules/reply.ts';
import { TOO_MANY_CONNECTIONS, TOO_MANY_FROM_YOU } from './door-replies.ts';
import { clientKey, covers } from './networks.ts';

export interface ConnectionLimits {
  /** Counts the connection in, or says why not; a refused connection is not counted. */
  enter(id: string, address: string): Reply | null;
  /** Safe to call for a connection that was refused, and more than once. */
  leave(id: string): void;
}

/**
 * @param perClient connections from one IPv4 address or IPv6 /64
 * @param total connections at once, whoever they are from
 * @param exempt networks that only `total` binds: a province's own relay carries everybody's mail
 */
export function createConnectionLimits(
  perClient: number,
  total: number,
  exempt: BlockList,
): ConnectionLimits {
  const clientOf = new Map<string, string>();
  const count = new Map<string, number>();
  return {
    enter(id, address) {
      if (clientOf.size >= total) return TOO_MANY_CONNECTIONS;
      const client = clientKey(address);
      const held = count.get(client) ?? 0;
      if (held >= perClient && !covers(exempt, address)) return TOO_MANY_FROM_YOU;
      clientOf.set(id, client);
      count.set(client, held + 1);
      return null;
    },
    leave(id) {
      const client = clientOf.get(id);
      if (client === undefined) return;
      clientOf.delete(id);
      const held = count.get(client) ?? 0;
      if (held > 1) count.set(client, held - 1);
      else count.delete(client);
    },
  };
}
