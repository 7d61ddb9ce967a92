import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { log } from '../../src/commands/log.ts';
import { UserError } from '../../src/errors.ts';
import { append } from '../../src/mail-log/append.ts';
import type { LogKey } from '../../src/mail-log/checkpoint.ts';
import { verifierKey } from '../../src/mail-log/checkpoint.ts';
import { letterReceived } from '../../src/mail-log/events.ts';
import { loadLogKey } from '../../src/mail-log/key-file.ts';
import { latestCheckpoint, sequenceAll } from '../../src/mail-log/sequencer.ts';
import { freshDatabase } from '../harness/database.ts';
import { DOSSIER, LETTER, MESSAGE_ID, SUBJECT, UNIT_MAIL, writeStory } from '../harness/mail-log-story.ts';
import { testKey, VERIFIER } from '../mail-log/harness.ts';

/** `congthu log …` as a person types it: every subcommand, every filter, and what is said of wrong words. */
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-log-command-'));
const file = (name: string): string => path.join(dir, name);
let db: Awaited<ReturnType<typeof freshDatabase>>;
let key: LogKey;

beforeAll(async () => {
  db = await freshDatabase();
  key = loadLogKey(file('mail-log.key'), 'congthu.localhost/mail-log');
  await writeStory(db, key, new Date());
  fs.writeFileSync(file('kept'), (await latestCheckpoint(db.sql))!);
  fs.writeFileSync(file('rubbish'), 'no checkpoint\n');
  fs.mkdirSync(file('full'));
  fs.writeFileSync(path.join(file('full'), 'x'), '');
  await append(db.sql, new Date(), letterReceived({ subject: '=1+1, "cộng"', sender: 'x@y.vn' }));
  await sequenceAll(db.sql, key, new Date());
}, 60_000);
afterAll(async () => {
  await db.drop();
  fs.rmSync(dir, { recursive: true, force: true });
});

async function congthu(...args: string[]): Promise<{ status: number; out: string; err: string }> {
  const said = { out: '', err: '' };
  const stream = (name: keyof typeof said): Writable =>
    new Writable({
      write(chunk, _encoding, done) {
        said[name] += String(chunk);
        done();
      },
    });
  const env = { DATABASE_URL: db.url, CONGTHU_DATA_DIR: dir };
  const io = { env, out: stream('out'), err: stream('err'), signal: new AbortController().signal };
  try {
    return { status: await log.run(args, io), ...said };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { status: 2, out: said.out, err: `${error.message} → ${error.hint ?? ''}` };
  }
}
const day = (before: number): string =>
  new Date(Date.now() + 7 * 3_600_000 - before * 86_400_000).toISOString().slice(0, 10);
const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

