import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { STOP_LIMIT_MS } from '../../src/gateway.ts';
import { deliver } from '../../src/notices/send.ts';
import { startClamd, withoutClamd, type RunningClamd } from '../harness/clamd.ts';
import { freshDatabase } from '../harness/database.ts';
import type { OpenDoor } from '../harness/door.ts';
import { startProcess, type GatewayProcess } from '../harness/gateway-process.ts';
import { openMailServer } from '../harness/mail-server.ts';
import { registerUnits, unitAddress } from '../harness/many-units.ts';
import { lineClient } from '../harness/smtp-client.ts';
import { startProxy, type TcpProxy } from '../harness/tcp-proxy.ts';

/**
 * SIGTERM strikes a gateway at work: letters on the wire, steps waiting for a scanner that takes the connection and
 * never answers. It ends in time with status 0, and the next one finishes everything without waiting for leases.
 */
const INTAKE = 'stttt@quangbinh.gov.vn';
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-drain-'));
const arrived = new Map<string, number>();
let db: Awaited<ReturnType<typeof freshDatabase>>;
let clamd: RunningClamd;
let wire: TcpProxy;
let sink: OpenDoor;
const running: GatewayProcess[] = [];

beforeAll(async () => {
  if (withoutClamd) return;
  db = await freshDatabase();
  await registerUnits(db);
  clamd = await startClamd();
  wire = await startProxy(clamd.port);
  sink = await openMailServer(arrived);
});
afterAll(async () => {
  for (const gateway of running) await gateway.terminate('SIGKILL');
  if (withoutClamd) return;
  wire.close();
  await clamd.stop();
  await sink.door.close(100);
  await db.drop();
  fs.rmSync(dir, { recursive: true, force: true });
});

async function start(more: Readonly<Record<string, string>> = {}): Promise<GatewayProcess> {
  const gateway = await startProcess({
    DATABASE_URL: db.url,
    CONGTHU_DATA_DIR: dir,
    CONGTHU_RELAY_URL: `smtp://127.0.0.1:${sink.port}?ignoreTLS=true`,
    CONGTHU_NOTICE_FROM: INTAKE,
    CONGTHU_TRUSTED_RELAYS: '127.0.0.1',
    CONGTHU_AUTHSERV_ID: 'mx.quangbinh.gov.vn',
    CONGTHU_CLAMD: `127.0.0.1:${wire.port}`,
    CONGTHU_WORKERS: '3',
    ...more,
  });
  running.push(gateway);
  return gateway;
}

const idOf = (n: number): string => `<${n}@drain.test>`;
const letter = (n: number): string =>
  `Authentication-Results: mx.quangbinh.gov.vn; dmarc=pass header.from=quangbinh.gov.vn\r\nFrom: ${unitAddress(n)}\r\nTo: ${INTAKE}\r\nSubject: bao cao ${n}\r\nMessage-ID: ${idOf(n)}\r\n\r\nKinh gui So, so ${n}.\r\n`;

const statesOf = async (): Promise<Record<string, number>> => {
  const rows = await db.sql<{ state: string; n: number }[]>`
    select state, count(*)::int as n from letter group by state`;
  return Object.fromEntries(rows.map(({ state, n }) => [state, n]));
};

/** What a client hears for a letter whose last bytes it sends after the gateway was told to end. */
async function slowLetter(port: number, n: number, told: Promise<unknown>): Promise<string> {
  const client = await lineClient(port);
  await client.reply();
  for (const line of ['EHLO may.vn', `MAIL FROM:<${unitAddress(n)}>`, `RCPT TO:<${INTAKE}>`, 'DATA']) {
    client.send(`${line}\r\n`);
    await client.reply();
  }
  const text = letter(n);
  client.send(text.slice(0, 200));
  await told;
  await sleep(1500);
  client.send(`${text.slice(200)}.\r\n`);
  const answer = await client.reply();
  client.close();
  return answer;
}

