import { writeWorkbook } from '../lists/write-workbook.ts';
import { draft } from '../notices/send.ts';
import { signMessage, type SigningKey } from '../notices/sign.ts';

export const INTAKE = 'stttt@quangbinh.gov.vn';
export const UNIT = 'snv@quangbinh.gov.vn';
export const PERSON = 'annv.snv@quangbinh.gov.vn';
const AUTHSERV = 'mx.quangbinh.gov.vn';

/** One letter of the demo: what is sent, and what must become of it. */
export interface DemoLetter {
  readonly title: string;
  readonly from: string;
  readonly raw: Buffer;
  readonly expect: DemoExpectation;
}

export interface DemoExpectation {
  /** First digits of the door's answer. */
  readonly code: 250 | 550;
  /** The state the letter must reach; absent when the door refuses it. */
  readonly state?: 'completed' | 'correction' | 'refused';
  /** Notices that must arrive, by template. */
  readonly notices: readonly string[];
  /** A piece of text the answer or the last notice must contain. */
  readonly says: string;
}

const HEAD = ['STT', 'Họ và tên', 'Chức vụ', 'Số điện thoại'];
const PEOPLE = [
  [1, 'Trần Thị Bình', 'Chuyên viên', '0905123401'],
  [2, 'Lê Quang Cường', 'Phó Giám đốc', '0905123402'],
  [3, 'Phạm Minh Đức', 'Chuyên viên', '0905123403'],
  [4, 'Hoàng Thị Thu Hà', 'Kế toán trưởng', '0905123404'],
  [5, 'Võ Ngọc Khánh', 'Văn thư', '0905123405'],
];
const FAULTY = [
  [1, 'Đặng Văn Long', 'Chuyên viên', '0905123406'],
  [2, 'Bùi Thị Mai', null, '0905123407'],
  [3, 'Đỗ Hữu Nam', 'Chuyên viên', '0905123408'],
  [4, null, 'Chuyên viên', '0905123409'],
  [5, 'Ngô Thanh Phong', 'Chuyên viên', '0905123410'],
];

const list = (
  title: string,
  head: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): Buffer => writeWorkbook('Danh sách', [['SỞ NỘI VỤ QUẢNG BÌNH'], [title], [], head, ...rows]);

interface Words {
  readonly from?: string;
  readonly subject: string;
  readonly text: string;
  readonly attachment?: { filename: string; content: Buffer };
}

async function letter(words: Words, key: SigningKey | null): Promise<Buffer> {
  const from = words.from ?? UNIT;
  const domain = from.split('@')[1]!;
  const raw = await draft({
    from,
    to: INTAKE,
    subject: words.subject,
    text: words.text,
    attachments: words.attachment === undefined ? [] : [words.attachment],
  });
  const signed = key === null ? raw : signMessage(raw, key, new Date());
  // The province's own mail server checked the sender and says so; the gateway believes it by its address.
  const stamp = `Authentication-Results: ${AUTHSERV};\r\n dmarc=pass header.from=${domain}\r\n`;
  return Buffer.concat([Buffer.from(stamp), signed]);
}

