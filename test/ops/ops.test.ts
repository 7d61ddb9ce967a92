import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { startGateway } from '../../src/gateway.ts';
import { createMetrics } from '../../src/ops/metrics.ts';
import { obstacles, type Phase } from '../../src/ops/readiness.ts';
import { openDatabase, type OpenDatabase } from '../../src/store/database.ts';
import { freshDatabase } from '../harness/database.ts';
import { INTAKE, runGateway, type RunningGateway } from '../harness/gateway.ts';
import { lineClient } from '../harness/smtp-client.ts';
import { componentMissing } from '../harness/component.ts';
import { startProxy } from '../harness/tcp-proxy.ts';

const UNIT = 'snv@quangbinh.gov.vn';
const letter = (from: string, subject: string): Buffer =>
  Buffer.from(
    `Authentication-Results: mx.quangbinh.gov.vn; dmarc=pass header.from=quangbinh.gov.vn\r\nFrom: ${from}\r\nTo: ${INTAKE}\r\nSubject: ${subject}\r\nMessage-ID: <${subject.length}@x>\r\n\r\nKinh gui So.\r\n`,
  );

const silent = pino({ level: 'silent' });
const templates = path.resolve(import.meta.dirname, '../../templates/ops');

describe('a running gateway', () => {
  let run: RunningGateway;
  let base: string;
  beforeAll(async () => {
    run = await runGateway();
    base = `http://127.0.0.1:${run.gateway.ops!.port}`;
  }, 60_000);
  afterAll(async () => {
    await run.gateway.stop();
    await run.close();
  });
  const page = async (): Promise<string> => (await fetch(`${base}/metrics`)).text();
  /** The value of one series; labels as they stand on the page. */
  const value = (text: string, series: string): number | null => {
    const line = text.split('\n').find((one) => one.startsWith(`${series} `));
    return line === undefined ? null : Number(line.slice(series.length));
  };

  test('counts what happens, and says nothing about anybody', async () => {
    const answer = await run.send(UNIT, letter(UNIT, 'Bao cao rieng cua Nguyen Van An'));
    await run.picture(answer);
    await run.send(UNIT, letter(UNIT, 'Bao cao rieng cua Nguyen Van An'));
    expect((await run.send('la@example.org', letter('la@example.org', 'x'))).code).toBe(550);
    const client = await lineClient(run.gateway.smtp.port);
    await client.reply();
    client.send('EHLO x\r\n');
    await client.reply();
    client.send(`MAIL FROM:<${UNIT}> FOO=1\r\n`);
    expect(await client.reply()).toMatch(/^555/);
    client.close();

    const text = await page();
    expect(value(text, 'congthu_letters_total{door="smtp",outcome="accepted",reason=""}')).toBe(1);
    expect(value(text, 'congthu_letters_total{door="smtp",outcome="duplicate",reason=""}')).toBe(1);
    expect(text).toMatch(/congthu_letters_total\{door="smtp",outcome="refused",reason="[a-z_]+"\} 1/);
    expect(text).toMatch(/congthu_door_refusals_total\{stage="mail",code="555"\} 1/);
    expect(value(text, 'congthu_step_duration_seconds_count{step="examine",result="done"}')).toBe(1);
    expect(value(text, 'congthu_notice_sendings_total{result="sent"}')).toBeGreaterThan(0);
    expect(value(text, 'congthu_database_up')).toBe(1);
    expect(value(text, 'congthu_letter_oldest_due_seconds')).toBe(0);
    expect(value(text, 'congthu_log_entries')).toBeGreaterThan(3);
    expect(value(text, 'congthu_disk_free_bytes')).toBeGreaterThan(1e6);
    expect(value(text, 'congthu_letters{state="quarantine"}')).toBe(0);
    expect(text).toContain('nodejs_eventloop_lag_p99_seconds');
    expect(text).not.toMatch(/@|quangbinh|Nguyen|Bao cao|example/);
  });

  test.skipIf(componentMissing('promtool'))('the page is one that Prometheus reads', async () => {
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
      input: await page(),
      encoding: 'utf8',
    });
    // prom-client's own defaults have names promtool's style rules do not like; a parse error or one of ours is a fault.
    const ours = `${stdout}${stderr}`.split('\n').filter((line) => /congthu|error/.test(line));
    expect(ours).toEqual([]);
    expect(status).not.toBe(1);
  });

  test('alive, ready; the console answers the same', async () => {
    expect(await (await fetch(`${base}/healthz`)).text()).toBe('ok\n');
    expect((await fetch(`${base}/readyz`)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${run.gateway.console.port}/readyz`)).status).toBe(200);
    expect((await fetch(`${base}/elsewhere`)).status).toBe(404);
    expect((await fetch(`${base}/metrics`, { method: 'POST' })).status).toBe(405);
  });

  test('every metric an alert rule asks for is on the page', async () => {
    const rules = fs.readFileSync(path.join(templates, 'prometheus-alerts.yml'), 'utf8');
    const names = new Set(rules.match(/\b(?:congthu_\w+|nodejs_\w+)/g));
    // Without a scanner there is no gauge for it.
    const scanned = createMetrics({
      db: run.db,
      clock: systemClock,
      freeBytes: () => Promise.resolve(1),
      pingScanner: () => Promise.reject(new Error('away')),
    });
    const text = `${await page()}${await scanned.page()}`;
    expect([...names].filter((name) => !text.includes(`# TYPE ${name} `))).toEqual([]);
    expect(names.size).toBeGreaterThan(10);
    // And each value of a label is one that is ever written.
    const labels = [...rules.matchAll(/\{(\w+)="(\w+)"\}/g)].filter(([, name]) => name !== 'job');
    const metrics = fs.readFileSync(path.resolve(import.meta.dirname, '../../src/ops/metrics.ts'), 'utf8');
    expect(labels.filter(([, , value]) => !metrics.includes(`'${value}'`)).map(([one]) => one)).toEqual([]);
    expect(labels.length).toBeGreaterThan(2);
  });

  test('a second gateway goes on without the default port; a port that was chosen has to be had', async () => {
    const env = {
      CONGTHU_DATA_DIR: run.dir,
      CONGTHU_SMTP_LISTEN: '127.0.0.1:0',
      CONGTHU_CONSOLE_LISTEN: '127.0.0.1:0',
    };
    const taken = { ...run.gateway.ops! };
    const config = readConfig(env);
    expect(config.opsListen).toEqual({ host: '127.0.0.1', port: 9464, chosen: false });
    expect(readConfig({ ...env, CONGTHU_OPS_LISTEN: ':9000' }).opsListen).toMatchObject({
      host: '127.0.0.1',
      port: 9000,
    });
    const second = await startGateway(
      { ...config, opsListen: { ...taken, chosen: false } },
      run.db,
      systemClock,
    );
    expect(second.ops).toBeNull();
    await second.stop();
    await expect(
      startGateway({ ...config, opsListen: { ...taken, chosen: true } }, run.db, systemClock, silent),
    ).rejects.toThrow('CONGTHU_OPS_LISTEN');
  });
});