describe('search', () => {
  beforeAll(async () => {
    await congthu('statistics', '2026');
  });

  /** Words typed, and what the first line found holds; null: nothing is found. */
  test.each<[string, string[], string | null]>([
    ['words with accents', ['Nguyễn Thị Hường'], DOSSIER],
    ['words without accents', ['nguyen', 'thi', 'huong'], DOSSIER],
    ['words as a Mac types them', ['Nguyễn Thị Hường'.normalize('NFD')], DOSSIER],
    ['đ as d', ['de nghi cap moi hop thu cho dong chi'], SUBJECT],
    ['words of two entries', ['nguyen thi huong khong-co'], null],
    ['sender, in capitals', ['--sender', UNIT_MAIL.toUpperCase()], UNIT_MAIL],
    ['recipient', ['--recipient', 'huongnt.snv@quangbinh.gov.vn'], 'CREATE_PERSON'],
    ['Message-ID', ['--message-id', MESSAGE_ID], SUBJECT],
    ['dossier', ['--dossier', DOSSIER], 'deadline.met'],
    ['letter', ['--letter', LETTER], 'deadline.met'],
    ['unit', ['--unit', 'snv'], 'snv'],
    ['outcome', ['--outcome', 'public_mail'], 'sender.refused'],
    ['actor', ['--actor', 'machine', '--event', 'row.provisioned'], 'row.provisioned'],
    ['client', ['--client', '203.0.113.9'], '203.0.113.9'],
    ['queue', ['--queue', '4F1'], null],
    ['event', ['--event', 'notice.bounced'], '550 mailbox full'],
    ['one of two events', ['--event', 'notice.bounced,letter.quarantined'], 'letter.quarantined'],
    ['words and values', ['--unit', 'stc', '--event', 'letter.received', 'hop thu dot 5'], 'đợt 5'],
    ['from a day', ['--from', day(1), '--event', 'deadline.met'], DOSSIER],
    ['to a day, which is included', ['--to', day(0), '--event', 'deadline.met'], DOSSIER],
    ['to the day before', ['--to', day(5), '--event', 'deadline.met'], null],
    ['a moment', ['--from', '2026-01-01T00:00:00Z', '--to', '2026-01-01T00:00:01+00:00'], null],
    ['the machinery only when asked', ['--all', 'statistics'], 'log.read'],
    ['a quote', ["' | e:decision", '--outcome', "x'\\"], null],
  ])('%s', async (_name, args, expected) => {
    const { status, out, err } = await congthu('search', '--json', ...args);
    expect({ status, err }).toEqual({ status: 0, err: '' });
    if (expected === null) expect(out).toBe('');
    else expect(lines(out)[0]).toContain(JSON.stringify(expected).slice(1, -1));
  });

  test('lines for people, English as hashed, Vietnamese with local time and words', async () => {
    const asked = ['search', '--dossier', DOSSIER, '--event', 'deadline.met'];
    const english = (await congthu(...asked)).out;
    expect(english).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z {2}\d+ {2}deadline\.met {2}/);
    const vietnamese = (await congthu('--lang', 'vi', ...asked)).out;
    expect(vietnamese).toMatch(/^\d\d:\d\d:\d\d \d\d\/\d\d\/\d{4} {2}\d+ {2}Đúng hạn {2}/);
    expect((await congthu(...asked, '--lang=vi')).out).toBe(vietnamese);
  });

  test('csv: a head, quoted cells, nothing a spreadsheet would run', async () => {
    const { out } = await congthu('search', '--csv', '--sender', 'x@y.vn');
    const [head, row] = out.split('\r\n');
    expect(head).toMatch(/^number,at,event,outcome,sender,/);
    expect(row).toContain(`"'=1+1, ""cộng"""`);
  });

  test('only the newest are shown, and that is said', async () => {
    const { out, err } = await congthu('search', '--limit', '3', '--json');
    expect(lines(out)).toHaveLength(3);
    expect(err).toContain('the newest 3 only');
  });

  test('every look stands in the log', async () => {
    await congthu('search', 'mat khau cua giam doc');
    const [found] = lines((await congthu('search', '--json', '--event', 'log.read', 'giam doc')).out);
    expect(found).toContain('"actor":"cli","at"');
    expect(found).toContain('search mat khau cua giam doc');
  });
});

