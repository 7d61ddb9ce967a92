import type { ColumnKey } from './regulation.ts';
import { foldKey } from './text/normalise.ts';

/** What a column holds; names may be split over two columns (Họ đệm | Tên). */
export type ColumnPart = ColumnKey | 'surname' | 'given';

export interface Heading {
  /** Several where one column holds several things ("Chức vụ, đơn vị công tác"); empty when nothing is known. */
  readonly parts: readonly ColumnPart[];
  /** False where another column is meant almost as likely. */
  readonly sure: boolean;
}

/** Headings as clerks write them (domain.md §4.2), in the form of `headingKey`. */
const EXACT: Readonly<Record<ColumnKey, readonly string[]>> = {
  no: ['stt', 'tt', 'so tt', 'so thu tu', 's tt', 's t t', 'thu tu', 'no', 'number'],
  fullName: [
    'ho va ten',
    'ho ten',
    'ho va ten nguoi su dung',
    'ho va ten can bo cong chuc',
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
  birthDate: ['ngay sinh', 'nam sinh', 'ngay thang nam sinh', 'ntns', 'sinh ngay', 'dob', 'nam nu'],
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
    'phong',
    'phong cong ty',
    'phong ban bo phan',
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
    'cmnd cccd ho chieu',
    'can cuoc cong dan',
    'so can cuoc can cuoc cong dan ma so dinh danh ca nhan',
    'ma so dinh danh ca nhan',
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
    'hinh thuc de nghi',
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
  note: [
    'dien giai them',
    'ghi chu',
    'chu thich',
    'gc',
    'ghi chu khac',
    'thong tin khac',
    'khac',
    'y kien',
    'bo sung',
    'note',
  ],
};

const BY_KEY: ReadonlyMap<string, ColumnKey> = new Map(
  Object.entries(EXACT).flatMap(([column, keys]) => keys.map((key) => [key, column as ColumnKey] as const)),
);

const SURNAME = /^(?:ho|ho (?:va )?(?:ten )?(?:chu )?(?:dem|lot)|chu dem|ten dem|ho va)$/u;
const GIVEN = /^(?:ten|ten goi|ten rieng)$/u;

/** Who looks after a mailbox is neither its owner nor its address. */
const KEEPER =
  /^(?:can bo|nguoi|cong chuc|dau moi) (?:duoc giao )?(?:truc tiep )?(?:quan ly|phu trach|giu|van hanh|theo doi)\b/u;

/** Words that name a column, wherever no variant above fits as a whole. The first one in a heading is its noun. */
const NOUNS: readonly (readonly [ColumnKey | 'address', RegExp])[] = [
  [
    'fullName',
    /\b(?:ho (?:va )?(?:chu dem (?:va )?)?ten|ten (?:can bo|nguoi|chu|nhan vien|cong chuc|vien chuc)|chu hop thu|nguoi (?:su dung|dung))\b/u,
  ],
  ['birthDate', /\b(?:(?:ngay |thang |nam )*sinh(?: ngay| nam)?|ntns)\b/u],
  ['position', /\b(?:chuc vu|chuc danh|vi tri|ngach|vtvl)\b/u],
  ['idNumber', /\b(?:cccd|cmnd|cmtnd|can cuoc|dinh danh|ho chieu)\b/u],
  ['phone', /\b(?:dien thoai|di dong|sdt|dtdd|dt|otp|phone|mobile|tel)\b/u],
  [
    'address',
    /\b(?:hop thu|thu dien tu|thu cong vu|dia chi thu|e ?mail|mail|tai khoan|dang nhap|truy nhap|user ?name|account|hom thu)\b/u,
  ],
  ['decision', /\b(?:quyet dinh|qd|van ban)\b/u],
  ['reason', /\b(?:l[yi] do|nguyen nhan|muc dich|can cu|dien giai)\b/u],
  ['department', /\b(?:phong(?: ban)?|bo phan|to cong tac|khoa|trung tam)\b/u],
  ['unit', /\b(?:don vi|co quan|noi (?:cong tac|lam viec)|so nganh|dia phuong|to chuc)\b/u],
  ['note', /\b(?:ghi chu|chu thich|y kien|luu y)\b/u],
  [
    'action',
    /\b(?:noi dung (?:de nghi|yeu cau)|yeu cau|(?:loai|hinh thuc) (?:de nghi|yeu cau|xu ly)|de xuat|de nghi)\b/u,
  ],
];

/** Words that may stand in any heading without pointing elsewhere. */
const FILLERS = new Set(
  (
    'so ten cua va cac nguoi can bo cong chuc vien cbcc cbccvc lao dong su dung hien nay tai co day du dien tu dia chi ghi ro neu ' +
    'theo thong tin ngay thang nam nhan lien he lac ca chi tiet cap de nghi noi dung tac vu duoc da dang ky moi cu ' +
    'quan don vi trung tam thay doi viec lam the ma dung dau thu truong mong muon du kien cho bo nhiem tuyen dieu dong hoac yeu cau khi xu ly mat khau lai nghe nghiep truoc huu'
  ).split(' '),
);
/** Less of a heading than this explained means that it speaks of something else ("Phòng Tổ chức hành chính"). */
const LEAST_EXPLAINED = 0.7;
/** Longer texts are sentences. */
const LONGEST_HEADING = 120;

const WANTED =
  /\b(?:de nghi|de xuat|dang ky|moi|mong muon|du kien|yeu cau|ten (?:dang nhap|truy nhap|tai khoan)|user ?name|account)\b/u;
const PRESENT =
  /\b(?:cu|hien (?:tai|nay|co)|da cap|dang (?:dung|su dung)|thay doi|huy|xoa|thu hoi|cham dut|mat khau|mo lai|mo khoa)\b/u;

/** "Họ và tên (*)\n" → "ho va ten"; remarks in brackets and digits do not belong to a heading. */
export function headingKey(text: string): string {
  return foldKey(text.replaceAll(/\([^)]*\)?|\d+/gu, ' '));
}

