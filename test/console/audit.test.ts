import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { append } from '../../src/mail-log/append.ts';
import { deadlineMet, decision } from '../../src/mail-log/events.ts';
import { latestCheckpoint, sequenceAll } from '../../src/mail-log/sequencer.ts';
import { verifierKey } from '../../src/mail-log/checkpoint.ts';
import { checkpointIn } from '../../src/console/audit/verification-page.ts';
import { runConsole, visitor, type RunningConsole } from '../harness/console.ts';
import { DOSSIER, LETTER, MESSAGE_ID, SUBJECT, UNIT_MAIL, writeStory } from '../harness/mail-log-story.ts';
import { VERIFIER } from '../mail-log/harness.ts';

let run: RunningConsole;
let auditor: ReturnType<typeof visitor>;
beforeAll(async () => {
  run = await runConsole();
  await writeStory(run.db, run.key, run.clock.now());
  auditor = visitor(run.url);
  await auditor.login(await run.account('kiem', 'auditor'));
}, 60_000);
afterAll(() => run.close());

interface Entry {
  readonly event: string;
  readonly detail: string;
  readonly outcome: string;
  readonly actor: string;
  readonly client: string;
}
const looks = async (): Promise<Entry[]> =>
  (
    await run.db.sql<
      { entry: string }[]
    >`select entry from mail_log.mail_event where event in ('log.read', 'log.exported') order by at, id`
  ).map(({ entry }) => JSON.parse(entry) as Entry);
const query = (fields: Record<string, string>): string =>
  `/nhat-ky?${new URLSearchParams(fields).toString()}`;
/** The day in Viet Nam, some minutes ago. */
const dayBefore = (minutes: number): string =>
  new Date(Date.now() + (7 * 60 - minutes) * 60_000).toISOString().slice(0, 10);
const today = (): string => dayBefore(0);

describe('search', () => {
  test.each<[string, Record<string, string>, string]>([
    ['words without accents', { q: 'nguyen thi huong' }, DOSSIER],
    ['words with accents', { q: 'Nguyễn Thị Hường' }, DOSSIER],
    ['a pasted dossier number', { q: DOSSIER.toLowerCase() }, DOSSIER],
    ['a pasted Message-ID', { q: MESSAGE_ID }, DOSSIER],
    ['a Message-ID without brackets', { ma: MESSAGE_ID.slice(1, -1) }, DOSSIER],
    ['a pasted id of a letter', { q: LETTER.toUpperCase() }, DOSSIER],
    ['a sender', { gui: UNIT_MAIL.toUpperCase() }, DOSSIER],
    ['an address among the words', { q: UNIT_MAIL }, DOSSIER],
    ['a unit and an outcome', { dv: 'snv', kq: 'dung-han' }, DOSSIER],
    ['a bounced reply', { kq: 'khong-den' }, 'Thông báo bị trả lại'],
    ['refusals by reason', { 'su-kien': 'sender.refused', 'ma-kq': 'public_mail' }, 'Thư công cộng'],
    ['a client address', { ip: '203.0.113.9' }, 'gmail.com'],
    ['days', { tu: dayBefore(30), den: today(), kq: 'niem-phong' }, 'Niêm phong'],
    ['trouble', { kq: 'truc-trac' }, 'connection reset'],
    ['nothing', { q: 'không-có-từ-này' }, 'Không tìm thấy mục nào'],
    ['a day that is none', { tu: '2026-02-30' }, 'Từ ngày: đề nghị nhập một ngày có thật'],
    ['days in the wrong order', { tu: '2026-11-02', den: '2026-11-01' }, 'Từ ngày phải trước'],
    ['markup is text', { q: '<script>alert(1)</script>' }, '&lt;script&gt;'],
    ['an unknown cursor', { sau: 'bm90aGluZw' }, DOSSIER],
  ])('by %s', async (_name, fields, expected) => {
    const page = await auditor.open(query(fields));
    expect(page).toContain(expected);
    expect(page).not.toContain('<script>alert');
  });

  test('tells both steps: what happened to the letter, what happened to the reply', async () => {
    const page = await auditor.open(query({ q: 'Hường' }));
    const row = /<tbody>([\s\S]*?)<\/tbody>/.exec(page)![1]!;
    expect(row.match(/<tr/g)).toHaveLength(1);
    expect(row).toContain('Thực hiện hộp thư');
    expect(row).toContain('Đã gửi thông báo');
  });

  test('what names the dossier but no letter stands in the letter’s line', async () => {
    const due = new Date('2026-12-01T10:00:00Z');
    const dossier = 'TN-2026-000099';
    const letter = '99999999-9999-4999-8999-999999999999';
    const came = decision({ letter, dossier, unit: 'snv', outcome: 'registered', actor: 'machine' });
    await append(run.db.sql, run.clock.now(), came, deadlineMet({ dossier, unit: 'snv', due }));
    await sequenceAll(run.db.sql, run.key, run.clock.now());
    const page = await auditor.open(query({ so: dossier }));
    expect(page.match(/<th scope="row">/g)).toHaveLength(1);
  });

  test('pages follow one another', async () => {
    const seen = new Set<string>();
    let url: string | undefined = '/nhat-ky';
    for (let pages = 0; url !== undefined && pages < 10; pages++) {
      const page: string = await auditor.open(url);
      for (const [, name] of page.matchAll(/href="\/nhat-ky\/(?:ho-so|thu|muc)\/([^"]+)"/g)) seen.add(name!);
      url = /href="(\/nhat-ky\?[^"]*sau=[^"&]*)"/.exec(page)?.[1]?.replaceAll('&amp;', '&');
    }
    expect(seen.size).toBeGreaterThan(30);
    expect(seen).toContain(DOSSIER);
  });
});

