import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { crc32 } from 'node:zlib';
import { perform } from '../../src/work/desk/perform.ts';
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
    office.at('2026-03-02T08:01:00+07:00');
    await office.told();
    await office.jobs();
    await office.jobs();
    const alarms = (await office.told()).filter(({ template }) => template === 'sealed');
    expect(alarms.map(({ recipient }) => recipient)).toEqual(['canbo@tphcm.gov.vn', 'canbo@tphcm.gov.vn']);
    expect(alarms[0]!.text).toContain('Sở Tài chính');
    expect(alarms.map(({ text }) => text).join()).not.toContain('biệt phái');
    const password = await office.send({
      from: UNIT,
      subject: 'V/v cấp lại mật khẩu hộp thư',
      text: 'Quy chế bảo mật yêu cầu đổi mật khẩu.',
      signed: false,
    });
    expect((await office.letter(password.id)).state).not.toBe('quarantine');
  });

  test('[HCM-8.1] a stamp in a cell of the list or a line of a file seals the letter; a person of that name does not', async () => {
    const text =
      'Do tuyển dụng mới, có nhu cầu sử dụng để phục vụ công tác, đề nghị cấp mới hộp thư theo danh sách.';
    const person = [1, 'Nguyễn Văn An', 'Chuyên viên', '0905123401', 'tuyển dụng'];
    const stamped = [
      { list: [['UBND THÀNH PHỐ', null, null, 'MẬT'], [], HEAD, person] },
      { list: [HEAD, [...person, 'TỐI MẬT']] },
      {
        list: [HEAD, person],
        files: [{ name: 'cv.txt', bytes: Buffer.from('Số: 12/BC-STC-M\n\nBáo cáo.') }],
      },
      {
        list: [HEAD, person],
        signed: false,
        files: [{ name: 'cv.html', bytes: Buffer.from('<p>Độ mật: Mật</p><p>Nội dung</p>') }],
      },
    ];
    for (const what of stamped) {
      const { state, reason, dossier } = await office.letter(
        (await office.send({ from: UNIT, subject: SUBJECT, text, ...what })).id,
      );
      expect({ state, reason, dossier }).toMatchObject({ state: 'quarantine', dossier: null });
      expect(reason).toContain('độ mật');
    }
    await office.db
      .sql`insert into account (name, full_name, role, password_changed_at, must_change, created_at)
      values ('lan', 'Nguyễn Thị Lan', 'officer', now(), false, now())`;
    const [held] = await office.db.sql<{ id: string; version: number }[]>`
      select id, version from letter where reason like '%độ mật (MẬT)%' order by received_at desc limit 1`;
    const none = { all: () => [], checked: () => false, upload: () => null };
    const officer = { name: 'lan', fullName: 'Nguyễn Thị Lan' };
    const order = { action: 'release' as const, letter: held!.id, version: held!.version, officer };
    const fields = { ...none, text: () => 'Không phải tài liệu mật' };
    expect(await perform({ ...order, fields }, office.deps)).toMatchObject({ result: 'done' });
    await office.work();
    expect((await office.letter(held!.id)).state).not.toBe('quarantine');
    const split = ['STT', 'Họ và tên đệm', 'Tên', 'Chức vụ', 'Số điện thoại', 'Lý do'];
    const { state } = await office.letter(
      (
        await office.send({
          from: UNIT,
          subject: SUBJECT,
          text,
          list: [split, [1, 'NGUYỄN THỊ', 'MẬT', 'Chuyên viên', '0905123401', 'tuyển dụng']],
        })
      ).id,
    );
    expect(state).not.toBe('quarantine');
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
