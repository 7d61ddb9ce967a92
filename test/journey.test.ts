import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeWorkbook } from '../src/lists/write-workbook.ts';
import { loadLogKey } from '../src/mail-log/key-file.ts';
import { verifyLog } from '../src/mail-log/verify.ts';
import { INTAKE, PERSON, runGateway, type RunningGateway } from './harness/gateway.ts';
import { openssl, signedLetter, type Leaf } from './harness/openssl-pki.ts';

const UNIT = 'snv@quangbinh.gov.vn';
const HEAD = ['STT', 'Họ và tên', 'Chức vụ', 'Số điện thoại'];
let run: RunningGateway;
let rsa: Leaf;
let ec: Leaf;
let other: Leaf;

beforeAll(async () => {
  run = await runGateway();
  rsa = run.pki.leaf('rsa', { email: UNIT, commonName: 'So Noi vu' });
  ec = run.pki.leaf('ec', { email: UNIT, commonName: 'So Noi vu', ec: true });
  other = run.pki.leaf('other', { email: 'stc@quangbinh.gov.vn', commonName: 'So Tai chinh' });
}, 60_000);
afterAll(() => run.close());

type Cells = readonly (string | number | null)[];
const entity = (text: string, title: string, head: readonly string[], rows: readonly Cells[]): string =>
  `Content-Type: multipart/mixed; boundary=ranh

--ranh
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

${text}

--ranh
Content-Type: application/vnd.openxmlformats-officedocument.spreadsheetml.sheet
Content-Disposition: attachment; filename="danh-sach.xlsx"
Content-Transfer-Encoding: base64

${writeWorkbook('Danh sách', [[title], [], head, ...rows])
  .toString('base64')
  .replaceAll(/.{76}/g, '$&\n')}
--ranh--
`;
const CREATE = 'ĐỀ NGHỊ CẤP MỚI HỘP THƯ';
const create = (rows: readonly Cells[]): string =>
  entity('Đề nghị cấp mới hộp thư điện tử công vụ theo danh sách.', CREATE, HEAD, rows);
const encoded = (text: string): string => `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`;
let count = 0;
const headers = (from: string, subject: string): Record<string, string> => ({
  'Authentication-Results': `mx.quangbinh.gov.vn; dmarc=pass header.from=${from.split('@')[1]!}`,
  From: from,
  To: INTAKE,
  Subject: encoded(subject),
  'Message-ID': `<${++count}@journey.test>`,
  Date: new Date().toUTCString(),
});
const SUBJECT = 'V/v đề nghị cấp mới hộp thư';
const signed = (body: string, leaf: Leaf, opaque = false, subject = SUBJECT): Buffer =>
  signedLetter(body, leaf, run.pki, headers(UNIT, subject), opaque);
const plain = (from: string, extra = '', subject = SUBJECT): Buffer =>
  Buffer.from(
    `${Object.entries(headers(from, subject))
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join(
        '',
      )}${extra}MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nĐề nghị cấp mới hộp thư.\r\n`,
  );

test.each([
  ['RSA detached', () => rsa, false, 'Trần Thị Bình', 'binhtt'],
  ['RSA opaque', () => rsa, true, 'Lê Quang Cường', 'cuonglq'],
  ['EC detached', () => ec, false, 'Phạm Minh Đức', 'ducpm'],
  ['EC opaque', () => ec, true, 'Võ Ngọc Khánh', 'khanhvn'],
])('%s: created, answered, activated once', async (_name, leaf, opaque, fullName, local) => {
  const before = run.arrived.length;
  const raw = signed(create([[1, fullName, 'Chuyên viên', '0905123401']]), leaf(), opaque);
  const answer = await run.send(UNIT, raw);
  expect(answer.code).toBe(250);
  const seen = await run.picture(answer);
  const address = `${local}.snv@quangbinh.gov.vn`;
  expect(seen).toMatchObject({
    state: 'completed',
    rows: [`${address} done`],
    templates: ['received', 'completed'],
  });
  for (const notice of run.arrived.slice(before)) {
    const file = path.join(run.dir, 'notice.eml');
    fs.writeFileSync(file, notice);
    expect(notice.toString()).toContain('multipart/signed');
    const trust = ['-CAfile', path.join(run.pki.anchors, 'root.pem'), '-certfile', run.pki.issuing];
    openssl(['cms', '-verify', '-in', file, ...trust, '-out', `${file}.txt`]);
  }
  const again = await run.send(UNIT, raw);
  expect(again).toMatchObject({ code: 250 });
  expect(again.text).toContain('received before');
  const [dossiers] = await run.db
    .sql`select count(*)::int as n from letter where dossier = ${seen.dossier ?? ''}`;
  expect(dossiers).toEqual({ n: 1 });
  const mailboxes = () => run.db.sql`select m.state, p.password from mailbox m
    join mail.mailbox p on p.username = m.address where m.address = ${address}`;
  expect((await mailboxes())[0]?.['password']).not.toContain('ARGON2ID');
  const text = fs.readFileSync(path.join(run.dir, 'notice.eml.txt'), 'utf8');
  const bodies = text
    .split(/\r?\n\r?\n/)
    .map((part) => Buffer.from(part.replaceAll(/\s/g, ''), 'base64').toString());
  const token = /\/kich-hoat\/([\w-]+)/.exec(bodies.join('\n'))?.[1] ?? '';
  const post = async (password: string): Promise<number> =>
    (
      await fetch(`http://127.0.0.1:${run.gateway.console.port}/kich-hoat/${token}`, {
        method: 'POST',
        body: new URLSearchParams({ password, again: password }),
      })
    ).status;
  expect(await post('123')).toBe(422);
  expect(await post('Song-Nhat-Le-2026!x')).toBe(200);
  expect(await post('Song-Nhat-Le-2026!y')).toBe(410);
  const [box] = await mailboxes();
  expect(box).toMatchObject({ state: 'active', password: expect.stringMatching(/^\{ARGON2ID\}/) as string });
});

