import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type postgres from 'postgres';
import { postgresClient } from '../../src/store/driver.ts';
import { systemClock } from '../../src/clock.ts';
import { append, appendEach } from '../../src/mail-log/append.ts';
import { createAppender, type Appender } from '../../src/mail-log/appender.ts';
import { canonicalEntry } from '../../src/mail-log/event.ts';
import { letterReceived } from '../../src/mail-log/events.ts';
import { ingestPostfix } from '../../src/mail-log/ingest.ts';
import { MACHINERY } from '../../src/console/audit/words.ts';
import type { LogFilter } from '../../src/mail-log/search.ts';
import { createSequencer, prepareMonths, sequenceAll } from '../../src/mail-log/sequencer.ts';
import { periodOf, statistics } from '../../src/mail-log/statistics.ts';
import { timeline } from '../../src/mail-log/timeline.ts';
import { track } from '../../src/mail-log/tracking.ts';
import { verifyLog } from '../../src/mail-log/verify.ts';
import { openDatabase, migrate } from '../../src/store/database.ts';

/**
 * The mail log under load, beside a plain hash chain (every writer waits for the head) in the same database and run.
 *   npm run bench -- log              100,000 rows
 *   CONGTHU_BENCH_ROWS=5000000 npm run bench -- log
 */
const WRITERS = 32;
const SECONDS = 10;
const ROWS = Number(process.env['CONGTHU_BENCH_ROWS'] ?? 100_000);
const SEARCHES = 60;

