import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { BlockList } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Clock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { startGateway, type Gateway } from '../../src/gateway.ts';
import { writeWorkbook } from '../../src/lists/write-workbook.ts';
import { loadLogKey } from '../../src/mail-log/key-file.ts';
import { latestCheckpoint } from '../../src/mail-log/sequencer.ts';
import { verifyLog } from '../../src/mail-log/verify.ts';
import { deliver } from '../../src/notices/send.ts';
import { migrate, openDatabase, type OpenDatabase } from '../../src/store/database.ts';
import { upsertUnits } from '../../src/store/registry.ts';
import { openDoor, type OpenDoor } from '../harness/door.ts';
import { freePort } from '../harness/free-port.ts';
import { OK } from '../harness/gate.ts';
import { buildPki, openssl, signedLetter, type Leaf, type Pki } from '../harness/openssl-pki.ts';
import {
  createCluster,
  postgresDaemon,
  postgresFolder,
  postgresProgram,
  startCluster,
  withoutPostgres,
  type PostgresServer,
} from '../harness/postgres-server.ts';
import { startProxy, type TcpProxy } from '../harness/tcp-proxy.ts';

const INTAKE = 'stttt@quangbinh.gov.vn';
const UNIT = 'snv@quangbinh.gov.vn';
const ROOT = path.resolve(import.meta.dirname, '../..');
/** What README names: the two files of the data directory that belong to a backup. */
const KEYS = ['secret', 'mail-log.key'];
const PATIENCE = { timeout: 40_000, interval: 100 };

