import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deliver } from '../../src/notices/send.ts';
import { openDatabase } from '../../src/store/database.ts';
import { INTAKE, runGateway, type RunningGateway } from '../harness/gateway.ts';
import { registerUnits, unitAddress } from '../harness/many-units.ts';
import { startProxy, type ProxyMood, type TcpProxy } from '../harness/tcp-proxy.ts';

/**
 * The database has a bad day under a whole gateway: the door says 451 or 452 and nothing else against a letter, what it
 * acknowledged is kept once, and ten seconds after the trouble letters are taken again.
 */
const RECOVERY_MS = 10_000;
const SENDERS = 4;
let run: RunningGateway;
let proxy: TcpProxy;
/** A small disk for the bytes of letters alone. */
const disk = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-disk-'));
let mounted = false;
const canMount = process.getuid?.() === 0 || process.env['CONGTHU_TEST_ALL'] === '1';

beforeAll(async () => {
  run = await runGateway({}, undefined, async (db) => {
    const url = new URL(db.url);
    proxy = await startProxy(Number(url.port));
    url.host = `127.0.0.1:${proxy.port}`;
    await registerUnits(db);
    return openDatabase({ url: url.href, dataDir: '' });
  });
});
afterAll(async () => {
  await run.gateway.stop();
  await run.close();
  proxy.close();
  if (mounted) execFileSync('umount', ['-l', disk]);
  fs.rmdirSync(disk);
});

let written = 0;
/** Letters of any size; the bytes do not compress, so that the disk fills as told. */
function letter(bytes: number): { id: string; from: string; raw: Buffer } {
  const id = `<${(written += 1)}@trouble.test>`;
  const from = unitAddress(written);
  const head = `Authentication-Results: mx.quangbinh.gov.vn; dmarc=pass header.from=quangbinh.gov.vn\r\nFrom: ${from}\r\nTo: ${INTAKE}\r\nSubject: bao cao ${written}\r\nMessage-ID: ${id}\r\n`;
  const filler = Buffer.from(crypto.getRandomValues(new Uint8Array(Math.min(bytes, 65_536)))).toString(
    'base64',
  );
  const body = filler.repeat(Math.ceil(bytes / filler.length)).replaceAll(/.{76}/g, '$&\r\n');
  return { id, from, raw: Buffer.from(`${head}\r\nKinh gui So.\r\n${body}\r\n`) };
}

interface Try {
  readonly sender: number;
  readonly code: number;
  readonly endedAt: number;
}

/** Offers letters as mail servers do, each again until it is acknowledged or refused. */
class Senders {
  readonly acknowledged: string[] = [];
  readonly tries: Try[] = [];
  #over = false;
  readonly #running: Promise<void>[];
  constructor(count: number, bytes: number) {
    this.#running = Array.from({ length: count }, (_, sender) => this.#send(sender, bytes));
  }
  async #send(sender: number, bytes: number): Promise<void> {
    while (!this.#over) {
      const { id, from, raw } = letter(bytes);
      for (;;) {
        const url = `smtp://127.0.0.1:${run.gateway.smtp.port}?ignoreTLS=true`;
        const { code } = await deliver(url, from, INTAKE, raw).catch(() => ({ code: 0 }));
        this.tries.push({ sender, code, endedAt: Date.now() });
        if (code === 250) this.acknowledged.push(id);
        if (code === 250 || code >= 500) break;
        await sleep(200);
      }
      await sleep(200);
    }
  }
  /** No new letters; those on the way are sent until they are acknowledged. */
  async end(): Promise<void> {
    this.#over = true;
    await Promise.all(this.#running);
  }
}