test('every look is an entry with who, from where and what; the auditor sees it', async () => {
  const before = (await looks()).length;
  await auditor.open(query({ q: 'bí mật lắm' }));
  await auditor.open(`/nhat-ky/ho-so/${DOSSIER}`);
  await auditor.open('/nhat-ky/thang');
  const after = await looks();
  expect(
    after
      .slice(before)
      .map(({ detail, actor, client }) => [decodeURIComponent(detail.replaceAll('+', ' ')), actor, client]),
  ).toEqual([
    ['search q=bí mật lắm', 'kiem', '127.0.0.1'],
    [`show ${DOSSIER}`, 'kiem', '127.0.0.1'],
    [`statistics ${today().slice(0, 7)}`, 'kiem', '127.0.0.1'],
  ]);
  expect(await auditor.open('/nhat-ky/truy-cap')).toContain('bí mật lắm');
  expect(await auditor.open('/nhat-ky/truy-cap?cua=moi-nguoi')).toContain('bí mật lắm');
});

test('a search of letters does not find the searches themselves, unless they are asked for', async () => {
  await auditor.open(query({ q: 'tukhoahiem' }));
  expect(await auditor.open(query({ q: 'tukhoahiem' }))).toContain('Không tìm thấy mục nào');
  expect(await auditor.open(query({ q: 'tukhoahiem', 'su-kien': 'log.read' }))).not.toContain(
    'Không tìm thấy',
  );
});