describe.skipIf(withoutPostgres)('a gateway put back from its backup goes on where it was', () => {
  let dir: string;
  let sink: OpenDoor;
  let arrived: string[];
  let relay: TcpProxy;
  let pki: Pki;
  let leaf: Leaf;
  const ends: (() => unknown)[] = [];

  beforeEach(async () => {
    dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-backup-'));
    fs.chmodSync(dir, 0o755);
    arrived = [];
    const yes = (): Promise<null> => Promise.resolve(null);
    sink = await openDoor(
      {
        connection: yes,
        mailFrom: yes,
        rcptTo: yes,
        async receive({ raw }) {
          arrived.push((await raw.bytes()).toString());
          return OK;
        },
      },
      { trustedRelays: new BlockList() },
    );
    relay = await startProxy(sink.port);
    pki = buildPki(path.join(dir, 'pki'));
    leaf = pki.leaf('snv', { email: UNIT, commonName: 'So Noi vu' });
    const operator = pki.leaf('operator', { email: INTAKE, commonName: 'So TTTT' });
    const pair = ['-inkey', operator.key, '-in', operator.cert, '-certfile', pki.issuing];
    openssl(['pkcs12', '-export', ...pair, '-passout', 'pass:test', '-out', path.join(dir, 'operator.p12')]);
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
    relay.close();
    await sink.door.close(0);
    fs.rmSync(dir, { recursive: true, force: true });
  });

  const settings = (dataDir: string, databaseUrl: string, relayPort: number): Record<string, string> => ({
    DATABASE_URL: databaseUrl,
    CONGTHU_DATA_DIR: dataDir,
    CONGTHU_SMTP_LISTEN: '127.0.0.1:0',
    CONGTHU_CONSOLE_LISTEN: '127.0.0.1:0',
    CONGTHU_OPS_LISTEN: '127.0.0.1:0',
    CONGTHU_PUBLIC_URL: 'https://thu.quangbinh.gov.vn',
    CONGTHU_RELAY_URL: `smtp://127.0.0.1:${relayPort}?ignoreTLS=true`,
    CONGTHU_NOTICE_FROM: INTAKE,
    CONGTHU_TRUSTED_RELAYS: '127.0.0.1',
    CONGTHU_AUTHSERV_ID: 'mx.quangbinh.gov.vn',
    CONGTHU_ANCHORS_DIR: pki.anchors,
    CONGTHU_INTERMEDIATES_DIR: pki.intermediates,
    CONGTHU_CRLS_DIR: pki.crls,
    CONGTHU_SIGNING_P12: path.join(dir, 'operator.p12'),
    CONGTHU_SIGNING_PASS: 'test',
    CONGTHU_SIGN_REPLIES: 'yes',
  });

  const letter = (name: string): Buffer =>
    signedLetter(
      `Content-Type: multipart/mixed; boundary=ranh

--ranh
Content-Type: text/plain; charset=utf-8

De nghi cap moi hop thu theo danh sach.

--ranh
Content-Type: application/vnd.openxmlformats-officedocument.spreadsheetml.sheet
Content-Disposition: attachment; filename="danh-sach.xlsx"
Content-Transfer-Encoding: base64

${writeWorkbook('Danh sách', [
  ['ĐỀ NGHỊ CẤP MỚI HỘP THƯ'],
  [],
  ['STT', 'Họ và tên', 'Chức vụ', 'Số điện thoại'],
  [1, name, 'Chuyên viên', '0905123401'],
])
  .toString('base64')
  .replaceAll(/.{76}/g, '$&\n')}
--ranh--
`,
      leaf,
      pki,
      {
        'Authentication-Results': 'mx.quangbinh.gov.vn; dmarc=pass header.from=quangbinh.gov.vn',
        From: UNIT,
        To: INTAKE,
        Subject: 'V/v de nghi cap moi hop thu',
        'Message-ID': `<${Buffer.from(name).toString('hex')}@backup.test>`,
        Date: new Date().toUTCString(),
      },
    );

  async function prepare(server: PostgresServer): Promise<OpenDatabase> {
    postgresProgram('createdb', '-h', '127.0.0.1', '-p', String(server.port), '-U', 'congthu', 'congthu');
    await migrate(server.url('congthu'));
    const db = await openDatabase({ url: server.url('congthu'), dataDir: '', connections: 2 });
    await db.transaction((tx) =>
      upsertUnits(tx, [
        {
          code: 'snv',
          name: 'Sở Nội vụ',
          regulation: 'vn-quangbinh-41-2015',
          mailbox: UNIT,
          parent: null,
          level: 'so',
          abbreviation: 'snv',
        },
      ]),
    );
    return db;
  }

  /** The gateway as a process of its own, so that it can die like one. */
  async function spawnGateway(env: Record<string, string>): Promise<{ port: number; child: ChildProcess }> {
    const port = await freePort();
    const child = spawn(process.execPath, ['src/main.ts', 'serve'], {
      cwd: ROOT,
      stdio: 'ignore',
      env: { PATH: process.env['PATH'], ...env, CONGTHU_SMTP_LISTEN: `127.0.0.1:${port}` },
    });
    ends.push(() => child.kill('SIGKILL'));
    return { port, child };
  }

  const send = (port: number, raw: Buffer) =>
    deliver(`smtp://127.0.0.1:${port}?ignoreTLS=true`, UNIT, INTAKE, raw);
  /** Until the gateway listens. */
  const sendPatiently = async (port: number, raw: Buffer): Promise<void> => {
    await expect
      .poll(
        () =>
          send(port, raw)
            .then(({ code }) => code)
            .catch(() => 0),
        PATIENCE,
      )
      .toBe(250);
  };

  const states = async (db: OpenDatabase): Promise<string> => {
    const rows = await db.sql<{ state: string; n: number }[]>`
      select state, count(*)::int as n from notice group by state order by state`;
    return rows.map(({ state, n }) => `${n} ${state}`).join(', ');
  };
  const letters = async (db: OpenDatabase): Promise<string> => {
    const rows = await db.sql<{ state: string; dossier: string | null }[]>`
      select state, dossier from letter order by received_at`;
    return rows.map(({ state, dossier }) => `${dossier ?? '-'} ${state}`).join(', ');
  };
  const messageIds = (): string[] =>
    arrived.map((raw) => /^Message-ID:\s*(\S+)/im.exec(raw)![1]!.trim()).sort();

  /** On another machine: what was put back, the two key files, and the time that has gone by meanwhile. */
  async function startRestored(
    url: string,
  ): Promise<{ gateway: Gateway; db: OpenDatabase; dataDir: string }> {
    const dataDir = path.join(dir, 'restored-data');
    fs.mkdirSync(dataDir);
    for (const name of KEYS) fs.copyFileSync(path.join(dir, 'kept', name), path.join(dataDir, name));
    const db = await openDatabase({ url, dataDir: '', connections: 10 });
    const later: Clock = { now: () => new Date(Date.now() + 10 * 60_000) };
    const config = readConfig(settings(dataDir, url, sink.port));
    const gateway = await startGateway(config, db, later, pino({ level: 'silent' }));
    ends.push(
      () => db.close(),
      () => gateway.stop(),
    );
    return { gateway, db, dataDir };
  }

  function keepKeys(dataDir: string): void {
    fs.mkdirSync(path.join(dir, 'kept'));
    for (const name of KEYS) fs.copyFileSync(path.join(dataDir, name), path.join(dir, 'kept', name));
  }

  const linkIn = (raw: string): string => {
    const bodies = raw
      .split(/\r\n\r\n/)
      .map((part) => Buffer.from(part.replaceAll(/\s/g, ''), 'base64').toString());
    return /\/kich-hoat\/[\w-]+/.exec(bodies.join('\n'))![0];
  };

  test('pg_dump while it runs, a notice under way: nothing twice, nothing missing, the log holds', async () => {
    const cluster = path.join(dir, 'first');
    createCluster(cluster);
    const server = await startCluster(cluster);
    const db = await prepare(server);
    const dataDir = path.join(dir, 'data');
    const { port, child } = await spawnGateway(settings(dataDir, server.url('congthu'), relay.port));
    const first = letter('Trần Thị Bình');
    await sendPatiently(port, first);
    await expect.poll(() => states(db), PATIENCE).toBe('2 sent');
    const checkpoint = (await latestCheckpoint(db.sql))!;
    const link = linkIn(arrived.find((raw) => linkInOrNull(raw))!);
    // The relay goes silent with a notice in its hands: nobody knows whether it took it.
    relay.mood('frozen');
    await sendPatiently(port, letter('Lê Quang Cường'));
    await expect.poll(() => states(db), PATIENCE).toMatch(/1 sending/);

    const dump = path.join(postgresFolder(path.join(dir, 'dump')), 'congthu.dump');
    postgresProgram('pg_dump', '-Fc', '-f', dump, server.url('congthu'));
    keepKeys(dataDir);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await db.close();
    await server.kill();
    fs.rmSync(cluster, { recursive: true });
    fs.rmSync(dataDir, { recursive: true });

    const second = path.join(dir, 'second');
    createCluster(second);
    const fresh = await startCluster(second);
    ends.push(() => fresh.kill());
    postgresProgram('createdb', '-h', '127.0.0.1', '-p', String(fresh.port), '-U', 'congthu', 'congthu');
    // The roles of migration 0009 belong to the server, not to the database that was dumped.
    const roles = ['congthu_gateway', 'congthu_auditor'].flatMap((role) => ['-c', `create role ${role}`]);
    postgresProgram('psql', '-q', ...roles, fresh.url('congthu'));
    postgresProgram('pg_restore', '--exit-on-error', '--no-owner', '-d', fresh.url('congthu'), dump);
    const restored = await startRestored(fresh.url('congthu'));
    await expect
      .poll(() => letters(restored.db), PATIENCE)
      .toMatch(/^\S+01\S* completed, \S+02\S* completed$/);
    await expect.poll(() => states(restored.db), PATIENCE).toBe('4 sent');
    expect(new Set(messageIds()).size).toBe(4);
    expect(arrived).toHaveLength(4);

    // The log: from the checkpoint that was kept before, through the restore, signed on by the same key.
    const key = loadLogKey(path.join(restored.dataDir, 'mail-log.key'), 'congthu.localhost/mail-log');
    const { faults, size } = await verifyLog(restored.db.sql, key, { from: checkpoint });
    expect(faults).toEqual([]);
    expect(size).toBeGreaterThan(Number(checkpoint.split('\n')[1]));
    // A link that was mailed before still opens.
    const opened = await fetch(`http://127.0.0.1:${restored.gateway.console.port}${link}`);
    expect(opened.status).toBe(200);
    expect(await opened.text()).toContain('password');
    // A unit that sends its letter once more hears that it came before; numbers go on.
    expect((await send(restored.gateway.smtp.port, first)).text).toContain('received before');
    await sendPatiently(restored.gateway.smtp.port, letter('Phạm Minh Đức'));
    await expect.poll(() => letters(restored.db), PATIENCE).toMatch(/, \S+03\S* completed$/);
  }, 120_000);

  test('pg_basebackup and WAL received at once: the machine dies after the last 250, no letter is lost', async () => {
    const cluster = path.join(dir, 'first');
    createCluster(cluster);
    const server = await startCluster(cluster);
    const db = await prepare(server);
    const [wal, base] = [
      postgresFolder(path.join(dir, 'wal')),
      path.join(postgresFolder(path.join(dir, 'base')), 'data'),
    ];
    const replication = `host=127.0.0.1 port=${server.port} user=congthu application_name=congthu_wal`;
    await db.sql`select pg_create_physical_replication_slot('congthu_wal', true)`;
    const receiver = postgresDaemon(
      'pg_receivewal',
      '-D',
      wal,
      '-S',
      'congthu_wal',
      '--synchronous',
      '--no-loop',
      '-d',
      replication,
    );
    ends.push(() => receiver.kill());
    postgresProgram('pg_basebackup', '-D', base, '-X', 'none', '-c', 'fast', '-d', replication);
    await db.sql`alter system set synchronous_standby_names = 'congthu_wal'`;
    await db.sql`select pg_reload_conf()`;
    await expect
      .poll(
        async () =>
          (await db.sql<{ state: string }[]>`select sync_state as state from pg_stat_replication`)[0]?.state,
        PATIENCE,
      )
      .toBe('sync');

    const dataDir = path.join(dir, 'data');
    const { port, child } = await spawnGateway(settings(dataDir, server.url('congthu'), relay.port));
    await sendPatiently(port, letter('Trần Thị Bình'));
    keepKeys(dataDir);
    await expect.poll(() => states(db), PATIENCE).toBe('2 sent');
    relay.mood('refused');
    await sendPatiently(port, letter('Lê Quang Cường'));
    // At this moment: a letter has its 250, and the machine is gone with the disk of the database.
    await Promise.all([server.kill(), once(child, 'exit'), Promise.resolve(child.kill('SIGKILL'))]);
    await db.close();
    fs.rmSync(cluster, { recursive: true });
    fs.rmSync(dataDir, { recursive: true });
    if (receiver.exitCode === null) await once(receiver, 'exit');

    fs.writeFileSync(path.join(base, 'recovery.signal'), '');
    // The newest piece is still called .partial.
    fs.appendFileSync(
      path.join(base, 'postgresql.auto.conf'),
      `restore_command = 'cp "${wal}/%f" "%p" || cp "${wal}/%f.partial" "%p"'\nsynchronous_standby_names = ''\n`,
    );
    const restoredServer = await startCluster(base);
    ends.push(() => restoredServer.kill());
    const restored = await startRestored(restoredServer.url('congthu'));
    await expect
      .poll(() => letters(restored.db), PATIENCE)
      .toMatch(/^\S+01\S* completed, \S+02\S* completed$/);
    await expect.poll(() => states(restored.db), PATIENCE).toBe('4 sent');
    expect(arrived).toHaveLength(4);
    expect(new Set(messageIds()).size).toBe(4);
    const key = loadLogKey(path.join(restored.dataDir, 'mail-log.key'), 'congthu.localhost/mail-log');
    expect((await verifyLog(restored.db.sql, key)).faults).toEqual([]);
  }, 120_000);

  const linkInOrNull = (raw: string): boolean => {
    try {
      return linkIn(raw) !== '';
    } catch {
      return false;
    }
  };
});
