import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeWorkbook } from '../../src/lists/write-workbook.ts';
import { openOffice, type Office } from '../harness/office.ts';
import { openssl } from '../harness/openssl-pki.ts';
import { signPdf } from '../harness/pdf-signer.ts';
import { BASE_OBJECTS, basePdf, textStream } from '../harness/pdf-writer.ts';

/**
 * A letter that carries something truly signed, and beside it an unsigned list that somebody on the way would like to
 * see carried out: through the funnel, the steps, the parsing child and the database.
 */
const UNIT = 'snv@quangbinh.gov.vn';
const HEAD = ['STT', 'Họ và tên', 'Chức vụ', 'Số điện thoại'];
const sheet = (name: string, phone: string): Buffer =>
  writeWorkbook('Danh sách', [['ĐỀ NGHỊ CẤP MỚI HỘP THƯ'], [], HEAD, [1, name, 'Chuyên viên', phone]]);
const HONEST = sheet('Trần Thị Bình', '0905123401');
const DECOY = sheet('Kẻ Mạo Danh', '0905666666');

let office: Office;
let dir: string;
beforeAll(async () => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-decoy-'));
  office = await openOffice({
    regulation: 'vn-quangbinh-41-2015',
    at: '2026-03-02T08:00:00+07:00',
    units: [{ code: 'snv', name: 'Sở Nội vụ', mailbox: UNIT }],
    env: { CONGTHU_SIGN_REPLIES: 'yes' },
  });
}, 60_000);
afterAll(async () => {
  await office.close();
  fs.rmSync(dir, { recursive: true, force: true });
});

/** A signature of the unit in a file of its own. */
function detached(bytes: Buffer): Buffer {
  const file = path.join(dir, 'to-sign');
  fs.writeFileSync(file, bytes);
  const { cert, key } = office.leafOf(UNIT);
  const signer = ['-signer', cert, '-inkey', key, '-certfile', office.pki.issuing, '-md', 'sha256'];
  return openssl(['cms', '-sign', '-binary', '-in', file, ...signer, '-outform', 'DER']);
}

/** A signed official letter as PDF, without any list in it. */
const signedPdf = (): Buffer => {
  const text = textStream('Kinh gui So TTTT, de nghi cap hop thu theo danh sach kem theo.');
  return signPdf(basePdf({ ...BASE_OBJECTS, 4: text }), {
    leaf: office.leafOf(UNIT),
    pki: office.pki,
    field: 7,
  });
};

const ask = async (files: readonly { name: string; bytes: Buffer }[], signed = false) => {
  const { id } = await office.send({
    from: UNIT,
    subject: 'V/v đề nghị cấp mới hộp thư điện tử công vụ',
    text: `Kính gửi Sở, đề nghị cấp mới theo danh sách kèm theo. (${files.map(({ name }) => name).join()})`,
    signed,
    files,
  });
  return office.letter(id);
};
const mailboxes = async (): Promise<string[]> => {
  const rows = await office.db.sql<{ address: string }[]>`select address from mailbox order by address`;
  return rows.map(({ address }) => address);
};

describe('an unsigned decoy list', () => {
  const unsigned = 'Tệp “danh-sach.xlsx” chưa được ký số; danh sách để thành tệp riêng phải được ký số';
  test.each<[string, () => { name: string; bytes: Buffer }[], string]>([
    [
      'beside a signed official letter in PDF',
      () => [
        { name: 'cong-van.pdf', bytes: signedPdf() },
        { name: 'danh-sach.xlsx', bytes: DECOY },
      ],
      unsigned,
    ],
    [
      'with a signature that belongs to another file',
      () => [
        { name: 'danh-sach.xlsx', bytes: DECOY },
        { name: 'danh-sach.xlsx.p7s', bytes: detached(HONEST) },
      ],
      'nội dung đã thay đổi sau khi ký',
    ],
    [
      'beside a signed list',
      () => [
        { name: 'danh-sach.xlsx', bytes: HONEST },
        { name: 'danh-sach.xlsx.p7s', bytes: detached(HONEST) },
        { name: 'danh-sach-bo-sung.xlsx', bytes: DECOY },
      ],
      unsigned.replace('danh-sach', 'danh-sach-bo-sung'),
    ],
  ])('%s: the letter is refused with that reason and nothing is created', async (_name, files, why) => {
    const { state, reason } = await ask(files());
    expect({ state, why: reason?.includes(why) === true ? why : reason }).toEqual({ state: 'refused', why });
    expect(await mailboxes()).toEqual([]);
  });

  test('the signed list alone is carried out: it was the decoy that was refused', async () => {
    const { state } = await ask([
      { name: 'danh-sach.xlsx', bytes: HONEST },
      { name: 'danh-sach.xlsx.p7s', bytes: detached(HONEST) },
    ]);
    expect(state).toBe('completed');
    expect(await mailboxes()).toEqual(['binhtt.snv@quangbinh.gov.vn']);
  });
});
