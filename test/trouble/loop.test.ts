import { BlockList } from 'node:net';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { startGateway, type Gateway } from '../../src/gateway.ts';
import { deliver } from '../../src/notices/send.ts';
import { upsertUnits } from '../../src/store/registry.ts';
import { freshDatabase } from '../harness/database.ts';
import { openDoor, type OpenDoor } from '../harness/door.ts';
import { recordingGate } from '../harness/gate.ts';
import pino from 'pino';

/**
 * Two real gateways, each the other's registered unit, with a mail system between them that carries every notice of one
 * into the door of the other. And a unit whose mailbox answers everything by itself. They must fall silent by themselves.
 */
const REGULATION = 'vn-quangbinh-41-2015';
/** How the mail systems change what they carry. */
type Carrier =
  'as it is' | 'without the fields that say it is automatic' | 'without these and without the thread';

interface Side {
  readonly gateway: Gateway;
  readonly db: Awaited<ReturnType<typeof freshDatabase>>;
  readonly relay: OpenDoor;
  readonly dir: string;
}
const open: Side[] = [];
afterAll(async () => {
  for (const { gateway, db, relay, dir } of open) {
    await gateway.stop();
    await relay.door.close(100);
    await db.drop();
    fs.rmSync(dir, { recursive: true, force: true });
  }
});

/** A gateway for `intake`; whatever it sends is given to `carry`. */
async function side(
  name: string,
  intake: string,
  unit: string,
  carry: (raw: Buffer) => Promise<void>,
): Promise<Side> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), `congthu-loop-${name}-`));
  const db = await freshDatabase();
  await db.transaction((tx) =>
    upsertUnits(tx, [
      {
        code: 'kia',
        name: 'Cơ quan kia',
        regulation: REGULATION,
        mailbox: unit,
        parent: null,
        level: 'so',
        abbreviation: 'kia',
      },
    ]),
  );
  const relay = await openDoor(
    recordingGate({
      async receive({ raw }) {
        // As a mail system does: taken first, carried on by itself.
        const bytes = Buffer.from(await raw.bytes());
        void carry(bytes);
        return { code: 250, status: '2.0.0', text: 'queued' };
      },
    }),
    { trustedRelays: new BlockList(), maxConnectionsPerClient: 1000, minFree: 0 },
  );
  const config = readConfig({
    CONGTHU_DATA_DIR: dir,
    CONGTHU_REGULATIONS: REGULATION,
    CONGTHU_INTAKE: intake,
    CONGTHU_HOSTNAME: `${name}.congthu.test`,
    CONGTHU_SMTP_LISTEN: '127.0.0.1:0',
    CONGTHU_CONSOLE_LISTEN: '127.0.0.1:0',
    CONGTHU_OPS_LISTEN: '127.0.0.1:0',
    CONGTHU_RELAY_URL: `smtp://127.0.0.1:${relay.port}?ignoreTLS=true`,
    CONGTHU_NOTICE_FROM: intake,
    CONGTHU_TRUSTED_RELAYS: '127.0.0.1',
    CONGTHU_AUTHSERV_ID: 'mx.quangbinh.gov.vn',
  });
  const gateway = await startGateway(config, db, systemClock, pino({ level: 'silent' }));
  const made = { gateway, db, relay, dir };
  open.push(made);
  return made;
}

const AUTOMATIC = /^(?:auto-submitted|x-auto-response-suppress|precedence):.*\r\n/gim;
const THREAD = /^(?:in-reply-to|references):.*\r\n(?:[ \t].*\r\n)*/gim;

function carried(raw: Buffer, how: Carrier): Buffer {
  const text = raw.toString('latin1');
  const end = text.indexOf('\r\n\r\n') + 2;
  const stripped = how === 'as it is' ? [] : how.endsWith('thread') ? [AUTOMATIC, THREAD] : [AUTOMATIC];
  const head = stripped.reduce((left, pattern) => left.replaceAll(pattern, ''), text.slice(0, end));
  const proof = 'Authentication-Results: mx.quangbinh.gov.vn; dmarc=pass header.from=quangbinh.gov.vn\r\n';
  return Buffer.from(proof + head + text.slice(end), 'latin1');
}

