import { plain } from './request-kinds.ts';
import type { ColumnKey } from './regulation.ts';

/**
 * Headings as clerks write them (domain.md §4.2), in the form of `headingKey`. An exact match counts 100, otherwise
 * the words decide, so that unseen but close headings are understood too.
 */
const EXACT: Readonly<Record<ColumnKey, readonly string[]>> = {
  no: ['stt', 'tt', 'so tt', 'so thu tu', 's tt', 'thu tu', '#', 'no', 'number'],
  fullName: [
    'ho va ten',
    'ho ten',
    'ho & ten',
    'ten nguoi su dung',
    'ho va ten nguoi dung',
    'ho va ten can bo',
    'ho ten cbccvc',
    'ten co quan ca nhan',
    'don vi ca nhan',
    'ca nhan',
    'ho va ten chu hop thu',
    'full name',
    'fullname',
    'name',
  ],
  birthDate: ['ngay sinh', 'nam sinh', 'ngay thang nam sinh', 'ntns', 'sinh ngay', 'dob'],
  position: [
    'chuc vu',
    'chuc danh',
    'chuc vu chuc danh',
    'chuc danh chuc vu',
    'chuc vu hien nay',
    'chuc vu cong tac',
    'vi tri viec lam',
    'vi tri cong tac',
    'ngach chuc vu',
    'cv',
    'position',
  ],
  unit: [
    'don vi',
    'don vi cong tac',
    'co quan',
    'co quan don vi',
    'co quan don vi cong tac',
    'ten co quan don vi',
    'ten don vi',
    'noi cong tac',
    'so nganh',
    'xa phuong',
    'co quan cong tac',
    'unit',
  ],
  department: [
    'phong ban don vi',
    'don vi bo phan cong tac',
    'phong ban',
    'bo phan',
    'phong chuyen mon',
    'phong don vi truc thuoc',
    'khoa phong',
    'to bo phan',
    'department',
  ],
  phone: [
    'so dien thoai',
    'dien thoai',
    'dien thoai lien he',
    'dien thoai lien lac',
    'dt',
    'sdt',
    'di dong',
    'so dtdd',
    'dtdd',
    'dien thoai di dong',
    'so di dong',
    'so dien thoai nhan otp',
    'tel',
    'phone',
  ],
  idNumber: [
    'so cccd',
    'so the cc cccd',
    'so cmnd cccd',
    'so dinh danh ca nhan',
    'cccd',
    'cmnd',
    'so can cuoc',
    'ma dinh danh',
    'so cmtnd',
  ],
  proposedAddress: [
    'hop thu de nghi',
    'dia chi thu dien tu de nghi',
    'ten hop thu de nghi cap',
    'ten tai khoan',
    'ten tai khoan de nghi',
    'ten dang nhap',
    'email de nghi',
    'hop thu de nghi cap moi',
    'dia chi email dang ky',
    'ten truy nhap',
    'account',
    'user name',
  ],
  currentAddress: [
    'dia chi thu dien tu cong vu',
    'dia chi hop thu',
    'hop thu hien tai',
    'hop thu da cap',
    'email cong vu',
    'thu cong vu',
    'mail cong vu',
    'email',
    'dia chi email',
    'hop thu',
    'dia chi thu dien tu',
    'tai khoan cu',
    'address',
  ],
  action: [
    'noi dung de nghi',
    'de nghi',
    'yeu cau',
    'noi dung yeu cau',
    'hinh thuc',
    'loai yeu cau',
    'noi dung',
    'de xuat',
    'loai de nghi',
    'action',
  ],
  reason: [
    'ly do',
    'ly do de nghi',
    'li do',
    'nguyen nhan',
    'can cu',
    'ly do cap',
    'ly do thay doi',
    'ly do huy',
    'noi dung thay doi',
    'dien giai',
    'muc dich',
  ],
  decision: [
    'so quyet dinh',
    'qd so',
    'quyet dinh tuyen dung dieu dong',
    'so ngay qd',
    'can cu quyet dinh',
    'van ban kem theo',
    'so qd ngay qd',
    'quyet dinh',
    'qd tiep nhan',
    'quyet dinh so ngay',
  ],
  note: ['ghi chu', 'chu thich', 'gc', 'ghi chu khac', 'thong tin khac', 'khac', 'y kien', 'bo sung', 'note'],
};

/** Words that speak for a column in headings nobody has listed. Order: the more telling column first. */
const WORDS: readonly (readonly [ColumnKey, RegExp])[] = [
  ['fullName', /\bho\b.*\bten\b/],
  ['birthDate', /\bsinh\b/],
  ['phone', /dien thoai|di dong|\bsdt\b/],
  ['idNumber', /cccd|cmnd|can cuoc|dinh danh/],
  ['proposedAddress', /(hop thu|thu dien tu|email|tai khoan).*(de nghi|dang ky|moi)|ten dang nhap/],
  ['currentAddress', /hop thu|thu dien tu|email|tai khoan/],
  ['decision', /quyet dinh|\bqd\b/],
  ['position', /chuc (vu|danh)|vi tri/],
  ['department', /phong|bo phan/],
  ['unit', /don vi|co quan/],
  ['reason', /ly do|nguyen nhan/],
  ['action', /yeu cau|de nghi/],
  ['note', /ghi chu/],
];

/** "Họ và tên (*)\n" → "ho va ten" */
export function headingKey(text: string): string {
  return plain(text)
    .replaceAll(/\([^)]*\)/g, ' ')
    .replaceAll(/[*:.,()/\-_\d\n\r]+/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** The column a heading names; null when it names none. */
export function columnOf(heading: string): ColumnKey | null {
  const key = headingKey(heading);
  if (key === '' || key.length > 80) return null;
  for (const [column, variants] of Object.entries(EXACT))
    if (variants.includes(key)) return column as ColumnKey;
  return WORDS.find(([, words]) => words.test(key))?.[0] ?? null;
}