describe('readiness', () => {
  let db: Awaited<ReturnType<typeof freshDatabase>>;
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-ready-'));
  beforeAll(async () => {
    db = await freshDatabase();
  });
  afterAll(async () => {
    await db.drop();
    fs.rmSync(dataDir, { recursive: true });
  });
  const ask = (more: { db?: OpenDatabase; minFree?: number; phase?: Phase; dataDir?: string } = {}) =>
    obstacles({
      db: more.db ?? db,
      dataDir: more.dataDir ?? dataDir,
      minFree: more.minFree ?? 1,
      phase: () => more.phase ?? 'running',
    });

  test('each obstacle, by its name', async () => {
    expect(await ask()).toEqual([]);
    expect(await ask({ phase: 'draining' })).toEqual(['draining']);
    expect(await ask({ minFree: Number.MAX_SAFE_INTEGER })).toEqual(['disk nearly full']);
    expect(await ask({ dataDir: '/nonexistent' })).toEqual(['data directory unreadable']);
    const latest = await db.sql<{ created_at: string }[]>`
      delete from migrations.__drizzle_migrations
      where created_at = (select max(created_at) from migrations.__drizzle_migrations) returning *`;
    expect(await ask()).toEqual(['migrations pending']);
    await db.sql`insert into migrations.__drizzle_migrations ${db.sql(latest)}`;
  });

  test('a database that is gone, and one that only keeps silent', async () => {
    const server = new URL(db.url);
    const proxy = await startProxy(Number(server.port));
    server.port = String(proxy.port);
    const behind = await openDatabase({ url: server.href, dataDir: '', connections: 1 });
    expect(await ask({ db: behind })).toEqual([]);
    proxy.mood('frozen');
    expect(await ask({ db: behind })).toEqual(['database unreachable']);
    proxy.mood('refused');
    expect(await ask({ db: behind })).toEqual(['database unreachable']);
    proxy.close();
    await behind.close();
  });
});

describe('what operators install', () => {
  test.skipIf(componentMissing('promtool'))(
    'alert rules: each fires for its trouble, none on a quiet day',
    () => {
      execFileSync('promtool', ['check', 'rules', path.join(templates, 'prometheus-alerts.yml')]);
      execFileSync('promtool', ['test', 'rules', path.join(import.meta.dirname, 'alerts.test.yml')]);
    },
  );

  test.skipIf(componentMissing('systemd-analyze'))('the systemd unit is valid and hardened', () => {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-unit-'));
    const unit = path.join(dir, 'congthu.service');
    const text = fs.readFileSync(path.join(templates, 'congthu.service'), 'utf8');
    fs.writeFileSync(unit, text.replace('/usr/bin/node ', `${process.execPath} `));
    const verified = spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' });
    expect(verified.stderr).toBe('');
    expect(verified.status).toBe(0);
    // 2.0 of 10: below 2 systemd itself says "OK".
    const { stdout, status } = spawnSync(
      'systemd-analyze',
      ['security', '--offline=true', '--threshold=20', unit],
      { encoding: 'utf8' },
    );
    expect(status, stdout.slice(-200)).toBe(0);
    fs.rmSync(dir, { recursive: true });
  });

  test('the example of an environment names only variables there are', () => {
    const lines = fs.readFileSync(path.join(templates, 'congthu.env.example'), 'utf8').split('\n');
    const unit = fs.readFileSync(path.join(templates, 'congthu.service'), 'utf8');
    const settings = lines.filter((line) => line !== '' && !line.startsWith('#'));
    const credentials = [...unit.matchAll(/^Environment=(.*)$/gm)].flatMap(([, list]) => list!.split(' '));
    // Files are looked for where they will stand; the only faults there may be are that they are not here.
    const env = Object.fromEntries(
      [...settings, ...credentials].map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]),
    );
    let faults = '';
    try {
      readConfig(env);
    } catch (error) {
      faults = (error as Error).message;
    }
    expect(
      faults
        .split('\n')
        .slice(1)
        .filter((fault) => !fault.includes('cannot be read')),
    ).toEqual([]);
    expect(settings.length).toBeGreaterThan(15);
  });
});
