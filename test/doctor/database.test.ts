import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { postgresClient } from '../../src/store/driver.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { systemClock, type Clock } from '../../src/clock.ts';
import { databaseClock } from '../../src/doctor/clock.ts';
import { connections, database, databaseRights, durability, migrations } from '../../src/doctor/database.ts';
import { checkpointAge, mailLog, outsideCheckpoints } from '../../src/doctor/mail-log.ts';
import { provisioner } from '../../src/doctor/provisioner.ts';
import { letters, outbox } from '../../src/doctor/queue.ts';
import { append } from '../../src/mail-log/append.ts';
import { heartbeat } from '../../src/mail-log/events.ts';
import { loadLogKey } from '../../src/mail-log/key-file.ts';
import { sequenceAll } from '../../src/mail-log/sequencer.ts';
import { addLetter } from '../../src/store/letters.ts';
import { freshDatabase } from '../harness/database.ts';
import { freePort } from '../harness/free-port.ts';
import { grades, lookWith } from '../harness/doctor.ts';

type Db = Awaited<ReturnType<typeof freshDatabase>>;
let db: Db;
let dir: string;
let env: Record<string, string>;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.drop());
beforeEach(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-doctor-'));
  env = { DATABASE_URL: db.url, CONGTHU_DATA_DIR: dir };
  return () => {
    fs.rmSync(dir, { recursive: true });
  };
});

const later = (ms: number): Clock => ({ now: () => new Date(Date.now() + ms) });
const HOUR = 3_600_000;

test('a database that answers, and one that does not', async () => {
  expect(await lookWith(database, env)).toMatchObject([
    { grade: 'ok', seen: expect.stringMatching(/^PostgreSQL \d/) as string },
  ]);
  const DATABASE_URL = `postgres://nobody@127.0.0.1:${await freePort()}/x`;
  const gone = { ...env, DATABASE_URL };
  expect(await lookWith(database, gone)).toMatchObject([
    { grade: 'failure', hint: expect.stringContaining('DATABASE_URL') as string },
  ]);
  // Told once; what needs the database is skipped.
  expect(grades(await lookWith(migrations, gone))).toBe('skipped');
  expect(grades(await lookWith(letters, gone))).toBe('skipped');
});

test('settings that lose commits', async () => {
  // The server of these tests runs without fsync, unless one was given.
  const [row] = await db.sql<{ setting: string }[]>`select current_setting('fsync') as setting`;
  const found = await lookWith(durability, env);
  expect(found.find(({ seen }) => seen.startsWith('fsync'))?.grade).toBe(
    row!.setting === 'off' ? 'failure' : 'ok',
  );
  const url = new URL(db.url);
  url.searchParams.set('synchronous_commit', 'off');
  const careless = await lookWith(durability, { ...env, DATABASE_URL: url.href });
  expect(careless.find(({ seen }) => seen.startsWith('synchronous_commit'))?.grade).toBe('failure');
});

test('an empty database is told to be migrated and is left empty', async () => {
  const admin = postgresClient(inject('server'), { max: 1, onnotice: () => undefined });
  const name = `empty_${randomUUID().slice(0, 8)}`;
  await admin`create database ${admin(name)}`;
  const url = new URL(inject('server'));
  url.pathname = `/${name}`;
  const empty = { ...env, DATABASE_URL: url.href };
  expect(await lookWith(migrations, empty)).toMatchObject([
    { grade: 'failure', hint: 'Run: congthu migrate' },
  ]);
  expect(grades(await lookWith(mailLog, empty))).toBe('skipped');
  const sql = postgresClient(url.href, { max: 1 });
  expect(await sql`select 1 from pg_tables where schemaname in ('public', 'migrations')`).toHaveLength(0);
  await sql.end();
  await admin`drop database ${admin(name)}`;
  await admin.end();
});

test('migrations: complete, one missing, from a newer program', async () => {
  expect(grades(await lookWith(migrations, env))).toBe('ok');
  const latest = await db.sql<{ id: number; created_at: string }[]>`
    delete from migrations.__drizzle_migrations where created_at = (select max(created_at) from migrations.__drizzle_migrations)
    returning *`;
  expect(await lookWith(migrations, env)).toMatchObject([
    { grade: 'failure', seen: expect.stringMatching(/^not applied: \d{4}_\w+$/) as string },
  ]);
  await db.sql`insert into migrations.__drizzle_migrations ${db.sql(latest)}`;
  await db.sql`update migrations.__drizzle_migrations set created_at = created_at + 1 where id = ${latest[0]!.id}`;
  expect(grades(await lookWith(migrations, env))).toBe('warning');
  await db.sql`update migrations.__drizzle_migrations set created_at = created_at - 1 where id = ${latest[0]!.id}`;
});

