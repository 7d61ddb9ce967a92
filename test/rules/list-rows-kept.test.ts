import { expect, test } from 'vitest';
import { understandLists } from '../../src/rules/list-layout.ts';
import { gridOf } from './list-cases.ts';

/**
 * A row is never dropped in silence: tables put together by chance from what clerks write between their rows, where
 * each row of data holds a phone number found nowhere else. Every one of them comes out as an entry, or the list says
 * how many rows it left out.
 */
const SEEDS = Number(process.env['CONGTHU_TEST_SEEDS'] ?? 400);

/** Mulberry32: the same tables on every machine. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Names that begin like words of a form. */
const NAMES = [
  'Tống Công Danh',
  'TỐNG SỐ NĂM',
  'Bàng Thị Mơ',
  'Danh Sách',
  'Lưu Ý Nhi',
  'Phòng Văn Ban',
  'Ban Văn Tổ',
  'Đoàn Thị Hội',
  'Trường Sơn',
  'Cộng Hòa',
  'Mẫu Thị Số',
  'Kỷ Tên',
  'Nội Nhân',
  'Chủ Tích Lâm',
  'Giám Đốc Lý',
  'Y Nhiên',
  'I Lan',
  "H'Hen Niê",
  'Đề Nghi',
  'Vì Vậy Lò',
  'Ngày Thị Tháng',
  'STT Họ Tên',
  'Nguyễn Văn A',
];
/** No names at all: below a heading they are rows all the same. */
const ODD = [...NAMES, 'Họ', 'x', '???'];
const POSITIONS = [
  'Chuyên viên',
  'GIÁM ĐỐC',
  'Thủ trưởng',
  '',
  'Người lập biểu',
  'Chủ tịch UBND xã',
  'CHÁNH VĂN PHÒNG',
];
const BETWEEN = [
  '',
  'I | Văn phòng | | |',
  ' | Cộng: 02 | | |',
  'II. Hủy hộp thư | < | < | < | <',
  '(1) | (2) | (3) | (4) | (5)',
  ' | NGƯỜI LẬP BIỂU | | THỦ TRƯỞNG ĐƠN VỊ |',
  ' | | | Cà Mau, ngày 05 tháng 01 năm 2026 |',
  'Danh sách này có 03 người./. | < | < | < | <',
  'PHỤ LỤC 2: DANH SÁCH CẤP MỚI | < | < | < | <',
  '7 | | | |',
  'Ghi chú: kèm theo quyết định | | | |',
  ' | Hồ Văn Lập | | Lê Thị Duyệt |',
  'STT | Họ và tên | Chức vụ | Điện thoại | Ghi chú',
];

function table(seed: number): { lines: string[]; phones: string[] } {
  const next = chance(seed);
  const pick = <T>(of: readonly T[]): T => of[Math.floor(next() * of.length)]!;
  const numbered = next() < 0.5;
  const phones: string[] = [];
  const lines = [pick(['DANH SÁCH CẤP MỚI | < | < | < | <', 'SỞ NỘI VỤ | | | CỘNG HÒA XÃ HỘI |', ''])];
  const headed = next() < 0.85;
  if (headed) lines.push(`${numbered ? 'STT' : ''} | Họ và tên | Chức vụ | Điện thoại | Ghi chú`);
  const count = 2 + Math.floor(next() * 8);
  for (let i = 1; i <= count; i++) {
    while (next() < 0.3) lines.push(pick(BETWEEN));
    const phone = `09${String(seed % 1000).padStart(3, '0')}${String(i).padStart(5, '0')}`;
    phones.push(phone);
    lines.push(
      `${numbered ? i : ''} | ${pick(headed ? ODD : NAMES)} | ${pick(POSITIONS)} | ${phone} | ${pick(['', 'Tổng đài'])}`,
    );
  }
  return { lines, phones };
}

const told = (text: string): number => Number(/có (\d+) dòng (?:nằm sau|giống)/u.exec(text)?.[1] ?? 0);

test('no row of a table is dropped in silence', () => {
  let entries = 0;
  let apart = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { lines, phones } = table(seed);
    const list = understandLists([gridOf('ds.xlsx › Sheet1', false, lines)]);
    const read = new Set(list.entries.map(({ values }) => values.phone));
    const missing = phones.filter((phone) => !read.has(phone));
    const counted = list.problems.reduce((sum, { text }) => sum + told(text), 0);
    expect(
      counted,
      `seed ${seed}\n${lines.join('\n')}\nmissing ${missing.join(', ')}`,
    ).toBeGreaterThanOrEqual(missing.length);
    entries += phones.length - missing.length;
    apart += missing.length;
  }
  // Both happen: a reader that took nothing, or told everything, would not pass for a good one.
  expect(entries).toBeGreaterThan(apart);
  expect(apart).toBeGreaterThan(SEEDS / 10);
});