const UNKNOWN: Heading = { parts: [], sure: true };
const one = (part: ColumnPart): Heading => ({ parts: [part], sure: true });

/** What a heading names: a known variant, else several in one, else its first noun. */
export function headingOf(text: string): Heading {
  if (/^\s*#\s*(?:\([^)]*\)\s*)?$/u.test(text)) return one('no');
  if (text.length > LONGEST_HEADING) return UNKNOWN;
  const key = headingKey(text);
  if (KEEPER.test(key)) return one('note');
  if (SURNAME.test(key)) return one('surname');
  if (GIVEN.test(key)) return one('given');
  const known = BY_KEY.get(key);
  return known === undefined ? (combined(text) ?? byNouns(key)) : one(known);
}

/** The column a heading names; null when it names none. */
export function columnOf(heading: string): ColumnKey | null {
  const [part] = headingOf(heading).parts;
  return part === 'surname' || part === 'given' ? 'fullName' : (part ?? null);
}

const ENGLISH =
  /^(?:(?:full|family|given) ?names?|names?|(?:job )?titles?|positions?|(?:mobile|tele)? ?phone(?: (?:no|number))?\.?|mobile|remarks?|notes?|(?:requested|current|official) (?:e-?mail|mailbox)(?: address)?|units?|agency|organi[sz]ation|departments?|date of birth|birth ?date|no\.?|id(?: (?:no|number|card))?\.?|actions?|requests?|reasons?|decisions?(?: no)?\.?)$/iu;

/** "Chức vụ, đơn vị công tác": every piece is a heading of its own, of different columns. */
function combined(text: string): Heading | null {
  const shown = text.replaceAll(/\([^)]*\)?/gu, ' ');
  const halves = shown.split(/[/|\n]/u).filter((half) => !ENGLISH.test(half.trim()));
  // "Họ và tên/Full name": the English half says nothing more.
  if (halves.length === 1 && halves[0] !== shown) return headingOf(halves[0]!);
  const pieces = shown.split(/[,;/+&\n-]| và /iu);
  const columns = pieces.map((piece) => BY_KEY.get(headingKey(piece)));
  const distinct = [...new Set(columns)].filter((column) => column !== undefined);
  return distinct.length > 1 && !columns.includes(undefined) ? { parts: distinct, sure: true } : null;
}

function byNouns(key: string): Heading {
  const found = NOUNS.flatMap(([noun, pattern]) => {
    const hit = pattern.exec(key);
    return hit === null ? [] : [{ noun, at: hit.index, words: hit[0] }];
  }).sort((a, b) => a.at - b.at || b.words.length - a.words.length);
  const [first, second] = found;
  if (first === undefined || explained(key, found) < LEAST_EXPLAINED) return UNKNOWN;
  const part = first.noun === 'address' ? addressPart(key) : first.noun;
  return {
    parts: [part],
    sure: second === undefined || belongsTo(key, second.at) || alike(first.noun, second.noun),
  };
}

function explained(key: string, found: readonly { readonly words: string }[]): number {
  const nouns = new Set(found.flatMap(({ words }) => words.split(' ')));
  // "chính" alone would make a heading of every "Phòng Tổ chức hành chính".
  const words = key.replaceAll(/ chinh (?:quyen|thuc)\b/gu, '').split(' ');
  return words.filter((word) => nouns.has(word) || FILLERS.has(word)).length / words.length;
}

/** "Số điện thoại của đơn vị", "Lý do đề nghị cấp hộp thư": the second noun only tells of what. */
const belongsTo = (key: string, at: number): boolean =>
  /\b(?:cua|theo|cap|nhan|trong|tai|de nghi|thay doi|huy|cho|ve|so|ten)\s(?:\w+\s)?$/u.test(key.slice(0, at));

/** Pairs where the first noun decides without doubt. */
const ALIKE: readonly string[] = [
  'phone+idNumber',
  'phone+unit',
  'address+unit',
  'unit+department',
  'department+unit',
  'address+action',
  'action+address',
  'decision+reason',
  'reason+decision',
  'position+department',
];
const alike = (first: string, second: string): boolean => ALIKE.includes(`${first}+${second}`);

const addressPart = (key: string): ColumnKey =>
  WANTED.test(key) && !PRESENT.test(key) ? 'proposedAddress' : 'currentAddress';