export async function run(): Promise<void> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-bench-log-'));
  fs.chmodSync(dir, 0o755);
  const db = await openDatabase({ url: undefined, dataDir: dir, connections: WRITERS + 4 });
  const pool = postgresClient(db.url, { max: WRITERS, onnotice: () => undefined });
  const pair = generateKeyPairSync('ed25519');
  const publicKey = pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const key = { origin: 'bench.invalid/mail-log', privateKey: pair.privateKey, publicKey };
  try {
    await migrate(db.url);
    await prepareMonths(db.sql, new Date());
    await noise();
    // At the door: entries that belong to no other deed and come at the same time share a transaction.
    const door = createAppender((entries) => appendEach(pool, entries));
    await writing(db.sql, key, door, 'those that come together in one transaction');
    await writing(db.sql, key, (at, event) => append(pool, at, event), 'each its own transaction');
    await chain(pool);
    await ingesting(db.sql);
    await sequenceAll(db.sql, key, new Date());
    await filled(db.sql, ROWS);
    const numbering = await timed(() => sequenceAll(db.sql, key, new Date()));
    console.log(`sequencing a backlog of ${ROWS}: ${(ROWS / numbering.seconds).toFixed(0)} entries/s`);
    await db.sql`vacuum analyze mail_log.mail_event`;
    await db.sql`vacuum analyze mail_log.sequenced`;
    const verified = await timed(() => verifyLog(db.sql, key));
    const { size, faults } = verified.value;
    console.log(
      `verify: ${size} entries in ${verified.seconds.toFixed(1)} s = ${((verified.seconds * 1e6) / size).toFixed(1)} s per million, ${faults.length} faults`,
    );
    await searching(db.sql);
    await noise();
  } finally {
    await pool.end();
    await db.close();
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

async function timed<T>(work: () => Promise<T>): Promise<{ value: T; seconds: number }> {
  const start = performance.now();
  const value = await work();
  return { value, seconds: (performance.now() - start) / 1000 };
}

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? NaN;

/** The machine's own unrest: the same fixed work ten times, and the load that others make. */
async function noise(): Promise<void> {
  const times: number[] = [];
  for (let i = 0; i < 10; i++) {
    const start = performance.now();
    let hash = Buffer.alloc(32);
    for (let n = 0; n < 50_000; n++) hash = createHash('sha256').update(hash).digest();
    times.push(performance.now() - start);
    await sleep(10);
  }
  times.sort((a, b) => a - b);
  console.log(
    `noise: the same work took ${times[0]!.toFixed(0)}–${times.at(-1)!.toFixed(0)} ms; load ${os.loadavg()[0]!.toFixed(1)} on ${os.cpus().length} cores`,
  );
}

const mail = (i: number) =>
  letterReceived({
    letter: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
    unit: `unit${i % 1000}`,
    sender: `unit${i % 1000}@province.gov.vn`,
    recipient: 'stttt@province.gov.vn',
    client: `192.0.2.${i % 250}`,
    size: 20_000 + i,
    messageId: `<${i}@province.gov.vn>`,
    subject: 'V/v đề nghị cấp mới hộp thư điện tử công vụ cho cán bộ, công chức',
  });

async function writing(
  sql: postgres.Sql,
  key: Parameters<typeof sequenceAll>[1],
  write: Appender,
  how: string,
): Promise<void> {
  const errors: unknown[] = [];
  const sequencer = createSequencer({ sql, key, clock: systemClock, onError: (error) => errors.push(error) });
  sequencer.start();
  const lags: number[] = [];
  const end = performance.now() + SECONDS * 1000;
  let written = 0;
  const writer = async (): Promise<void> => {
    while (performance.now() < end) {
      await write(new Date(), mail(written++));
    }
  };
  // How long the oldest waiting entry has waited, seen every 50 ms.
  const watch = (async () => {
    while (performance.now() < end) {
      const [row] = await sql<{ ms: number | null }[]>`
        select extract(epoch from clock_timestamp() - min(at))::float8 * 1000 as ms from mail_log.pending`;
      if (typeof row?.ms === 'number') lags.push(row.ms);
      await sleep(50);
    }
  })();
  await Promise.all([...Array.from({ length: WRITERS }, writer), watch]);
  await sequencer.stop();
  lags.sort((a, b) => a - b);
  console.log(
    `append: ${(written / SECONDS).toFixed(0)} entries/s from ${WRITERS} writers, ${how}, sequencer running; lag p50 ${quantile(lags, 0.5).toFixed(0)} ms, p99 ${quantile(lags, 0.99).toFixed(0)} ms; ${errors.length} errors`,
  );
}

/** The peer: each entry holds the hash of the one before it. */
async function chain(pool: postgres.Sql): Promise<void> {
  await pool`create table public.chain (n bigint generated always as identity primary key, at timestamptz, entry text, hash bytea)`;
  await pool`create table public.chain_head (one boolean primary key default true, hash bytea)`;
  await pool`insert into public.chain_head (hash) values (decode(repeat('00', 32), 'hex'))`;
  const end = performance.now() + SECONDS * 1000;
  let written = 0;
  const writer = async (): Promise<void> => {
    while (performance.now() < end) {
      const at = new Date();
      const entry = canonicalEntry(at, mail(written++));
      await pool.begin(async (tx) => {
        const [head] = await tx<{ hash: Buffer }[]>`select hash from public.chain_head for update`;
        const hash = createHash('sha256').update(head!.hash).update(entry).digest();
        await tx`insert into public.chain (at, entry, hash) values (${at}, ${entry}, ${hash})`;
        await tx`update public.chain_head set hash = ${hash}`;
      });
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, writer));
  console.log(`peer, plain hash chain: ${(written / SECONDS).toFixed(0)} entries/s from ${WRITERS} writers`);
}

const MAILS = 40_000;

async function ingesting(sql: postgres.Sql): Promise<void> {
  const start = Date.now() - MAILS * 50;
  async function* lines(): AsyncGenerator<string> {
    await Promise.resolve();
    for (let i = 0; i < MAILS; i++) {
      const at = new Date(start + i * 50).toISOString();
      const id = (0x10000000 + i).toString(16).toUpperCase();
      const head = (program: string) => `${at} mx postfix/${program}[${i % 1000}]: ${id}:`;
      yield `${head('smtpd')} client=mail.x.vn[192.0.2.1]`;
      yield `${head('cleanup')} message-id=<${i}@x.vn>`;
      yield `${head('qmgr')} from=<a${i % 500}@x.vn>, size=${i}, nrcpt=1 (queue active)`;
      yield `${head('smtp')} to=<b${i % 500}@y.vn>, relay=y.vn[203.0.113.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)`;
      yield `${head('qmgr')} removed`;
    }
  }
  const { value, seconds } = await timed(() =>
    ingestPostfix(sql, lines(), { zone: '+07:00', now: new Date(), keepMonths: 12 }),
  );
  console.log(
    `ingest: ${((value.lines / seconds) * 60).toLocaleString('en', { maximumFractionDigits: 0 })} Postfix lines/min (${value.added} entries)`,
  );
}

const RARE = ['Nguyễn Thị Hường', 'Trần Văn Bích', 'Lê Quang Đạo', 'Phạm Minh Ước', 'Võ Thị Ngọc Ánh'];

/** Rows over twelve months by COPY, hashed in SQL; what they say has the spread of a province's mail. */
async function filled(sql: postgres.Sql, rows: number): Promise<void> {
  for (let back = 0; back < 13; back++)
    await sql`select mail_log.ensure_month(now() - make_interval(months => ${back}))`;
  const { seconds } = await timed(async () => {
    for (let at = 0; at < rows; at += 50_000) {
      const count = Math.min(50_000, rows - at);
      await sql.begin(async (tx) => {
        const events = tx`insert into mail_log.mail_event (at, id, entry, salt, leaf)`;
        await tx`create temp table if not exists filling (at timestamptz, id uuid, entry text, salt bytea) on commit delete rows`;
        const stream = await tx`copy filling (at, id, entry, salt) from stdin`.writable();
        for (let i = at; i < at + count; i++) stream.write(copyLine(i, rows));
        await new Promise((resolve, reject) => {
          stream.on('error', reject);
          stream.end(resolve);
        });
        await tx`${events} select at, id, entry, salt, sha256('\\x00'::bytea || salt || convert_to(entry, 'UTF8')) from filling`;
        await tx`insert into mail_log.pending (at, id, leaf)
          select at, id, sha256('\\x00'::bytea || salt || convert_to(entry, 'UTF8')) from filling order by at`;
      });
    }
  });
  console.log(`${rows} rows over twelve months made in ${seconds.toFixed(0)} s`);
}

function copyLine(i: number, rows: number): string {
  const at = new Date(Date.now() - 365 * 86_400_000 * (1 - i / rows));
  const person =
    i % 20_011 === 0 ? RARE[(i / 20_011) % RARE.length]! : `Nguyễn Văn ${SYLLABLES[i % SYLLABLES.length]!}`;
  const entry = canonicalEntry(
    at,
    letterReceived({
      letter: `00000000-0000-4000-9000-${String(Math.floor(i / 8)).padStart(12, '0')}`,
      dossier: `2026-${String(Math.floor(i / 8)).padStart(6, '0')}`,
      unit: `unit${(i * 7919) % 1200}`,
      sender: `unit${(i * 7919) % 1200}@province.gov.vn`,
      recipient: 'stttt@province.gov.vn',
      client: `192.0.2.${i % 250}`,
      size: 20_000 + (i % 100_000),
      messageId: `<${i}.bench@province.gov.vn>`,
      subject: `V/v đề nghị cấp mới hộp thư điện tử công vụ cho ${person}`,
      detail: `dmarc=pass số ${i}`,
    }),
  );
  const copied = entry.replaceAll('\\', '\\\\');
  const id = randomBytes(16).toString('hex');
  return `${at.toISOString()}\t${id}\t${copied}\t\\\\x${randomBytes(16).toString('hex')}\n`;
}
const SYLLABLES = [
  'An',
  'Bình',
  'Cường',
  'Dũng',
  'Đức',
  'Giang',
  'Hà',
  'Hải',
  'Hùng',
  'Khánh',
  'Lan',
  'Minh',
];

/** What the console's pages ask: the tracking list of 25, a matter's timeline with proofs, a year's overview. */
async function searching(sql: postgres.Sql): Promise<void> {
  const some = (n: number): number => (n * 104_729) % ROWS;
  const day = (n: number): Date => new Date(Date.now() - ((n * 37) % 360) * 86_400_000);
  const dossier = (n: number): string => `2026-${String(Math.floor(some(n) / 8)).padStart(6, '0')}`;
  const unit = (n: number): string => `unit${(n * 31) % 1200}`;
  const list =
    (filter: (n: number) => Omit<LogFilter, 'limit'>): Search =>
    (n) =>
      track(sql, { without: MACHINERY, limit: 25, ...filter(n) });
  const year = periodOf(String(new Date().getFullYear()))!;
  const searches: Readonly<Record<string, Search>> = {
    'first page': list(() => ({})),
    'a day': list((n) => ({ from: day(n), to: new Date(day(n).getTime() + 86_400_000) })),
    sender: list((n) => ({ sender: `${unit(n)}@province.gov.vn` })),
    'sender in a month long ago': list((n) => ({
      sender: `${unit(n)}@province.gov.vn`,
      to: new Date(Date.now() - 300 * 86_400_000),
    })),
    'Message-ID': list((n) => ({ messageId: `<${some(n)}.bench@province.gov.vn>` })),
    dossier: list((n) => ({ dossier: dossier(n) })),
    'frequent words': list(() => ({ words: 'đề nghị cấp mới' })),
    "a person's name, no accents": list((n) => ({
      words: RARE[n % RARE.length]!.normalize('NFD')
        .replaceAll(/[\u0300-\u036f]/g, '')
        .replaceAll('Đ', 'D')
        .replaceAll('đ', 'd'),
    })),
    'one number among words': list((n) => ({ words: `số ${some(n)}` })),
    'unit and words': list((n) => ({ unit: unit(n), words: 'hop thu' })),
    'nothing found': list(() => ({ words: 'khongcogi', event: 'letter.received' })),
    'timeline with proofs': (n) => timeline(sql, { dossier: dossier(n) }),
    'overview of the year': async () => [await statistics(sql, year, new Date())],
  };
  for (const [name, search] of Object.entries(searches)) {
    const times: number[] = [];
    let found = 0;
    for (let n = 0; n < SEARCHES; n++) {
      const { value, seconds } = await timed(() => search(n));
      times.push(seconds * 1000);
      found += value.length;
    }
    times.sort((a, b) => a - b);
    console.log(
      `search ${name}: p50 ${quantile(times, 0.5).toFixed(1)} ms, p95 ${quantile(times, 0.95).toFixed(1)} ms (${(found / SEARCHES).toFixed(1)} found)`,
    );
  }
}
type Search = (n: number) => Promise<readonly unknown[]>;