test.each<[string[], number, RegExp]>([
  [['show', DOSSIER], 0, /^proven +\S+ {2}\d+ {2}letter\.received/],
  [['show', LETTER, '--lang', 'vi'], 0, /^đúng +\d\d:\d\d:\d\d \S+ {2}\d+ {2}Nhận thư/],
  [['show', DOSSIER, '--json'], 0, /^\{"number":\d+,.*"proof":"proven"\}\n/],
  [['statistics', '2026'], 0, /^received\t\d+\n/],
  [
    ['statistics', new Date().getFullYear().toString(), '--lang', 'vi'],
    0,
    /từ chối: Thư công cộng \(Gmail, Yahoo …\)\t\d+\n/,
  ],
  [['statistics', '2026-Q4', '--json'], 0, /^\{"period":\{"name":"2026-Q4"/],
  [['statistics', '2026-H2'], 0, /unit stc\t\d+ received/],
  [['statistics', '2026-11'], 0, /openNow\t/],
  [['verify'], 0, /the log holds\n$/],
  [['verify', '--from', file('kept')], 0, /holds/],
  [['verify', '--from', file('kept'), '--json'], 0, /"faults":\[\]/],
  [['verify', '--lang', 'vi'], 0, /nhật ký toàn vẹn\n$/],
  [['verify', '--key', verifierKey(testKey())], 1, /FAULT: .*trusted key(.|\n)*does NOT hold/],
  [['checkpoint'], 0, /^congthu\.localhost\/mail-log\n\d+\n.{44}\n\n— congthu\.localhost\/mail-log /],
  [['proof', '3'], 0, /^c2sp\.org\/tlog-proof@v1\nextra /],
  [['proof', '--since', file('kept')], 0, /^old \d+\n/],
  [['key'], 0, /^congthu\.localhost\/mail-log\+[0-9a-f]{8}\+/],
  [['prune'], 0, /^no month is older than 12 whole months\n$/],
  [['prune', '--lang', 'vi'], 0, /^không có tháng nào cũ hơn 12 tháng trọn\n$/],
])('log %j', async (args, status, expected) => {
  const told = await congthu(...args);
  expect(told.out).toMatch(expected);
  expect(told.status, told.err).toBe(status);
});

test.each<[string[], RegExp]>([
  [[], /say what to do\. → One of search, show/],
  [['serach'], /there is no "serach"\. → One of search/],
  [['--lang', 'fr', 'search'], /"fr" is none of vi, en/],
  [['search', '--sendr', 'x'], /Unknown option '--sendr' → Options: --from --to --event --sender/],
  [['search', '--sender'], /argument missing/],
  [['search', '--event', 'letter'], /there is no "letter"\. → Events: connection\.refused /],
  [['search', '--limit', '0'], /1 to 10000/],
  [['search', '--limit', 'x'], /1 to 10000/],
  [['search', '--json', '--csv'], /either --json or --csv/],
  [['search', '--from', '2026-02-30'], /--from: "2026-02-30" is no day/],
  [['search', '--to', 'mai'], /--to: "mai" is no day/],
  [['search', '--from', '2026-11-02', '--to', '2026-11-01'], /--to 2026-11-01 lies before/],
  [['show'], /name a dossier.* → congthu log show/],
  [['show', 'TN-1999-000001'], /nothing is known of TN-1999-000001/],
  [['statistics'], /2026, 2026-H2, 2026-Q4 or 2026-11/],
  [['statistics', '2026-Q5'], /name a period/],
  [['verify', '--from', file('nowhere')], /cannot be read/],
  [['verify', '--from', file('rubbish')], /holds no checkpoint/],
  [['verify', '--key', 'abc'], /no verifier key/],
  [['proof'], /the number of an entry/],
  [['proof', '-1'], /Unknown option/],
  [['proof', '1e3'], /the number of an entry/],
  [['proof', '99999999'], /There is no entry 99999999/],
  [['proof', '--since', file('rubbish')], /holds no checkpoint/],
  [['key', 'rotat'], /"rotat" is not "rotate"/],
  [['key', 'rotate'], /say --actor/],
  [['export', '--from', day(1)], /say --from, --to and --out/],
  [['export', '--from', day(1), '--to', day(0), '--out', file('full')], /is not empty/],
  [
    ['export', '--from', day(1), '--to', day(0), '--out', file('e'), '--since', file('rubbish')],
    /holds no checkpoint/,
  ],
  [['prune', '--month', '2020-01', '--approve-by', 'giam-doc'], /2020-01 is not older/],
  [['prune', '--now'], /needs --approve-by/],
  [['ingest', 'sendmail', file('kept')], /say "postfix" and a file/],
  [['ingest', 'postfix'], /say "postfix" and a file/],
  [['ingest', 'postfix', file('nowhere')], /cannot be read/],
  [['ingest', 'postfix', dir], /cannot be read/],
  [['ingest', 'postfix', file('kept'), '--zone', '7'], /--zone is like/],
])('wrong: log %j', async (args, expected) => {
  const { status, err } = await congthu(...args);
  expect({ status, err }).toEqual({ status: 2, err: expect.stringMatching(expected) as string });
});

test('an auditor without the key file names the key that was kept; no new one is made', async () => {
  const own = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-auditor-'));
  const io = {
    env: { DATABASE_URL: db.url, CONGTHU_DATA_DIR: own },
    out: new Writable({
      write: (_chunk, _encoding, done) => {
        done();
      },
    }),
    err: process.stderr,
    signal: new AbortController().signal,
  };
  await expect(log.run(['verify'], io)).rejects.toThrow(/mail-log\.key is not there/);
  expect(fs.readdirSync(own)).toEqual([]);
  expect(await log.run(['verify', '--key', verifierKey(key)], io)).toBe(0);
  fs.rmSync(own, { recursive: true });
});

describe('export', () => {
  const out = file('export');
  beforeAll(async () => {
    const told = await congthu(
      'export',
      '--from',
      day(30),
      '--to',
      day(0),
      '--out',
      out,
      '--since',
      file('kept'),
    );
    expect(told.out).toMatch(/^\d+ entries of \d+ in \d+ files\ncheck it: node verify-export\.mjs /);
  });

  test('holds for the verifier inside it, against a checkpoint kept before', () => {
    const verify = path.join(out, 'verify-export.mjs');
    expect(fs.readFileSync(verify)).toEqual(fs.readFileSync(VERIFIER));
    const args = [verify, out, '--key', verifierKey(key), '--kept', file('kept'), '--whole'];
    expect(execFileSync(process.execPath, args, { encoding: 'utf8' })).toContain('the export holds');
  });

  const openpyxl = canRun('/usr/bin/python3', ['-c', 'import openpyxl']);
  test.skipIf(!openpyxl && process.env['CONGTHU_TEST_ALL'] === undefined)(
    'its workbook opens in openpyxl with the same cells as the csv, as text and not as formulas',
    () => {
      const script = `
import csv, json, openpyxl, sys
book = openpyxl.load_workbook(sys.argv[1] + '/entries.xlsx')
rows = [[c.value or '' for c in row] for row in book.active.iter_rows()]
types = sorted({c.data_type for row in book.active.iter_rows() for c in row})
table = list(csv.reader(open(sys.argv[1] + '/entries.csv', encoding='utf-8-sig', newline='')))
print(json.dumps({'same': [[str(v) for v in r] for r in rows] == table, 'types': types, 'rows': len(rows)}))`;
      const told = execFileSync('/usr/bin/python3', ['-c', script, out], { encoding: 'utf8' });
      const { same, types, rows } = JSON.parse(told) as { same: boolean; types: string[]; rows: number };
      const entries = lines(fs.readFileSync(path.join(out, 'entries.jsonl'), 'utf8')).length;
      expect({ same, rows }).toEqual({ same: true, rows: entries + 1 });
      expect(types).not.toContain('f');
    },
  );
});

function canRun(program: string, args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test('ingest: counts, and the same again is known', async () => {
  const stamp = new Date(Date.now() - 3_600_000).toISOString();
  fs.writeFileSync(
    file('mail.log'),
    `${stamp} mx postfix/qmgr[9]: 4ABCDEF: from=<a@x.vn>, size=12, nrcpt=1 (queue active)
${stamp} mx postfix/smtp[9]: 4ABCDEF: to=<b@y.vn>, relay=y.vn[203.0.113.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)
rubbish
`,
  );
  const first = await congthu('ingest', 'postfix', file('mail.log'));
  expect(first.out).toBe(
    '3 lines: 1 deliveries and refusals, 1 new, 0 known already, 1 unreadable, 0 too old\n',
  );
  expect((await congthu('ingest', 'postfix', file('mail.log'), '--lang', 'vi')).out).toBe(
    '3 dòng: 1 lượt chuyển và từ chối, 0 mới, 1 đã có, 1 không đọc được, 0 quá hạn lưu\n',
  );
  expect((await congthu('search', '--queue', '4ABCDEF', '--json')).out).toContain('"outcome":"sent"');
});

test('key rotate hands over; the old key’s auditors can still follow', async () => {
  const { out, err } = await congthu('key', 'rotate', '--actor', 'giam-doc');
  expect(err).toContain('Give every gateway');
  expect((await congthu('key')).out).toBe(out);
  expect((await congthu('verify', '--key', verifierKey(key), '--from', file('kept'))).status).toBe(0);
});
