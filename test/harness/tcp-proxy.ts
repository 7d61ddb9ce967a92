import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What stands between a program and a server: the network on a bad day. */
export type ProxyMood = 'open' | 'refused' | 'frozen' | 'slow';

export interface TcpProxy {
  readonly port: number;
  /** New target for connections to come. */
  target(port: number): void;
  /** Frozen: bytes stop in both directions while connections stay. Slow: each piece waits. Refused: all ends at once. */
  mood(mood: ProxyMood): void;
  close(): void;
}

const SLOW_MS = 1000;

export async function startProxy(to: number): Promise<TcpProxy> {
  let port = to;
  let mood: ProxyMood = 'open';
  const wires = new Set<Socket>();
  const frozen: (() => void)[] = [];
  const thawed = (): Promise<void> =>
    mood === 'frozen' ? new Promise((resolve) => frozen.push(resolve)) : Promise.resolve();
  const carry = async (from: Socket, into: Socket): Promise<void> => {
    try {
      for await (const piece of from as AsyncIterable<Buffer>) {
        if (mood === 'slow') await sleep(SLOW_MS);
        await thawed();
        if (!into.write(piece)) await once(into, 'drain');
      }
    } catch {
      // The other end is told below.
    }
    into.destroy();
  };
  const server = createServer((inner) => {
    if (mood === 'refused') {
      inner.resetAndDestroy();
      return;
    }
    const outer = connect(port, '127.0.0.1');
    for (const wire of [inner, outer]) {
      wires.add(wire);
      wire.on('error', () => undefined);
      wire.on('close', () => wires.delete(wire));
    }
    void carry(inner, outer);
    void carry(outer, inner);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    target(next) {
      port = next;
    },
    mood(next) {
      mood = next;
      for (const go of frozen.splice(0)) go();
      if (mood === 'refused') for (const wire of wires) wire.resetAndDestroy();
    },
    close() {
      server.close();
      for (const wire of wires) wire.destroy();
    },
  };
}
