import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { check } from '../../src/commands/check.ts';
import { exitStatus } from '../../src/doctor/examination.ts';
import { failure, ok, plain, skipped, warning } from '../../src/doctor/finding.ts';
import { PROBES } from '../../src/doctor/probes.ts';
import { freshDatabase } from '../harness/database.ts';
import { startDns, type DnsServer } from '../harness/dns.ts';

let dir: string;
let dns: DnsServer;
let db: Awaited<ReturnType<typeof freshDatabase>>;
let env: Record<string, string>;
beforeAll(async () => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-check-'));
  dns = await startDns({});
  db = await freshDatabase();
  env = { CONGTHU_DATA_DIR: dir, DATABASE_URL: db.url, CONGTHU_DNS_SERVER: dns.address };
});
afterAll(async () => {
  await dns.close();
  await db.drop();
  fs.rmSync(dir, { recursive: true });
});

async function run(args: string[], more: Record<string, string> = {}) {
  let text = '';
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  const io = { env: { ...env, ...more }, out: sink, err: sink, signal: new AbortController().signal };
  return { status: await check.run(args, io), text };
}

interface Report {
  readonly counts: Readonly<Record<string, number>>;
  readonly findings: readonly {
    probe: string;
    grade: string;
    title: string;
    seen: string;
    hint: string | null;
  }[];
}

test('every probe has its line, whatever the others found, and every fault a hint', async () => {
  const { status, text } = await run(['--json']);
  const { counts, findings } = JSON.parse(text) as Report;
  expect([...new Set(findings.map(({ probe }) => probe))]).toEqual([
    'configuration',
    ...PROBES.map(({ id }) => id),
  ]);
  expect(counts['failure']).toBeGreaterThan(0);
  expect(status).toBe(2);
  for (const { grade, hint, probe } of findings) expect(hint === null, probe).toBe(grade === 'ok');
});

test('in the language of the reader', async () => {
  const vi = (await run(['--lang', 'vi', '--quick'])).text;
  expect(vi).toContain('LỖI      DNS: MX: quangbinh.gov.vn không có bản ghi MX\n         → Thêm bản ghi MX');
  expect((await run(['--quick'])).text).toContain('FAILURE  DNS: MX: quangbinh.gov.vn has no MX record\n');
  await expect(run(['--lang', 'fr'])).rejects.toThrow('none of vi, en');
});

test('a faulty configuration is the only line; no secret is printed', async () => {
  const { status, text } = await run([], { CONGTHU_WORKERS: 'many', CONGTHU_RELAY_URL: 'http://a:geheim@b' });
  expect(status).toBe(2);
  expect(text).toContain('CONGTHU_WORKERS: "many"');
  expect(text).not.toContain('geheim');
  expect(
    (
      await run(['--json'], {
        CONGTHU_RELAY_URL: 'smtp://a:geheim@127.0.0.1:1',
        CONGTHU_NOTICE_FROM: 'a@b.vn',
      })
    ).text,
  ).not.toContain('geheim');
});

test('the status tells the worst grade', () => {
  const [word, good] = [plain('x'), ok(plain('x'))];
  expect(exitStatus([good, skipped(word, word)])).toBe(0);
  expect(exitStatus([good, warning(word, word)])).toBe(1);
  expect(exitStatus([warning(word, word), failure(word, word), good])).toBe(2);
});

test('looking changes nothing, in the database and in the data directory', async () => {
  const picture = async () => {
    const tables = await db.sql<{ name: string }[]>`
      select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname in ('public', 'mail', 'mail_log', 'migrations') order by 1`;
    const rows = [];
    for (const { name } of tables)
      rows.push(name, ...(await db.sql.unsafe(`select count(*), max(xmin::text) from ${name}`)));
    return { rows, files: fs.readdirSync(dir) };
  };
  const before = await picture();
  await run([]);
  expect(await picture()).toEqual(before);
});
