import type { Clock } from '../clock.ts';
import { causeText } from '../errors.ts';
import type { LogEvent } from '../mail-log/event.ts';
import { connectionRefused, failure, loginFailed, senderRefused } from '../mail-log/events.ts';
import type { DoorEvent } from './door-answer.ts';
import * as say from './door-replies.ts';
import { clientKey } from './networks.ts';

/**
 * What the door itself refuses (limits, syntax, TLS, trouble of ours) goes into the mail log too, but a flood must
 * not fill it: one entry per client, stage, answer and minute, with a count. Refusals by rule are not its business:
 * the gatekeeper writes each of them before it answers.
 *
 * The tallies live in memory. A write that fails is tried again with the next; a killed process loses the last
 * minute's counts, never a letter's entry.
 */
export interface DoorLog {
  note(event: DoorEvent): void;
  /** Writes what was tallied; called every minute and at the stop. A throw keeps the tallies. */
  flush(): Promise<void>;
}

/** More kinds of refusal in one minute than this are a flood from many addresses: then clients are not told apart. */
const MAX_TALLIES = 1000;

interface Tally {
  count: number;
  readonly entry: (count: number) => LogEvent;
}

export function createDoorLog(
  write: (at: Date, events: readonly LogEvent[]) => Promise<void>,
  clock: Clock,
): DoorLog {
  let tallies = new Map<string, Tally>();

  const add = (key: string, count: number, entry: Tally['entry']): void => {
    const known = tallies.get(key);
    if (known === undefined) tallies.set(key, { count, entry });
    else known.count += count;
  };

  return {
    note(event) {
      const client = 'session' in event ? clientKey(event.session.remoteAddress) : null;
      const told = entryOf(event, client);
      if (told === null) return;
      const key = `${told.kind}|${client ?? ''}|${told.about}`;
      if (tallies.size < MAX_TALLIES || tallies.has(key)) add(key, 1, told.entry);
      else add(told.kind, 1, entryOf(event, null)!.entry);
    },
    async flush() {
      if (tallies.size === 0) return;
      const taken = tallies;
      tallies = new Map();
      try {
        await write(
          clock.now(),
          [...taken.values()].map(({ count, entry }) => entry(count)),
        );
      } catch (error) {
        for (const [key, { count, entry }] of taken) add(key, count, entry);
        throw error;
      }
    },
  };
}

interface Told {
  /** Stage and answer. */
  readonly kind: string;
  /** What tells entries of one client and kind apart. */
  readonly about: string;
  readonly entry: Tally['entry'];
}

const OWN_REPLIES: ReadonlySet<unknown> = new Set(Object.values(say));

/** null for what others log (the rules' refusals) and for broken sockets, which are nobody's decision. */
function entryOf(event: DoorEvent, client: string | null): Told | null {
  switch (event.event) {
    case 'refused': {
      if (!OWN_REPLIES.has(event.reply) && !('cause' in event)) return null;
      const { stage, reply, envelope } = event;
      const kind = `${stage} ${reply.code} ${reply.status}`;
      const detail = `${reply.status} ${reply.text}`;
      if (stage === 'auth')
        return { kind, about: '', entry: (count) => loginFailed({ client, count, detail }) };
      if (stage === 'connection' || stage === 'mail')
        return {
          kind,
          about: '',
          entry: (count) => connectionRefused({ client, count, detail, code: reply.code }),
        };
      const mail =
        client === null ? {} : { client, sender: envelope.from, recipient: envelope.recipients.join(' ') };
      const cause = event.cause === undefined ? {} : { error: causeText(event.cause) };
      return {
        kind,
        about: `${envelope.from ?? ''}|${envelope.recipients.join(' ')}`,
        entry: (count) =>
          senderRefused({ ...mail, ...cause, count, detail, reason: `${reply.code} ${reply.status}` }),
      };
    }
    case 'trouble': {
      const where = `SMTP ${event.stage}`;
      const error = causeText(event.cause);
      return { kind: where, about: error, entry: (count) => failure({ where, client, count, error }) };
    }
    case 'late':
    case 'connection-lost':
      return null;
  }
}