test('the signed content in a new envelope is a duplicate', async () => {
  const first = signed(create([[1, 'Đặng Văn Long', 'Chuyên viên', '0905123406']]), rsa);
  expect(await run.picture(await run.send(UNIT, first))).toMatchObject({ state: 'completed' });
  const renewed = Buffer.from(
    first.toString('latin1').replace(/Message-ID: <\d+@/, 'Message-ID: <new@'),
    'latin1',
  );
  expect(await run.picture(await run.send(UNIT, renewed))).toMatchObject({ state: 'duplicate', rows: [] });
});

test.each([
  ['a personal official mailbox', PERSON, /Dieu 4/],
  ['gmail', 'sonoivu@gmail.com', /^550/],
  ['a look-alike domain', 'snv@quangbinh-gov.vn', /^550/],
])('%s is refused at the door', async (_name, from, words) => {
  const answer = await run.send(from, plain(from));
  expect(answer.code).toBe(550);
  expect(answer.text).toMatch(words);
});

test('one byte altered, no signature, another unit’s certificate: nothing is provisioned', async () => {
  const altered = signed(create([[1, 'Ngô Văn Phong', 'Chuyên viên', '0905123410']]), rsa);
  const where = altered.indexOf('nghị');
  altered[where] = 0x4e;
  const refused = await run.picture(await run.send(UNIT, altered));
  expect(refused).toMatchObject({ state: 'refused', rows: [] });
  expect(refused.words).toContain('thay đổi sau khi ký');
  expect(await run.picture(await run.send(UNIT, plain(UNIT)))).toMatchObject({ state: 'refused', rows: [] });
  const foreign = signed(create([[1, 'Ngô Văn Quang', 'Chuyên viên', '0905123411']]), other);
  expect((await run.picture(await run.send(UNIT, foreign))).state).toBe('officer');
  const [boxes] = await run.db
    .sql`select count(*)::int as n from mailbox where full_name in ('Ngô Văn Phong', 'Ngô Văn Quang')`;
  expect(boxes).toEqual({ n: 0 });
});

test('faulty rows go back, good ones are done', async () => {
  const raw = signed(
    create([
      [1, 'Đỗ Hữu Nam', 'Chuyên viên', '0905123408'],
      [2, null, 'Chuyên viên', '0905123409'],
    ]),
    ec,
  );
  const seen = await run.picture(await run.send(UNIT, raw));
  expect(seen).toMatchObject({ state: 'correction', templates: ['received', 'correction'] });
  expect(seen.rows).toContain('namdh.snv@quangbinh.gov.vn done');
});

test('a secrecy stamp seals the letter; automatic mail and bounces get no answer', async () => {
  const before = run.arrived.length;
  const secret = await run.send(UNIT, plain(UNIT, '', 'MẬT: danh sách cán bộ'));
  expect(await run.picture(secret)).toMatchObject({ state: 'quarantine' });
  const notices = run.arrived.length - before;
  expect((await run.send(UNIT, plain(UNIT, 'Auto-Submitted: auto-replied\r\n'))).code).toBe(250);
  expect((await run.send('', plain(UNIT))).code).toBe(250);
  await sleep(1500); // longer than the outbox's poll
  expect(run.arrived.length - before).toBe(notices);
});

test('the gateway stops in order and its log verifies', async () => {
  await sleep(1500); // the sequencer numbers what was written last
  await run.gateway.stop();
  const key = fs.readdirSync(run.dir).includes('mail-log.key');
  expect(key).toBe(true);
  const [last] = await run.db.sql<
    { note: string }[]
  >`select note from mail_log.checkpoint order by size desc limit 1`;
  const origin = last!.note.split('\n')[0]!;
  const report = await verifyLog(run.db.sql, loadLogKey(path.join(run.dir, 'mail-log.key'), origin));
  expect(report.faults).toEqual([]);
  const events = await run.db.sql`select distinct entry::jsonb ->> 'event' as event from mail_log.mail_event`;
  expect(events.map(({ event }) => event as string)).toEqual(
    expect.arrayContaining(['letter.received', 'letter.duplicate', 'sender.refused', 'letter.ignored']),
  );
});
