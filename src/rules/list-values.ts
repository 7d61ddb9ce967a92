import type { TextCell } from './list-cells.ts';
import type { Doubt } from './mailbox-list.ts';
import type { ColumnKey } from './regulation.ts';

/** A value as it is understood, with what is doubtful about it. */
export interface Value {
  readonly text: string;
  readonly doubts: readonly Doubt[];
}

export const doubt = (
  code: string,
  column: ColumnKey | null,
  text: string,
  fix: string,
  proposal?: string,
): Doubt => ({ code, column, text, fix, ...(proposal === undefined ? {} : { proposal }) });

const plainValue = (text: string): Value => ({ text, doubts: [] });

/** The digits a spreadsheet stored, not how it shows them ("9.05E+08"), unless it shows them all ("0905 123 456"). */
function stored({ source, text }: TextCell): string {
  const { number } = source;
  if (number === undefined || !Number.isSafeInteger(number) || number <= 0) return text;
  const shown = text.replaceAll(/\D/gu, '');
  return Number(shown) === number ? shown : String(number);
}

/**
 * Mobile prefixes of eleven digits, out of use since 15/9/2018 (Bộ TTTT, kế hoạch chuyển đổi mã mạng, Quyết định
 * 798/QĐ-BTTTT): 0120 became 070, and so on. A number in the old form reaches nobody.
 */
const RENUMBERED: Readonly<Record<string, string>> = {
  ...{ '0120': '070', '0121': '079', '0122': '077', '0126': '076', '0128': '078' },
  ...{ '0123': '083', '0124': '084', '0125': '085', '0127': '081', '0129': '082' },
  ...{ '0162': '032', '0163': '033', '0164': '034', '0165': '035', '0166': '036' },
  ...{ '0167': '037', '0168': '038', '0169': '039', '0186': '056', '0188': '058', '0199': '059' },
};

/** The number of today for one of before 2018; null for all others. `digits` may have lost its 0. */
function renumbered(digits: string): string | null {
  const old = /^0?(1\d{9})$/u.exec(digits)?.[1];
  const prefix = old === undefined ? undefined : RENUMBERED[`0${old.slice(0, 3)}`];
  return prefix === undefined ? null : `${prefix}${old!.slice(3)}`;
}

/** Vietnamese numbers: 10 digits for mobiles, 11 for fixed lines of the provinces, with the leading 0. */
export function phoneOf(cell: TextCell): Value {
  const written = stored(cell);
  const several = written.split(/[;/,\n]| - /u).filter((part) => /\d{6}/u.test(part.replaceAll(/\D/gu, '')));
  const digits = (several[0] ?? written)
    .replace(/^\s*\p{L}[\p{L}. ]*:/u, '')
    .replaceAll(/\([^()\d]*\)/gu, '')
    .replaceAll(/[\s.\-()]/gu, '')
    .replace(/^(?:\+|00)?84(?=\d{9,10}$)/u, '0');
  // Nine digits of a mobile phone, ten of a fixed line (area codes begin with 2): a number cell keeps no 0.
  if (/^(?:[1-9]\d{8}|2\d{9})$/u.test(digits)) {
    const text = `0${digits}`;
    return {
      text,
      doubts: [
        doubt(
          'phone_zero_restored',
          'phone',
          `Số điện thoại ${digits} mất số 0 ở đầu`,
          'Kiểm tra lại số điện thoại',
          text,
        ),
      ],
    };
  }
  const today = renumbered(digits);
  if (today !== null && several.length < 2) {
    const old = doubt(
      'phone_renumbered',
      'phone',
      `Số điện thoại “${cell.written}” thuộc đầu số 11 chữ số đã ngừng sử dụng từ năm 2018`,
      'Ghi số điện thoại đang sử dụng, đủ 10 chữ số',
      today,
    );
    return { text: cell.written, doubts: [old] };
  }
  if (!/^0\d{8,10}$/u.test(digits) || /^01\d{9}$/u.test(digits)) {
    const wrong = doubt(
      'phone_invalid',
      'phone',
      `Số điện thoại “${cell.written}” không hợp lệ`,
      'Ghi lại số điện thoại, đủ 10 chữ số',
    );
    return { text: cell.written, doubts: [wrong] };
  }
  if (several.length < 2) return plainValue(digits);
  const many = doubt(
    'phone_several',
    'phone',
    `Có ${several.length} số điện thoại`,
    'Chỉ ghi một số điện thoại',
    digits,
  );
  return { text: cell.written, doubts: [many] };
}

/** CCCD has 12 digits and begins with 0 for half of the provinces; the old CMND has 9. */
export function idNumberOf(cell: TextCell): Value {
  const digits = stored(cell).replaceAll(/[\s.\-]/gu, '');
  if (!/^\d{11}$/u.test(digits)) return plainValue(/^\d+$/u.test(digits) ? digits : cell.written);
  const text = `0${digits}`;
  return {
    text,
    doubts: [
      doubt(
        'id_zero_restored',
        'idNumber',
        `Số định danh ${digits} chỉ có 11 chữ số`,
        'Kiểm tra lại số định danh, đủ 12 chữ số',
        text,
      ),
    ],
  };
}

const two = (n: number): string => String(n).padStart(2, '0');
const dayFirst = (day: number, month: number, year: number): string => `${two(day)}/${two(month)}/${year}`;

/** Years of two digits: whoever is on a staff list was born before 2010. */
const fullYear = (year: number): number => (year >= 100 ? year : year < 10 ? 2000 + year : 1900 + year);

