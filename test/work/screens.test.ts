import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { crc32 } from 'node:zlib';
import { openOffice, type Office } from '../harness/office.ts';

const HEAD = ['STT', 'Họ và tên', 'Chức vụ', 'Số điện thoại', 'Lý do'];
const SUBJECT = 'V/v đề nghị cấp mới hộp thư điện tử công vụ';
const MB = 1024 * 1024;
const file = (size: number) => ({ name: 'phu-luc.bin', bytes: Buffer.alloc(size, 0x41) });

describe('Ho Chi Minh City: 15 MB a message, TCVN 6909:2001, whole secrecy marks (HCM-5.2, HCM-8.1, HCM-8.5)', () => {
  const UNIT = 'stc@tphcm.gov.vn';
  let office: Office;
  beforeAll(async () => {
    office = await openOffice({
      regulation: 'vn-hcm-41-2011',
      at: '2026-03-02T08:00:00+07:00',
      units: [{ code: 'stc', name: 'Sở Tài chính', mailbox: UNIT }],
    });
  }, 60_000);
  afterAll(() => office.close());

  test('[HCM-5.2] two files together above 15 MB are refused, below are taken', async () => {
    const above = await office.send({
      from: UNIT,
      subject: SUBJECT,
      signed: false,
      files: [file(8 * MB), file(7 * MB + 1)],
    });
    expect(above).toMatchObject({ id: null });
    expect(above.reply).toContain('15 MB/thu');
    const below = await office.send({ from: UNIT, subject: SUBJECT, signed: false, files: [file(14 * MB)] });
    expect(below.id).not.toBeNull();
  });

  test('[HCM-8.5] a name in TCVN3 goes back with what the machine would read', async () => {
    const { id } = await office.send({
      from: UNIT,
      subject: SUBJECT,
      text: 'Do tuyển dụng mới, có nhu cầu sử dụng để phục vụ công tác, đề nghị cấp mới hộp thư theo danh sách.',
      list: [HEAD, [1, 'NguyÔn V¨n An', 'Chuyên viên', '0905123401', 'tuyển dụng']],
    });
    const { dossier } = await office.letter(id);
    expect(await office.rows(dossier)).toEqual(['- faulty']);
    const correction = (await office.told()).find(({ template }) => template === 'correction')!;
    expect(correction.text).toContain('Nguyễn Văn An');
  });

  test('[HCM-8.1] a mark under the signature seals the letter; nothing of it is kept beside the bytes', async () => {
    for (const opaque of [false, true]) {
      const { id } = await office.send({
        from: UNIT,
        subject: SUBJECT,
        text: 'MẬT\n\nDanh sách cán bộ biệt phái.',
        opaque,
      });
      const { state, reason } = await office.letter(id);
      expect(state).toBe('quarantine');
      expect(reason).toContain('độ mật');
      const [kept] = await office.db
        .sql`select (facts::text || findings::text) like '%biệt phái%' as told from letter where id = ${id}`;
      expect(kept).toEqual({ told: false });
    }
    const password = await office.send({
      from: UNIT,
      subject: 'V/v cấp lại mật khẩu hộp thư',
      text: 'Quy chế bảo mật yêu cầu đổi mật khẩu.',
      signed: false,
    });
    expect((await office.letter(password.id)).state).not.toBe('quarantine');
  });
});

describe('Sóc Trăng: 50 MB a file, not a message (ST-7)', () => {
  const UNIT = 'stc@soctrang.gov.vn';
  let office: Office;
  beforeAll(async () => {
    office = await openOffice({
      regulation: 'vn-soctrang-59-2024',
      at: '2026-03-02T08:00:00+07:00',
      units: [{ code: 'stc', name: 'Sở Tài chính', mailbox: UNIT }],
    });
  }, 60_000);
  afterAll(() => office.close());
  test('two files of 30 MB pass, one above 50 MB does not', async () => {
    const two = await office.send({
      from: UNIT,
      subject: SUBJECT,
      signed: false,
      files: [file(26 * MB), file(25 * MB)],
    });
    expect(two.id).not.toBeNull();
    const one = await office.send({
      from: UNIT,
      subject: SUBJECT,
      signed: false,
      files: [file(50 * MB + 1)],
    });
    expect(one.reply).toContain('50 MB/tep');
  });
});

describe('Bắc Ninh: no encrypted archives (domain.md §1.3)', () => {
  const UNIT = 'snv@bacninh.gov.vn';
  let office: Office;
  beforeAll(async () => {
    office = await openOffice({
      regulation: 'vn-bacninh-79-2025',
      at: '2026-03-02T08:00:00+07:00',
      units: [{ code: 'snv', name: 'Sở Nội vụ', mailbox: UNIT }],
    });
  }, 60_000);
  afterAll(() => office.close());
  test('an encrypted zip is named in the refusal', async () => {
    const bytes = encryptedZip('ds.xlsx');
    const { id } = await office.send({ from: UNIT, subject: SUBJECT, files: [{ name: 'ds.zip', bytes }] });
    expect(await office.letter(id)).toMatchObject({
      state: 'refused',
      reason: expect.stringContaining('ds.zip') as string,
    });
  });
});

/** One stored entry with the encryption bit set, as zip tools write it (APPNOTE 4.4.4). */
function encryptedZip(name: string): Buffer {
  const data = Buffer.alloc(32, 0x78);
  const field = (bytes: 2 | 4, value: number): Buffer => {
    const out = Buffer.alloc(bytes);
    out.writeUIntLE(value, 0, bytes);
    return out;
  };
  const common = Buffer.concat([
    ...[20, 1, 0, 0, 0].map((value) => field(2, value)),
    ...[crc32(data), data.length, data.length].map((value) => field(4, value)),
    field(2, name.length),
    field(2, 0),
  ]);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), data]);
  const zeros = Buffer.alloc(14);
  const central = Buffer.concat([Buffer.from('PK\x01\x02'), field(2, 20), common, zeros, Buffer.from(name)]);
  const end = [
    field(2, 0),
    field(2, 0),
    field(2, 1),
    field(2, 1),
    field(4, central.length),
    field(4, local.length),
  ];
  return Buffer.concat([local, central, Buffer.from('PK\x05\x06'), ...end, field(2, 0)]);
}
