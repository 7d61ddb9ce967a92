import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ExaminedLetter } from '../src/evidence/port.ts';
import { writeWorkbook } from '../src/lists/write-workbook.ts';
import { scanDoubts } from '../src/rules/scan.ts';
import { letterById } from '../src/store/letters.ts';
import { putUnitSeal, scanPictureAt, scanPictures, unitSealOf } from '../src/store/scans.ts';
import { INTAKE, runGateway, type RunningGateway } from './harness/gateway.ts';
import { HOSTILE } from './scans/hostile.ts';
import { drawPage } from './scans/page.ts';
import { imagePdf, jpegStream } from './scans/scan-pdf.ts';

/** Unsigned letters with scans, from the door to the officer's inbox. */
let run: RunningGateway;
beforeAll(async () => {
  run = await runGateway();
}, 60_000);
afterAll(() => run.close());

const UNIT = 'snv@quangbinh.gov.vn';
const encoded = (text: string): string => `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`;
const LIST = writeWorkbook('Danh sách', [
  ['ĐỀ NGHỊ CẤP MỚI HỘP THƯ'],
  [],
  ['STT', 'Họ và tên', 'Chức vụ', 'Số điện thoại'],
  [1, 'Trần Thị Bích', 'Chuyên viên', '0905123456'],
]);

let count = 0;
function letter(...files: readonly (readonly [name: string, bytes: Buffer])[]): Buffer {
  const part = (name: string, bytes: Buffer): string =>
    [
      '--ranh',
      'Content-Type: application/octet-stream',
      `Content-Disposition: attachment; filename="${name}"`,
      'Content-Transfer-Encoding: base64',
      '',
      bytes.toString('base64').replaceAll(/.{76}/g, '$&\r\n'),
      '',
    ].join('\r\n');
  const head = [
    `Authentication-Results: mx.quangbinh.gov.vn; dmarc=pass header.from=quangbinh.gov.vn`,
    `From: ${UNIT}`,
    `To: ${INTAKE}`,
    `Subject: ${encoded('V/v đề nghị cấp mới hộp thư')}`,
    `Message-ID: <${++count}@scan-journey.test>`,
    `Date: ${new Date().toUTCString()}`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=ranh',
    '',
    '--ranh\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nDe nghi cap moi hop thu theo danh sach.\r\n\r\n',
  ].join('\r\n');
  return Buffer.from(`${head}${files.map(([name, bytes]) => part(name, bytes)).join('')}--ranh--\r\n`);
}

async function sent(raw: Buffer) {
  const answer = await run.send(UNIT, raw);
  const picture = await run.picture(answer);
  const id = /received as ([0-9a-f-]{36})/.exec(answer.text)![1]!;
  const stored = (await run.db.transaction((tx) => letterById(tx.orm, id)))!;
  return { picture, stored, examined: stored.findings['examine'] as ExaminedLetter };
}

const SCAN = imagePdf(jpegStream(drawPage(1006)));

test('a scan waits for an officer with facts, pictures and what was read', async () => {
  const { picture, stored, examined } = await sent(letter(['cong-van.pdf', SCAN], ['danh-sach.xlsx', LIST]));
  expect(picture).toMatchObject({ state: 'officer', rows: [] });
  expect(picture.reason).toContain('Đối chiếu tệp “cong-van.pdf”');
  const [document] = examined.documents;
  expect(document!.scan).toMatchObject({
    limit: null,
    seenBefore: [],
    pages: [{ seals: [{ grade: 'strong' }] }],
  });
  expect(scanDoubts(document!.scan!)).toEqual([]);
  expect(stored.findings['approve']).toMatchObject({
    route: 'scan_signed_sealed',
    reading: expect.objectContaining({ recognition: expect.any(String) as string }) as object,
  });
  await run.db.transaction(async (tx) => {
    const pictures = await scanPictures(tx.orm, stored.id);
    expect(pictures.map(({ page, kind }) => `${page} ${kind}`)).toEqual(['1 page', '1 seal', '1 strokes']);
    const seal = await scanPictureAt(tx.orm, pictures[1]!);
    expect(seal!.bytes.subarray(0, 2).toString('hex')).toBe('ffd8');
  });
}, 60_000);

test('the same page in another letter is told as seen before', async () => {
  const { examined } = await sent(letter(['khac.pdf', SCAN]));
  expect(scanDoubts(examined.documents[0]!.scan!).map(({ code }) => code)).toEqual(['seen_before']);
}, 60_000);

test('a hostile file beside a good scan takes nothing with it', async () => {
  const files = [
    ['xau.pdf', HOSTILE['endless page']!()],
    ['tot.pdf', imagePdf(jpegStream(drawPage(1022)))],
  ] as const;
  const { picture, examined } = await sent(letter(...files));
  expect(picture.state).toBe('officer');
  const [bad, good] = examined.documents;
  expect(scanDoubts(bad!.scan!).map(({ code }) => code)).toContain('not_seen');
  expect(good!.scan!.pages[0]!.seals).toHaveLength(1);
}, 60_000);

test('a unit’s enrolled seal is kept and replaced', async () => {
  const seal = { unit: 'snv', mediaType: 'image/png', enrolledAt: new Date(0), enrolledBy: 'admin' };
  await run.db.transaction(async (tx) => {
    await putUnitSeal(tx, { ...seal, bytes: Buffer.from('một') });
    await putUnitSeal(tx, { ...seal, bytes: Buffer.from('hai') });
    expect((await unitSealOf(tx.orm, 'snv'))!.bytes.toString()).toBe('hai');
    expect(await unitSealOf(tx.orm, 'stc')).toBeNull();
  });
});