describe('a timeline', () => {
  test('shows every entry with its number and proof', async () => {
    const page = await auditor.open(`/nhat-ky/ho-so/${DOSSIER}`);
    for (const words of [SUBJECT, 'Nhận thư', 'Chấp thuận', 'Nguyễn Thị Hường', '250 2.0.0 Ok', 'Đúng hạn'])
      expect(page).toContain(words);
    expect(page.match(/✓<\/span> Đã chứng minh/g)).toHaveLength(7);
  });

  test('of something unknown is a 404 that is recorded', async () => {
    expect((await auditor.get('/nhat-ky/ho-so/TN-2026-999999')).status).toBe(404);
    expect((await looks()).at(-1)).toMatchObject({ detail: 'show TN-2026-999999', outcome: '0 entries' });
  });

  test('an entry’s proof verifies with the stand-alone verifier', async () => {
    const page = await auditor.open(`/nhat-ky/ho-so/${DOSSIER}`);
    const number = /\/nhat-ky\/muc\/(\d+)/.exec(page)![1]!;
    expect(await auditor.open(`/nhat-ky/muc/${number}`)).toContain('letter.received');
    const proof = await (await auditor.get(`/nhat-ky/muc/${number}/chung-minh`)).text();
    const file = path.join(os.tmpdir(), `congthu-proof-${process.pid}.tlog-proof`);
    fs.writeFileSync(file, proof);
    const told = execFileSync(process.execPath, [
      VERIFIER.pathname,
      '--proof',
      file,
      '--key',
      verifierKey(run.key),
    ]);
    fs.rmSync(file);
    expect(told.toString()).toContain('Hường');
  });
});

describe('verification', () => {
  /** Until the thread is done; each look is a request, so this waits for the answer, not for a time. */
  async function checked(fields: Record<string, string> = {}): Promise<string> {
    await auditor.open('/nhat-ky/kiem-chung');
    const started = await auditor.post('/nhat-ky/kiem-chung', fields);
    if (started.status !== 303) return started.text();
    for (;;) {
      const page = await auditor.open('/nhat-ky/kiem-chung');
      if (!page.includes('data-reload')) return page;
    }
  }

  test('in the background; the result stands on the page and in the log', async () => {
    const kept = (await latestCheckpoint(run.db.sql))!;
    const page = await checked({ kept: `Kính gửi kiểm toán,\r\n\r\n   ${kept.replaceAll('\n', '\r\n   ')}` });
    expect(page).toContain('Nhật ký toàn vẹn');
    expect(page).toContain('bắt đầu đúng như mốc');
    await expect.poll(async () => (await looks()).at(-1)).toMatchObject({ outcome: 'holds', actor: 'kiem' });
    expect((await looks()).at(-1)!.detail).toContain('verify --from');
    expect(await auditor.open('/nhat-ky/kiem-chung')).toContain('toàn vẹn');
  });

  test('what is no checkpoint is said to be none', async () => {
    expect(await checked({ kept: 'xin chào' })).toContain('Không thấy mốc kiểm chứng');
  });

  test('a checkpoint of another log does not fit', async () => {
    const kept = (await latestCheckpoint(run.db.sql))!;
    const page = await checked({ kept: kept.replace(/\n\d+\n/, '\n1\n') });
    expect(page).toContain('KHÔNG toàn vẹn');
  });

  test.each([
    ['as it is', 'o.test/l\n3\nqINS1GRFhWHwdkUeqLEoP4yEMkTBBzxBkGwGQlVlVcs=\n\n— o.test/l AAAA\n', true],
    [
      'within a mail',
      'Chào,\n12\n\n  o.test/l\r\n  3\r\n  qINS1GRFhWHwdkUeqLEoP4yEMkTBBzxBkGwGQlVlVcs=\r\n\r\n  — o.test/l AAAA\r\nKý',
      true,
    ],
    ['without its signature', 'o.test/l\n3\nqINS1GRFhWHwdkUeqLEoP4yEMkTBBzxBkGwGQlVlVcs=\n', false],
    ['without its origin', '3\nqINS1GRFhWHwdkUeqLEoP4yEMkTBBzxBkGwGQlVlVcs=\n\n— o.test/l AAAA\n', false],
    ['nothing', '', false],
  ])('a note is found in a text: %s', (_name, text, found) => {
    const note = 'o.test/l\n3\nqINS1GRFhWHwdkUeqLEoP4yEMkTBBzxBkGwGQlVlVcs=\n\n— o.test/l AAAA\n';
    expect(checkpointIn(text)).toBe(found ? note : null);
  });
});