test('connections and clock', async () => {
  expect(await lookWith(connections, env)).toMatchObject([
    { seen: expect.stringMatching(/of \d+ connections in use/) as string },
  ]);
  expect(grades(await lookWith(databaseClock, env))).toBe('ok');
  expect(await lookWith(databaseClock, env, { clock: later(-HOUR) })).toMatchObject([
    { grade: 'failure', seen: expect.stringMatching(/^3\d{6} ms behind PostgreSQL$/) as string },
  ]);
});

test('a login that may only append to the log, and one that may change it', async () => {
  expect(grades(await lookWith(databaseRights, env))).toBe('warning');
  const login = `gateway_${randomUUID().slice(0, 8)}`;
  await db.sql.unsafe(`create role ${login} login password 'geheim' in role congthu_gateway`);
  const url = new URL(db.url);
  url.username = login;
  url.password = 'geheim';
  const humble = { ...env, DATABASE_URL: url.href };
  expect(await lookWith(databaseRights, humble)).toMatchObject([
    { grade: 'ok', seen: 'the login may only append' },
  ]);
  // What a gateway does for mailboxes needs rights of its own.
  expect(grades(await lookWith(provisioner, humble))).toBe('ok');
  await db.sql
    .unsafe(`revoke congthu_gateway from ${login}; grant usage on schema mail, migrations to ${login};
    grant select on all tables in schema migrations to ${login}`);
  expect(await lookWith(provisioner, humble)).toMatchObject([
    { grade: 'failure', seen: expect.stringContaining('mail.mailbox') as string },
  ]);
  await db.sql.unsafe(`drop owned by ${login}; drop role ${login}`);
});

test('the provisioner manual counts what waits for people', async () => {
  const manual = { ...env, CONGTHU_PROVISIONER: 'manual' };
  expect(await lookWith(provisioner, manual)).toMatchObject([
    { grade: 'ok', seen: 'manual: 0 orders wait for people, the oldest for 0 hours' },
  ]);
  await db.sql`insert into mail.manual_order (id, action, address, detail, ordered_at) values ('x', 'create', 'a@b.vn', '{}', now())`;
  expect(grades(await lookWith(provisioner, manual, { clock: later(25 * HOUR) }))).toBe('warning');
  await db.sql`delete from mail.manual_order`;
});

describe('queues', () => {
  test('letters nobody works on grow old', async () => {
    expect(grades(await lookWith(letters, env))).toBe('ok|ok|ok');
    const now = new Date();
    await db.transaction((tx) =>
      addLetter(
        tx,
        {
          id: randomUUID(),
          receivedAt: now,
          door: 'smtp',
          client: null,
          regulation: 'vn-quangbinh-41-2015',
          unit: null,
          sender: 'snv@quangbinh.gov.vn',
          person: null,
          messageId: null,
          size: 1,
          digest: Buffer.alloc(32),
          kinds: [],
          facts: {} as never,
          state: 'received',
          reason: null,
          dueAt: now,
        },
        Buffer.from('x'),
      ),
    );
    expect(grades(await lookWith(letters, env, { clock: later(60_000) }))).toBe('ok|ok|ok');
    expect(grades(await lookWith(letters, env, { clock: later(20 * 60_000) }))).toBe('warning|ok|ok');
    expect(grades(await lookWith(letters, env, { clock: later(3 * HOUR) }))).toBe('failure|ok|ok');
    await db.sql`update letter set state = 'officer'`;
    expect(await lookWith(letters, env, { clock: later(3 * HOUR) })).toMatchObject([
      { grade: 'ok' },
      { seen: '1 letters wait for an officer, 0 are sealed' },
      { grade: 'ok' },
    ]);
  });

  test('dossiers past their date, and notices that do not leave', async () => {
    await db.sql`insert into unit (code, regulation, name, level, abbreviation) values ('snv', 'r', 'Sở Nội vụ', 'so', 'snv')`;
    await db.sql`insert into dossier (number, regulation, unit, kinds, state, received_at, due_at)
      values ('1', 'r', 'snv', '{}', 'open', now(), now() + interval '1 hour')`;
    expect((await lookWith(letters, env))[2]).toMatchObject({
      grade: 'ok',
      seen: '0 dossiers overdue, 1 due within 24 hours',
    });
    expect((await lookWith(letters, env, { clock: later(2 * HOUR) }))[2]).toMatchObject({ grade: 'warning' });
    expect(grades(await lookWith(outbox, env))).toBe('ok');
    await db.sql`insert into notice (id, event, template, recipient, subject, text, html, message_id, created_at, state, due_at)
      values (${randomUUID()}, 'e', 'received', 'a@b.vn', '', '', '', '<x>', now(), 'queued', now())`;
    expect(grades(await lookWith(outbox, env, { clock: later(HOUR) }))).toBe('warning');
    expect(grades(await lookWith(outbox, env, { clock: later(25 * HOUR) }))).toBe('failure');
    await db.sql`update notice set state = 'failed'`;
    expect(grades(await lookWith(outbox, env, { clock: later(25 * HOUR) }))).toBe('ok|warning');
  });
});

