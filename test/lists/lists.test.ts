import * as XLSX from '@e965/xlsx';
import { describe, expect, test } from 'vitest';
import { columnOf } from '../../src/rules/list-headings.ts';
import { understandLists } from '../../src/rules/list-layout.ts';
import { detectKinds } from '../../src/rules/request-kinds.ts';
import { readListFile as readList } from '../harness/list-file.ts';

const sheet = (rows: unknown[][]): Buffer => {
  const book = XLSX.utils.book_new();
  XLSX.utils.book_append_sheet(book, XLSX.utils.aoa_to_sheet(rows), 'Danh sách');
  return XLSX.write(book, { type: 'buffer', bookType: 'xlsx' }) as Buffer;
};

describe('layouts of real lists', () => {
  const rows = [
    ['UBND TỈNH QUẢNG BÌNH', null, null, 'CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM'],
    ['DANH SÁCH ĐỀ NGHỊ CẤP MỚI HỘP THƯ ĐIỆN TỬ CÔNG VỤ'],
    [],
    ['STT', 'Họ và tên', 'Chức vụ', 'Số điện thoại', 'Ghi chú'],
    ['(1)', '(2)', '(3)', '(4)', '(5)'],
    ['I. Văn phòng'],
    [1, 'Nguyễn Văn An', 'Chuyên viên', 905123456, null],
    ['02', 'Trần Thị  Bình', 'Phó Trưởng phòng', '0912.345.678', null],
    [3],
    ['Danh sách này có 02 người./.'],
    [null, 'NGƯỜI LẬP BIỂU', null, 'THỦ TRƯỞNG'],
    [null, 'Lê Văn Ký', null, 'Phạm Văn Duyệt'],
  ];

  test('title block, column numbers, groups, spare rows, totals and signatures are no entries', async () => {
    const list = understandLists(await readList(sheet(rows), 'ds.xlsx'));
    expect(list.problems).toEqual([]);
    expect(list.entries.map(({ line, kind, values }) => [line, kind, values.fullName, values.phone])).toEqual(
      [
        [7, 'CREATE_PERSON', 'Nguyễn Văn An', '0905123456'],
        [8, 'CREATE_PERSON', 'Trần Thị Bình', '0912345678'],
      ],
    );
  });

  test('a count that does not agree is told', async () => {
    const wrong = rows.map((row) =>
      row[0] === 'Danh sách này có 02 người./.' ? ['Tổng cộng: 12 người'] : row,
    );
    expect(understandLists(await readList(sheet(wrong), 'ds.xlsx')).problems[0]?.code).toBe('count_mismatch');
  });

  test('a person with nothing but a number and a name is an entry; divisions are not', async () => {
    const sparse = sheet([
      ['STT', 'Họ và tên', 'Chức vụ'],
      ['I', 'Văn phòng', null],
      [1, 'Trần Bình', null],
      ['2. Phòng Hành chính', null, null],
      [2, null, 'Chuyên viên'],
    ]);
    const { entries } = understandLists(await readList(sparse, 'x.xlsx'));
    expect(entries.map(({ line, values }) => [line, values.fullName])).toEqual([
      [3, 'Trần Bình'],
      [5, undefined],
    ]);
  });

  test('csv with a semicolon and windows-1258', async () => {
    const text = Buffer.from('STT;Họ và tên;Chức vụ\r\n1;"Nguyễn Văn An";Chuyên viên\r\n');
    const list = understandLists(await readList(text, 'ds.csv'));
    expect(list.entries[0]?.values).toMatchObject({ fullName: 'Nguyễn Văn An', position: 'Chuyên viên' });
  });

  test('one list may mix what it asks for', async () => {
    const mixed = sheet([
      ['TT', 'Họ tên', 'Địa chỉ hộp thư', 'Nội dung đề nghị'],
      [1, 'A B', 'ab@x.vn', 'Hủy'],
      [2, 'C D', 'cd@x.vn', 'Cấp lại mật khẩu'],
      [3, 'E F', null, 'Cấp mới'],
    ]);
    expect(understandLists(await readList(mixed, 'x.xlsx')).entries.map((entry) => entry.kind)).toEqual([
      'CANCEL',
      'PASSWORD_RESET',
      'CREATE_PERSON',
    ]);
  });
});

test.each([
  ['S.TT', 'no'],
  ['Họ, tên', 'fullName'],
  ['Họ và tên người dùng', 'fullName'],
  ['Ngày, tháng, năm sinh', 'birthDate'],
  ['Chức danh, chức vụ', 'position'],
  ['Cơ quan/ Đơn vị công tác', 'unit'],
  ['Phòng/ban/đơn vị', 'department'],
  ['Số ĐTDĐ', 'phone'],
  ['Số CMND/ CCCD', 'idNumber'],
  ['Hộp thư đề nghị', 'proposedAddress'],
  ['Địa chỉ thư điện tử công vụ', 'currentAddress'],
  ['Nội dung đề nghị', 'action'],
  ['Lí do', 'reason'],
  ['Số QĐ, ngày QĐ', 'decision'],
  ['Chú thích', 'note'],
  ['Cộng hòa xã hội', null],
])('heading "%s" is %s', (heading, column) => {
  expect(columnOf(heading)).toBe(column);
});

test.each([
  ['V/v đăng ký cấp mới hộp thư điện tử công vụ', ['CREATE_PERSON']],
  ['V/v cấp lại mật khẩu hộp thư', ['PASSWORD_RESET']],
  ['V/v hủy hộp thư điện tử công vụ', ['CANCEL']],
  ['Đề nghị mở lại hộp thư bị khóa', ['REOPEN']],
  ['Kính gửi quý cơ quan', []],
])('"%s" asks for %j', (text, kinds) => {
  expect(detectKinds(text)).toEqual(kinds);
});