describe('export', () => {
  const withUnzip = fs.existsSync('/usr/bin/unzip') || process.env['CONGTHU_TEST_ALL'] === '1';
  test.skipIf(!withUnzip)('a zip that unpacks and that the independent verifier accepts', async () => {
    await sequenceAll(run.db.sql, run.key, run.clock.now());
    await auditor.open('/nhat-ky/ket-xuat');
    const answer = await auditor.post('/nhat-ky/ket-xuat', { tu: '2026-01-01', den: today(), kept: '5' });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/zip']);
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-export-'));
    fs.writeFileSync(path.join(dir, 'e.zip'), Buffer.from(await answer.arrayBuffer()));
    // Another's reader, which checks every CRC.
    execFileSync('unzip', ['-q', path.join(dir, 'e.zip'), '-d', path.join(dir, 'out')]);
    const told = execFileSync(process.execPath, [
      VERIFIER.pathname,
      path.join(dir, 'out'),
      '--key',
      verifierKey(run.key),
      '--whole',
    ]);
    expect(told.toString()).toMatch(/hold/);
    expect(fs.readdirSync(path.join(dir, 'out'))).toEqual(
      expect.arrayContaining(['entries.xlsx', 'entries.csv', 'MANIFEST', 'consistency']),
    );
    fs.rmSync(dir, { recursive: true });
    expect((await looks()).slice(-2)).toMatchObject([
      { event: 'log.exported', outcome: 'begun', actor: 'kiem' },
      { event: 'log.exported', actor: 'kiem' },
    ]);
  });

  test.each([
    ['no day', { tu: '', den: '' }],
    ['wrong order', { tu: '2026-11-02', den: '2026-11-01' }],
    ['a size that is none', { tu: '2026-11-01', den: '2026-11-02', kept: '0x10' }],
  ])('%s is told', async (_name, fields) => {
    await auditor.open('/nhat-ky/ket-xuat');
    const answer = await auditor.post('/nhat-ky/ket-xuat', fields);
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain('role="alert"');
  });
});

describe('months and periods', () => {
  test.each([
    ['2026-11', 'tháng 11/2026'],
    ['2026-Q4', 'quý 4/2026'],
    ['2026-H2', '6 tháng cuối năm 2026'],
    ['2026', 'năm 2026'],
    ['2026-13', 'không phải là kỳ báo cáo'],
  ])('%s', async (period, words) => {
    expect(await auditor.open(`/nhat-ky/thang?ky=${period}`)).toContain(words);
  });
});

describe('only auditors', () => {
  const paths = [
    '/nhat-ky',
    `/nhat-ky/ho-so/${DOSSIER}`,
    '/nhat-ky/muc/1',
    '/nhat-ky/muc/1/chung-minh',
    '/nhat-ky/thang',
    '/nhat-ky/kiem-chung',
    '/nhat-ky/moc-kiem-chung',
    '/nhat-ky/ket-xuat',
    '/nhat-ky/truy-cap',
  ];
  test.each(paths)('an officer may not see %s, a stranger is sent to the login', async (place) => {
    officer ??= await (async () => {
      const one = visitor(run.url);
      await one.login(await run.account('lan', 'officer'));
      return one;
    })();
    expect((await officer.get(place)).status).toBe(403);
    expect((await visitor(run.url).get(place)).status).toBe(303);
  });
  let officer: ReturnType<typeof visitor> | undefined;

  test('an auditor changes nothing: neither desk nor registry are open', async () => {
    for (const place of ['/ho-so', '/don-vi'])
      expect([403, 404]).toContain((await auditor.get(place)).status);
    expect((await auditor.post('/ho-so/00000000-0000-4000-8000-000000000000/refuse', {})).status).toBe(403);
  });
});
