import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deliver } from '../../src/notices/send.ts';
import { openDatabase, type OpenDatabase } from '../../src/store/database.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/store/embedded-postgres.ts';
import type { OpenDoor } from '../harness/door.ts';
import { stopAtOnce } from '../harness/embedded-crash.ts';
import { startProcess, type GatewayProcess } from '../harness/gateway-process.ts';
import { openMailServer } from '../harness/mail-server.ts';
import { registerUnits, unitAddress } from '../harness/many-units.ts';
import { startProxy, type TcpProxy } from '../harness/tcp-proxy.ts';

/** Three gateways as processes on one database: started at one moment on an empty one, and while it is stopped at once. */
const INTAKE = 'stttt@quangbinh.gov.vn';
const GATEWAYS = 3;
const RECOVERY_MS = 10_000;
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-restart-'));
const arrived = new Map<string, number>();
let server: EmbeddedPostgres;
let cable: TcpProxy;
let sink: OpenDoor;
let gateways: GatewayProcess[] = [];
let over = false;
let ended = false;

beforeAll(async () => {
  fs.chmodSync(dir, 0o755);
  server = await startEmbeddedPostgres(dir);
  cable = await startProxy(Number(new URL(server.url).port));
  sink = await openMailServer(arrived);
});
afterAll(async () => {
  over = ended = true;
  for (const gateway of gateways) await gateway.terminate('SIGKILL');
  await sink.door.close(100);
  cable.close();
  await server.close();
  await stopAtOnce(dir);
  fs.rmSync(dir, { recursive: true, force: true });
});

/** Past the proxy. */
async function look<T>(fn: (db: OpenDatabase) => Promise<T>): Promise<T> {
  const db = await openDatabase({ url: server.url, dataDir: dir, connections: 1 });
  try {
    return await fn(db);
  } finally {
    await db.close();
  }
}

const listeners = (): Promise<number> =>
  look(async ({ sql }) => {
    const [row] = await sql<{ n: number }[]>`
      select count(*)::int as n from pg_stat_activity where query = 'listen "congthu_work"'`;
    return row!.n;
  });

test('three start at the same moment on an empty database', { timeout: 300_000 }, async () => {
  const url = new URL(server.url);
  url.port = String(cable.port);
  const started = await Promise.allSettled(
    Array.from({ length: GATEWAYS }, () =>
      startProcess({
        DATABASE_URL: url.href,
        CONGTHU_DATA_DIR: path.join(dir, 'shared'),
        CONGTHU_RELAY_URL: `smtp://127.0.0.1:${sink.port}?ignoreTLS=true`,
        CONGTHU_NOTICE_FROM: INTAKE,
        CONGTHU_TRUSTED_RELAYS: '127.0.0.1',
        CONGTHU_AUTHSERV_ID: 'mx.quangbinh.gov.vn',
      }),
    ),
  );
  gateways = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  expect(started.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []))).toEqual([]);
  for (const { ops } of gateways) expect(await (await fetch(`${ops}/readyz`)).text()).toBe('ready\n');
  await expect.poll(listeners, { timeout: 10_000 }).toBe(GATEWAYS);
  // No trouble on the way either: what one of them failed at for the others' sake would stand here.
  expect(gateways.map((one) => one.output()).filter((text) => text.includes('trouble'))).toEqual([]);
});

const idOf = (n: number): string => `<${n}@restart.test>`;
const letter = (n: number): Buffer =>
  Buffer.from(
    `Authentication-Results: mx.quangbinh.gov.vn; dmarc=pass header.from=quangbinh.gov.vn\r\nFrom: ${unitAddress(n)}\r\nTo: ${INTAKE}\r\nSubject: bao cao ${n}\r\nMessage-ID: ${idOf(n)}\r\n\r\nKinh gui So, so ${n}.\r\n`,
  );

test('PostgreSQL is stopped at once and started under them', { timeout: 300_000 }, async () => {
  await look(registerUnits);
  const acknowledged = new Set<number>();
  const heard = new Set<number>();
  /** When each gateway last took a letter. */
  const took = Array.from({ length: GATEWAYS }, () => 0);
  over = false;
  let next = 0;
  const sender = async (which: number): Promise<void> => {
    while (!over) {
      const n = (next += 1);
      while (!ended) {
        const url = `smtp://127.0.0.1:${gateways[which]!.smtpPort}?ignoreTLS=true`;
        const { code } = await deliver(url, unitAddress(n), INTAKE, letter(n)).catch(() => ({ code: 0 }));
        heard.add(code);
        if (code === 250) {
          took[which] = Date.now();
          acknowledged.add(n);
          break;
        }
        await sleep(200);
      }
      await sleep(100);
    }
  };
  const senders = Array.from({ length: 2 * GATEWAYS }, (_, n) => sender(n % GATEWAYS));
  await expect.poll(() => acknowledged.size, { timeout: 60_000 }).toBeGreaterThan(20);

  for (const awayMs of [0, 4000]) {
    await stopAtOnce(dir);
    await sleep(awayMs);
    server = await startEmbeddedPostgres(dir);
    cable.target(Number(new URL(server.url).port));
    const back = Date.now();
    await expect.poll(() => took.every((at) => at > back), { timeout: 60_000, interval: 50 }).toBe(true);
    expect(Math.max(...took.map((at) => at - back))).toBeLessThan(RECOVERY_MS);
    await expect.poll(listeners, { timeout: RECOVERY_MS - (Date.now() - back) }).toBe(GATEWAYS);
    for (const { ops } of gateways)
      await expect.poll(async () => (await fetch(`${ops}/readyz`)).status, { timeout: 5000 }).toBe(200);
  }
  over = true;
  await Promise.all(senders);
  expect([...heard].filter((code) => ![250, 451, 452].includes(code))).toEqual([]);

  await look(async ({ sql }) => {
    const rows = await sql<{ message_id: string }[]>`select message_id from letter`;
    const kept = rows.map((row) => row.message_id);
    expect([...acknowledged].map(idOf).filter((id) => !kept.includes(id))).toEqual([]);
    expect(new Set(kept).size).toBe(kept.length);
    // Whoever was cut off with a letter in hand keeps its lease; those minutes are not waited for here.
    await sql`update letter set lease_until = now() where lease_until is not null`;
    await sql`update notice set lease_until = now() where lease_until is not null`;
    const open = async (): Promise<number> => {
      const [row] = await sql<{ n: number }[]>`select (
        (select count(*) from letter where state in ('received','examined','registered','approved','listed','checked'))
        + (select count(*) from notice where state in ('queued','sending')))::int as n`;
      return row!.n;
    };
    await expect.poll(open, { timeout: 120_000, interval: 500 }).toBe(0);
  });
  for (const gateway of gateways) expect((await gateway.terminate()).status).toBe(0);
});
