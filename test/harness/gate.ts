import type { Gatekeeper, Incoming } from '../../src/intake/gatekeeper.ts';
import type { Reply } from '../../src/rules/reply.ts';

export interface TakenByGate {
  readonly text: string;
  readonly incoming: Incoming;
}

export interface RecordingGate extends Gatekeeper {
  readonly letters: TakenByGate[];
}

export const OK: Reply = { code: 250, status: '2.6.0', text: 'Đã tiếp nhận / Accepted' };

/** Lets everybody in and keeps what it was given; single answers are replaced by `over`. */
export function recordingGate(over: Partial<Gatekeeper> = {}): RecordingGate {
  const letters: TakenByGate[] = [];
  return {
    letters,
    connection: () => Promise.resolve(null),
    mailFrom: () => Promise.resolve(null),
    rcptTo: () => Promise.resolve(null),
    async receive(incoming) {
      letters.push({ text: (await incoming.raw.bytes()).toString('latin1'), incoming });
      return OK;
    },
    ...over,
  };
}
