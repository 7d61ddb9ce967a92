import { BlockList } from 'node:net';
import { openDoor, type OpenDoor } from './door.ts';
import { OK, recordingGate } from './gate.ts';

/** The province's mail server, which takes every notice and counts how often each Message-ID arrived. */
export function openMailServer(arrived: Map<string, number>): Promise<OpenDoor> {
  const gate = recordingGate({
    async receive({ raw }) {
      const id = /^message-id:\s*(<[^>]+>)/im.exec((await raw.bytes()).toString('latin1'))?.[1] ?? '?';
      arrived.set(id, (arrived.get(id) ?? 0) + 1);
      return OK;
    },
  });
  return openDoor(gate, { trustedRelays: new BlockList(), maxConnectionsPerClient: 1000, minFree: 0 });
}