/** Nothing is carried any more, and nothing waits. */
async function silent(sides: readonly Side[], count: () => number): Promise<void> {
  for (let last = -1; ;) {
    const waiting = await Promise.all(
      sides.map(async ({ db }) => {
        const [row] = await db.sql<{ n: number }[]>`select (
          (select count(*) from letter where state in ('received','examined','registered','approved','listed','checked'))
          + (select count(*) from notice where state in ('queued','sending')))::int as n`;
        return row!.n;
      }),
    );
    if (count() === last && waiting.every((n) => n === 0)) return;
    if (count() > 200) throw new Error(`${count()} letters and no end`);
    last = count();
    await sleep(1500);
  }
}

const FIRST = (from: string, to: string): Buffer =>
  Buffer.from(
    `Authentication-Results: mx.quangbinh.gov.vn; dmarc=pass header.from=quangbinh.gov.vn\r\nFrom: ${from}\r\nTo: ${to}\r\nSubject: V/v de nghi cap moi hop thu\r\nMessage-ID: <first@loop.test>\r\n\r\nKinh gui So.\r\n`,
  );

test.each<[Carrier, number]>([
  ['as it is', 2],
  ['without the fields that say it is automatic', 20],
  ['without these and without the thread', 20],
])('two gateways whose mail goes round %s: at most %i letters', { timeout: 120_000 }, async (how, most) => {
  const a = 'mot@quangbinh.gov.vn';
  const b = 'hai@quangbinh.gov.vn';
  let letters = 0;
  const sides: Side[] = [];
  const to =
    (n: number, from: string, recipient: string) =>
    async (raw: Buffer): Promise<void> => {
      letters += 1;
      const url = `smtp://127.0.0.1:${sides[n]!.gateway.smtp.port}?ignoreTLS=true`;
      await deliver(url, from, recipient, carried(raw, how)).catch(() => undefined);
    };
  sides.push(await side('mot', a, b, to(1, a, b)));
  sides.push(await side('hai', b, a, to(0, b, a)));
  const url = `smtp://127.0.0.1:${sides[0]!.gateway.smtp.port}?ignoreTLS=true`;
  expect((await deliver(url, b, a, FIRST(b, a))).code).toBe(250);
  await silent(sides, () => letters);
  expect(letters).toBeGreaterThan(0);
  expect(letters).toBeLessThanOrEqual(most);
  // Nothing was thrown away: what was not answered lies before the officers.
  const unanswered = await sides[0]!.db
    .sql`select 1 from letter where state not in ('officer', 'refused', 'duplicate')`;
  expect(unanswered.length).toBe(0);
});

test('a mailbox that answers everything, and does not say that it does', { timeout: 120_000 }, async () => {
  const intake = 'stttt@quangbinh.gov.vn';
  const unit = 'snv@quangbinh.gov.vn';
  let vacations = 0;
  const sides: Side[] = [];
  const answer = async (): Promise<void> => {
    vacations += 1;
    const raw = `Authentication-Results: mx.quangbinh.gov.vn; dmarc=pass header.from=quangbinh.gov.vn\r\nFrom: ${unit}\r\nTo: ${intake}\r\nSubject: Toi dang nghi phep\r\nMessage-ID: <${vacations}@vacation.test>\r\n\r\nToi dang nghi phep den het tuan (${vacations}).\r\n`;
    const url = `smtp://127.0.0.1:${sides[0]!.gateway.smtp.port}?ignoreTLS=true`;
    await deliver(url, unit, intake, Buffer.from(raw)).catch(() => undefined);
  };
  sides.push(await side('tudong', intake, unit, answer));
  const url = `smtp://127.0.0.1:${sides[0]!.gateway.smtp.port}?ignoreTLS=true`;
  await deliver(url, unit, intake, FIRST(unit, intake));
  await silent(sides, () => vacations);
  expect(vacations).toBeLessThanOrEqual(10);
});