export async function demoLetters(key: SigningKey): Promise<DemoLetter[]> {
  const create: Words = {
    subject: 'V/v đề nghị cấp mới hộp thư điện tử công vụ',
    text: 'Kính gửi: Sở Thông tin và Truyền thông.\n\nDo tiếp nhận công chức mới, Sở Nội vụ đề nghị cấp mới hộp thư điện tử công vụ cho các cá nhân trong danh sách kèm theo.\n',
    attachment: {
      filename: 'danh-sach.xlsx',
      content: list('DANH SÁCH ĐỀ NGHỊ CẤP MỚI HỘP THƯ', HEAD, PEOPLE),
    },
  };
  const altered = await letter({ ...create, text: `${create.text}\nSố 15/SNV-VP.\n` }, key);
  const where = altered.indexOf('Content-Type: text/plain');
  const byte = altered.indexOf('\r\n\r\n', where) + 10;
  altered[byte] = altered[byte] === 0x41 ? 0x42 : 0x41;
  return [
    {
      title: 'Thư ký số của Sở Nội vụ đề nghị cấp mới 05 hộp thư',
      from: UNIT,
      raw: await letter(create, key),
      expect: {
        code: 250,
        state: 'completed',
        notices: ['received', 'completed'],
        says: 'binhtt.snv@quangbinh.gov.vn',
      },
    },
    {
      title: 'Cùng đề nghị, gửi từ hộp thư công vụ cá nhân',
      from: PERSON,
      raw: await letter({ ...create, from: PERSON }, null),
      expect: { code: 550, notices: [], says: 'Dieu 4' },
    },
    {
      title: 'Cùng đề nghị, gửi từ Gmail',
      from: 'sonoivu.quangbinh@gmail.com',
      raw: await letter({ ...create, from: 'sonoivu.quangbinh@gmail.com' }, null),
      expect: { code: 550, notices: [], says: 'Dieu 4' },
    },
    {
      title: 'Thư ký số bị sửa một byte trên đường đi',
      from: UNIT,
      raw: altered,
      expect: { code: 250, state: 'refused', notices: ['received', 'refused'], says: 'thay đổi sau khi ký' },
    },
    {
      title: 'Danh sách 05 người có 02 dòng sai',
      from: UNIT,
      raw: await letter(
        {
          ...create,
          subject: 'V/v đề nghị cấp mới hộp thư (đợt 2)',
          attachment: {
            filename: 'dot-2.xlsx',
            content: list('DANH SÁCH ĐỀ NGHỊ CẤP MỚI HỘP THƯ', HEAD, FAULTY),
          },
        },
        key,
      ),
      expect: { code: 250, state: 'correction', notices: ['received', 'correction'], says: 'Bùi Thị Mai' },
    },
    {
      title: 'Đề nghị cấp lại mật khẩu cho một người',
      from: UNIT,
      raw: await letter(
        {
          subject: 'V/v cấp lại mật khẩu hộp thư điện tử công vụ',
          text: 'Đề nghị cấp lại mật khẩu theo danh sách kèm theo do quên mật khẩu.\n',
          attachment: {
            filename: 'mat-khau.xlsx',
            content: list(
              'DANH SÁCH ĐỀ NGHỊ CẤP LẠI MẬT KHẨU',
              ['STT', 'Họ và tên', 'Địa chỉ hộp thư'],
              [[1, 'Phạm Minh Đức', 'ducpm.snv@quangbinh.gov.vn']],
            ),
          },
        },
        key,
      ),
      expect: {
        code: 250,
        state: 'completed',
        notices: ['received', 'completed'],
        says: 'ducpm.snv@quangbinh.gov.vn',
      },
    },
    {
      title: 'Đề nghị chấm dứt một hộp thư của người nghỉ hưu',
      from: UNIT,
      raw: await letter(
        {
          subject: 'V/v chấm dứt hộp thư điện tử công vụ',
          text: 'Đề nghị chấm dứt hộp thư của cá nhân nghỉ hưu theo danh sách kèm theo.\n',
          attachment: {
            filename: 'cham-dut.xlsx',
            content: list(
              'DANH SÁCH ĐỀ NGHỊ CHẤM DỨT HỘP THƯ',
              ['STT', 'Họ và tên', 'Địa chỉ hộp thư', 'Lý do'],
              [[1, 'Võ Ngọc Khánh', 'khanhvn.snv@quangbinh.gov.vn', 'Nghỉ hưu']],
            ),
          },
        },
        key,
      ),
      expect: {
        code: 250,
        state: 'completed',
        notices: ['received', 'completed'],
        says: 'khanhvn.snv@quangbinh.gov.vn',
      },
    },
  ];
}