test.skipIf(withoutClamd)(
  'told to end under load with a silent scanner: in time, nothing lost, nothing twice',
  { timeout: 300_000 },
  async () => {
    const first = await start();
    const acknowledged = new Set<number>();
    const heard = new Set<number>();
    let port = first.smtpPort;
    let over = false;
    let next = 0;
    const sender = async (): Promise<void> => {
      while (!over) {
        const n = (next += 1);
        for (;;) {
          const url = `smtp://127.0.0.1:${port}?ignoreTLS=true`;
          const answer = await deliver(url, unitAddress(n), INTAKE, Buffer.from(letter(n))).catch(() => null);
          if (answer !== null) heard.add(answer.code);
          if (answer?.code === 250) {
            acknowledged.add(n);
            break;
          }
          await sleep(200);
        }
        await sleep(50);
      }
    };
    const senders = Array.from({ length: 4 }, sender);
    await expect.poll(() => arrived.size, { timeout: 60_000 }).toBeGreaterThan(5);
    wire.mood('frozen');
    await expect
      .poll(async () => (await statesOf())['received'] ?? 0, { timeout: 60_000 })
      .toBeGreaterThan(10);
    let tell = (): void => undefined;
    const told = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const slow = slowLetter(port, 1_000_000, told);
    await sleep(1000);
    const ending = first.terminate();
    tell();
    expect(await slow).toMatch(/^250 /);
    const { status, tookMs } = await ending;
    expect(status, first.output().slice(-3000)).toBe(0);
    expect(tookMs).toBeLessThan(STOP_LIMIT_MS);

    const [held] = await db.sql<{ letters: number; notices: number }[]>`select
      (select count(*)::int from letter where lease_until is not null) as letters,
      (select count(*)::int from notice where lease_until is not null) as notices`;
    expect(held).toEqual({ letters: 0, notices: 0 });
    const attempts = await db.sql`select 1 from letter where attempts > 0`;
    expect(attempts.length).toBe(0);

    wire.mood('open');
    const second = await start();
    port = second.smtpPort;
    const since = Date.now();
    await sleep(2000);
    over = true;
    await Promise.all(senders);
    const underWay = async (): Promise<number> => {
      const [row] = await db.sql<{ n: number }[]>`select (
        (select count(*) from letter where state in ('received','examined','registered','approved','listed','checked'))
        + (select count(*) from notice where state in ('queued','sending')))::int as n`;
      return row!.n;
    };
    await expect.poll(underWay, { timeout: 120_000, interval: 200 }).toBe(0);
    // Leases are 4 minutes: whoever waited for one would still be at it.
    expect(Date.now() - since).toBeLessThan(150_000);
    expect([...heard].filter((code) => code !== 250 && code !== 421)).toEqual([]);

    const rows = await db.sql<{ message_id: string; dossier: string; notices: number }[]>`
      select message_id, dossier, (select count(*)::int from notice where notice.letter = letter.id) as notices
      from letter`;
    expect(new Set(rows.map((row) => row.message_id))).toEqual(
      new Set([...acknowledged, 1_000_000].map(idOf)),
    );
    expect(new Set(rows.map((row) => row.dossier)).size).toBe(rows.length);
    expect(rows.filter(({ notices }) => notices !== rows[0]!.notices)).toEqual([]);
    expect([...arrived.values()].filter((times) => times > 1)).toEqual([]);
    expect(arrived.size).toBe(rows.reduce((sum, { notices }) => sum + notices, 0));
    // One examination each, whichever of the two gateways made it, and none called a failure.
    const twice = await db.sql`select letter, event, count(*) from mail_log.mail_event
      where letter is not null and event in ('letter.received', 'evidence.found')
      group by 1, 2 having count(*) > 1`;
    expect(twice).toEqual([]);
    expect(await db.sql`select entry from mail_log.mail_event where event = 'failure'`).toEqual([]);
    expect((await second.terminate()).status).toBe(0);
  },
);

test.skipIf(withoutClamd)(
  'a database that answers no more does not hold it either',
  { timeout: 240_000 },
  async () => {
    const url = new URL(db.url);
    const cable = await startProxy(Number(url.port));
    url.host = `127.0.0.1:${cable.port}`;
    const gateway = await start({ DATABASE_URL: url.href });
    await sleep(500);
    cable.mood('frozen');
    const { status, tookMs } = await gateway.terminate();
    cable.close();
    expect(status, gateway.output().slice(-3000)).toBe(0);
    expect(tookMs).toBeLessThan(timeoutStopMs());
    expect(gateway.output()).toContain('not everything came to its end in time');
  },
);

/** When systemd would kill it. */
function timeoutStopMs(): number {
  const unit = fs.readFileSync(
    path.resolve(import.meta.dirname, '../../templates/ops/congthu.service'),
    'utf8',
  );
  return Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)![1]) * 1000;
}

test('systemd waits for longer than that', () => {
  // Connections to the database and whatever else still hangs have up to 15 s after the limit.
  expect(timeoutStopMs()).toBeGreaterThanOrEqual(STOP_LIMIT_MS + 20_000);
});