describe('the mail log', () => {
  const keyOf = () => loadLogKey(path.join(dir, 'mail-log.key'), 'congthu.localhost/mail-log');

  test('empty, verified, without its key, old, changed behind its back', async () => {
    expect(grades(await lookWith(mailLog, env))).toBe('skipped');
    expect(grades(await lookWith(checkpointAge, env))).toBe('skipped');
    expect(fs.readdirSync(dir), 'no key is made by looking').toEqual([]);
    for (let n = 0; n < 3; n += 1) await append(db.sql, systemClock.now(), heartbeat());
    await sequenceAll(db.sql, keyOf(), systemClock.now());
    expect(await lookWith(mailLog, env)).toMatchObject([
      { grade: 'ok', seen: expect.stringContaining('3 entries') as string },
    ]);
    expect(grades(await lookWith(mailLog, env, { quick: true }))).toBe('skipped');
    expect(grades(await lookWith(checkpointAge, env))).toBe('ok|ok');
    expect(grades(await lookWith(checkpointAge, env, { clock: later(20 * 60_000) }))).toBe('warning|ok');
    await append(db.sql, systemClock.now(), heartbeat());
    expect(grades(await lookWith(checkpointAge, env, { clock: later(25 * HOUR) }))).toBe('failure|failure');

    const key = fs.readFileSync(path.join(dir, 'mail-log.key'));
    fs.rmSync(path.join(dir, 'mail-log.key'));
    expect(await lookWith(mailLog, env)).toMatchObject([
      { grade: 'failure', hint: expect.stringContaining('backup') as string },
    ]);
    fs.writeFileSync(path.join(dir, 'mail-log.key'), key, { mode: 0o600 });

    await db.sql.begin(async (tx) => {
      await tx`set local session_replication_role = replica`;
      await tx`update mail_log.mail_event set entry = replace(entry, 'heartbeat', 'heartbeet') where (at, id) in
        (select at, id from mail_log.sequenced order by number limit 1)`;
    });
    const found = await lookWith(mailLog, env);
    expect(found.length).toBeGreaterThan(0);
    expect(found.every(({ grade }) => grade === 'failure')).toBe(true);
  });

  test('checkpoints outside: nowhere, mailed, never laid down, laid down, long ago', async () => {
    expect(grades(await lookWith(outsideCheckpoints, env))).toBe('warning');
    expect(
      grades(await lookWith(outsideCheckpoints, { ...env, CONGTHU_AUDITORS: 'kt@quangbinh.gov.vn' })),
    ).toBe('ok');
    const placed = { ...env, CONGTHU_CHECKPOINT_FILE: path.join(dir, 'log') };
    expect(grades(await lookWith(outsideCheckpoints, placed))).toBe('warning');
    await db.sql`insert into mail_log.anchor (place, period, at, size, note) values ('file /x', '2026-01-01T00', now(), 1, '')`;
    expect(grades(await lookWith(outsideCheckpoints, placed))).toBe('ok');
    expect(grades(await lookWith(outsideCheckpoints, placed, { clock: later(4 * HOUR) }))).toBe('warning');
    expect(grades(await lookWith(outsideCheckpoints, placed, { clock: later(50 * HOUR) }))).toBe('failure');
  });
});