/** How the trouble went: what was heard from then on, and how long after its end each sender had a letter taken. */
async function through(
  begin: () => unknown,
  lasts: number,
  end: () => unknown,
  bytes = 2000,
): Promise<{ heard: number[]; recoveryMs: number }> {
  const senders = new Senders(SENDERS, bytes);
  await expect.poll(() => senders.acknowledged.length, { timeout: 20_000 }).toBeGreaterThan(3);
  await begin();
  const from = Date.now();
  await sleep(lasts);
  await end();
  const until = Date.now();
  const recovered = (): number[] =>
    Array.from({ length: SENDERS }, (_, n) =>
      senders.tries.find(({ sender, code, endedAt }) => sender === n && code === 250 && endedAt > until),
    ).flatMap((one) => (one === undefined ? [] : [one.endedAt - until]));
  await expect.poll(() => recovered().length, { timeout: 60_000 }).toBe(SENDERS);
  await senders.end();
  await kept(senders.acknowledged);
  const heard = new Set(senders.tries.filter(({ endedAt }) => endedAt >= from).map(({ code }) => code));
  return { heard: [...heard].sort(), recoveryMs: Math.max(...recovered()) };
}

/** Every acknowledged letter is there once, comes to rest, and its notices leave. */
async function kept(acknowledged: readonly string[]): Promise<void> {
  const rows = await run.db.sql<{ id: string; times: number }[]>`
    select message_id as id, count(*)::int as times from letter group by 1`;
  const times = new Map(rows.map((row) => [row.id, row.times]));
  expect(acknowledged.filter((id) => times.get(id) !== 1)).toEqual([]);
  expect(rows.filter((row) => row.times > 1)).toEqual([]);
}

test.each<[ProxyMood, number, number[]]>([
  ['frozen', 40_000, [250, 451]],
  ['slow', 10_000, [250]],
  ['refused', 25_000, [250, 451]],
])('PostgreSQL is %s', { timeout: 180_000 }, async (mood, lasts, expected) => {
  const { heard, recoveryMs } = await through(
    () => {
      proxy.mood(mood);
    },
    lasts,
    () => {
      proxy.mood('open');
    },
  );
  expect(heard.filter((code) => code !== 451)).toEqual(expected.filter((code) => code !== 451));
  if (expected.includes(451)) expect(heard).toContain(451);
  expect(recoveryMs).toBeLessThan(RECOVERY_MS);
});

test.skipIf(!canMount)('the disk of PostgreSQL is full', { timeout: 180_000 }, async () => {
  const [server] = await run.db.sql<{ data_directory: string }[]>`show data_directory`;
  const { uid, gid } = fs.statSync(server!.data_directory);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=2m,uid=${uid},gid=${gid}`, 'tmpfs', disk]);
  mounted = true;
  await run.db.sql.unsafe(`create tablespace small location '${disk}'`);
  await run.db.sql`alter table letter_bytes set tablespace small`;
  const { heard, recoveryMs } = await through(
    () => undefined,
    8_000,
    () => execFileSync('mount', ['-o', 'remount,size=200m', disk]),
    100_000,
  );
  expect(heard).toEqual([250, 452]);
  expect(recoveryMs).toBeLessThan(RECOVERY_MS);
});

test('in the end every letter has come to rest and is answered', { timeout: 240_000 }, async () => {
  // Whoever was cut off with a letter in hand keeps its lease; those minutes are not waited for here.
  await run.db.sql`update letter set lease_until = now() where lease_until is not null`;
  await run.db.sql`update notice set lease_until = now() where lease_until is not null`;
  const open = async () => {
    const [row] = await run.db.sql<{ open: number }[]>`select (
      (select count(*) from letter where state in ('received','examined','registered','approved','listed','checked'))
      + (select count(*) from notice where state in ('queued','sending')))::int as open`;
    return row!.open;
  };
  await expect.poll(open, { timeout: 200_000, interval: 500 }).toBe(0);
  const [counts] = await run.db.sql<{ letters: number; received: number }[]>`
    select (select count(*)::int from letter) as letters,
      (select count(*)::int from notice where template = 'received' and state = 'sent') as received`;
  expect(counts!.received).toBe(counts!.letters);
});