function exists(day: number, month: number, year: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day && year >= 1900 && year <= 2100;
}

const DATE = /^(?:ngày\s*)?(\d{1,2})\s*(?:[/.\-\s]|tháng)\s*(\d{1,2})\s*(?:[/.\-\s]|năm)\s*(\d{4}|\d{2})$/iu;
const ISO_DATE = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:T[\d:.Z]*)?$/u;

/** Birth dates as dd/mm/yyyy, or a year alone; always day first, as Vietnamese write them. */
export function birthDateOf(cell: TextCell): Value {
  const { date, number } = cell.source;
  if (date !== undefined) return plainValue(dayFirst(date.day, date.month, date.year));
  const text = cell.text;
  if (/^(?:19|20)\d{2}$/u.test(text)) return plainValue(text);
  if (number !== undefined && Number.isInteger(number) && number > 3_000 && number < 60_000)
    return serialDate(cell, number);
  const iso = ISO_DATE.exec(text);
  const [day, month, year] =
    iso === null ? (DATE.exec(text)?.slice(1) ?? []).map(Number) : [iso[3], iso[2], iso[1]].map(Number);
  if (day === undefined || month === undefined || year === undefined) return wrongDate(cell);
  const full = fullYear(year);
  if (exists(day, month, full)) return plainValue(dayFirst(day, month, full));
  if (!exists(month, day, full)) return wrongDate(cell);
  const turned = dayFirst(month, day, full);
  return {
    text: cell.written,
    doubts: [
      doubt(
        'date_month_first',
        'birthDate',
        `Ngày sinh “${cell.written}” không theo thứ tự ngày/tháng/năm`,
        'Ghi ngày sinh dạng ngày/tháng/năm',
        turned,
      ),
    ],
  };
}

/** A date that lost its format: days since 30/12/1899 (ECMA-376 part 1, §18.17.4.1). */
function serialDate(cell: TextCell, serial: number): Value {
  const at = new Date(Date.UTC(1899, 11, 30) + serial * 86_400_000);
  const proposal = dayFirst(at.getUTCDate(), at.getUTCMonth() + 1, at.getUTCFullYear());
  return {
    text: cell.written,
    doubts: [
      doubt(
        'date_serial',
        'birthDate',
        `Ngày sinh ghi thành số ${serial}`,
        'Định dạng lại ô ngày sinh',
        proposal,
      ),
    ],
  };
}

const wrongDate = (cell: TextCell): Value => ({
  text: cell.written,
  doubts: [
    doubt(
      'date_invalid',
      'birthDate',
      `Ngày sinh “${cell.written}” không hợp lệ`,
      'Ghi ngày sinh dạng ngày/tháng/năm',
    ),
  ],
});

/** Local part or whole address, lower-case, without the decorations of mail programs. */
export function addressOf(column: ColumnKey, cell: TextCell): Value {
  const bare = cell.written.toLowerCase().replace(/^mailto:/u, '');
  const inside = /<([^<>\s]+@[^<>\s]+)>/u.exec(bare)?.[1] ?? bare.replaceAll(/^[<(]+|[>),;.]+$/gu, '');
  const addresses = inside.split(/[\s,;]+/u).filter((part) => part.includes('@'));
  if (addresses.length < 2) return plainValue(addresses[0] ?? inside);
  const many = doubt(
    'address_several',
    column,
    `Ô ghi ${addresses.length} địa chỉ thư điện tử`,
    'Mỗi dòng chỉ ghi một địa chỉ',
  );
  return { text: cell.written, doubts: [many] };
}

/** Degrees and ranks before a name: "ThS.", "PGS. TS.", "BS CKII"; letters of an address are never made of them. */
const DEGREES =
  /^(?:(?:th\.?\s?s|pgs|gs|ts|tskh|bs|bs\.?\s?ck\s?i+|bscki+|ks|kts|cn|ds|ls|đd|thạc s[ĩỹ]|tiến s[ĩỹ]|bác s[ĩỹ]|kỹ sư|cử nhân|luật sư|dược s[ĩỹ])[.,\s]+)+(?=\S+\s+\S)/iu;

const LETTERS = /^[\p{L}\p{M}\s.'’‘ʼ`\-]+$/u;

/** What stands for a person's name. Names of bodies may hold digits ("Trường THCS số 2") and are not looked at. */
export function nameDoubts(text: string, isBody: boolean): Doubt[] {
  if (text === '' || isBody) return [];
  const bare = text.replace(DEGREES, '');
  if (bare !== text)
    return [
      doubt('name_title', 'fullName', `Họ tên có kèm học hàm, học vị: “${text}”`, 'Chỉ ghi họ và tên', bare),
    ];
  const titled = /^(?:ông|bà|đ\/c|đồng chí|anh|chị)[\s.:]+(?=\S+\s+\S+)(.+)$/iu.exec(text)?.[1];
  if (titled !== undefined && titled.split(' ').length > 2)
    return [
      doubt('name_title', 'fullName', `Họ tên có kèm danh xưng: “${text}”`, 'Chỉ ghi họ và tên', titled),
    ];
  const letters = text.replaceAll(/[^\p{L}]/gu, '');
  if (LETTERS.test(text.replaceAll(/\([^)]*\)/gu, ' ')) && letters.length > 0) return [];
  return [
    doubt('name_garbage', 'fullName', `Họ tên “${text.slice(0, 80)}” không đọc được`, 'Ghi lại họ và tên'),
  ];
}
