import { BlockList } from 'node:net';
import { createGatekeeper } from '../../src/intake/receive.ts';
import { createMailer, deliver, type Mailer } from '../../src/notices/send.ts';
import { sendNextNotice } from '../../src/work/outbox.ts';
import { workOnce } from '../../src/work/runner.ts';
import { openDoor } from '../harness/door.ts';
import { recordingGate, OK } from '../harness/gate.ts';
import { openOffice, type OfficePort, type Opening } from '../harness/office.ts';

export type Port = OfficePort | 'mailer';

export interface Posted {
  readonly from: string;
  readonly raw: Buffer;
}

/** An office with the real SMTP door before it and a real mail server behind it, in a time of its own. */
export interface World {
  /** Every letter not yet acknowledged is offered once; resolves to what the door said. */
  offer(): Promise<number[]>;
  /** Works until nothing is due or trouble strikes, then moves the clock on to what is due next; false at rest. */
  carryOn(): Promise<boolean>;
  picture(): Promise<Picture>;
  close(): Promise<void>;
}

/** What must come out the same whatever happened on the way. */
export interface Picture {
  /** "state: templates of its notices" per letter, in the order they were written. */
  readonly letters: readonly string[];
  readonly rows: readonly string[];
  readonly dossiers: number;
  readonly received: number;
  readonly notices: number;
  /** Different Message-IDs that reached the mail server. */
  readonly arrived: number;
  /** Those that reached it more than once. */
  readonly repeated: number;
}

const INTAKE = 'stttt@quangbinh.gov.vn';

export async function openWorld(
  opening: Opening,
  posted: readonly Posted[],
  through: <T extends object>(port: Port, real: T) => T,
): Promise<World> {
  let now = new Date(opening.at);
  const office = await openOffice({ ...opening, through });
  const arrived = new Map<string, number>();
  const sink = await openDoor(
    recordingGate({
      async receive({ raw }) {
        const id = /^message-id:\s*(<[^>]+>)/im.exec((await raw.bytes()).toString('latin1'))?.[1] ?? '?';
        arrived.set(id, (arrived.get(id) ?? 0) + 1);
        return OK;
      },
    }),
    { trustedRelays: new BlockList(), maxConnectionsPerClient: 100 },
  );
  const mailer = through<Mailer>(
    'mailer',
    createMailer({
      relayUrl: `smtp://127.0.0.1:${sink.port}?ignoreTLS=true`,
      from: INTAKE,
      senderName: 'Sở TTTT',
      key: null,
      returnPathOf: () => INTAKE,
      fillIn: (text) => text,
    }),
  );
  const { deps } = office;
  const outbox = { db: deps.db, clock: deps.clock, mailer, bounceHash: () => null };
  const door = await openDoor(createGatekeeper(office.door), { clock: deps.clock });
  const waiting = new Set(posted);
  return {
    async offer() {
      const codes: number[] = [];
      for (const letter of waiting) {
        const url = `smtp://127.0.0.1:${door.port}?ignoreTLS=true`;
        const { code } = await deliver(url, letter.from, INTAKE, letter.raw);
        codes.push(code);
        if (code === 250) waiting.delete(letter);
      }
      return codes;
    },
    async carryOn() {
      await untilTrouble(() => workOnce(deps));
      await untilTrouble(() => sendNextNotice(outbox));
      const [row] = await office.db.sql<{ due: Date | null }[]>`
        select least(
          (select min(greatest(due_at, coalesce(lease_until, due_at))) from letter
            where state in ('received','registered','examined','approved','listed','checked')),
          (select min(greatest(due_at, coalesce(lease_until, due_at))) from notice
            where state not in ('sent','failed','bounced'))) as due`;
      const due = row!.due?.getTime() ?? null;
      now = new Date(Math.max(now.getTime(), due ?? 0) + 60_000);
      office.at(now.toISOString());
      return due !== null || waiting.size > 0;
    },
    async picture() {
      const letters = await office.db.sql<{ told: string }[]>`
        select state || ': ' || coalesce((select string_agg(template, ' ' order by template) from notice
          where notice.letter = letter.id), '') as told from letter order by message_id`;
      const rows = await office.db.sql<{ row: string }[]>`
        select r.address || ' ' || r.state || ' ' || coalesce(m.username, '-') as row
        from dossier_row r left join mail.mailbox m on m.username = r.address order by 1`;
      const [counts] = await office.db.sql<{ dossiers: number; received: number; notices: number }[]>`
        select (select count(*)::int from dossier) as dossiers,
          (select count(*)::int from mail_log.mail_event where event = 'letter.received') as received,
          (select count(*)::int from notice) as notices`;
      return {
        letters: letters.map(({ told }) => told),
        rows: rows.map(({ row }) => row),
        ...counts!,
        arrived: arrived.size,
        repeated: [...arrived.values()].filter((times) => times > 1).length,
      };
    },
    async close() {
      await door.door.close(100);
      await sink.door.close(100);
      await office.close();
    },
  };
}

async function untilTrouble(once: () => Promise<boolean>): Promise<void> {
  try {
    while (await once());
  } catch {
    // The gateway's loops log it and rest a second (src/loops.ts).
  }
}
