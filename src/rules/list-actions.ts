import type { RequestKind } from './regulation.ts';
import { detectKinds } from './request-kinds.ts';
import { foldKey } from './text/normalise.ts';

/**
 * What a cell, a tick column or a table's title asks for. `lock` is no request kind of any regulation; `keep` confirms a
 * mailbox as it is (ST-11.2); `other` is a tick column whose words nobody knows.
 */
export type Action = RequestKind | 'lock' | 'keep' | 'other';

/** What may stand beside the verb without changing it. */
const OBJECT =
  '(?: (?:hop thu|hom thu|ht|thu dien tu|dien tu|cong vu|tai khoan|tk|account|email|mail|dia chi|thong tin|tt|ca nhan|cho|cua|su dung|nguoi dung|bo sung|moi))*';

/** Short wordings of cells and tick headings, where no mailbox needs to be named. Order: the more telling first. */
const SHORT: readonly (readonly [Action, string])[] = [
  [
    'PASSWORD_RESET',
    '(?:cap lai|lay lai|khoi phuc|dat lai|reset|quen|mat|doi|lam moi)(?: lai)? (?:mat khau|mk|password)',
  ],
  ['PASSWORD_RESET', 'reset(?: pass(?:word)?)?'],
  ['REOPEN', '(?:mo lai|mo khoa|kich hoat lai|khoi phuc|phuc hoi|mo)'],
  // TH-5.2a: founding, merging and dissolving a body each mean something for its mailbox.
  ['CREATE_UNIT', '(?:moi )?thanh lap(?: moi)?(?: tren co so .{3,80})?'],
  ['CANCEL', '(?:giai the|(?:bi )?sap nhap(?: vao .{2,80})?|hop nhat(?: vao .{2,80})?)'],
  ['CREATE_UNIT', '(?:cap moi|cap|dang ky|tao moi|tao) hop thu (?:don vi|co quan|phong|to chuc)'],
  [
    'CREATE_PERSON',
    '(?:de nghi )?(?:cap moi|cap|dang ky(?: moi| cap)?|tao moi|tao|lap moi|bo sung|them moi|moi)',
  ],
  ['TRANSFER', '(?:chuyen cong tac|dieu dong|luan chuyen|thuyen chuyen|chuyen don vi|chuyen|dieu chuyen)'],
  [
    'CANCEL',
    '(?:huy|huy bo|xoa|xoa bo|thu hoi|cham dut|loai bo|dong|nghi huu|nghi viec|thoi viec|ngung|dung)',
  ],
  ['CHANGE', '(?:thay doi|dieu chinh|cap nhat|sua|sua doi|chinh sua|doi ten|dinh chinh)'],
  ['HANDOVER', 'ban giao'],
  ['DELEGATION', '(?:giao|cu|phan cong|uy quyen) (?:nguoi )?(?:quan ly|dau moi|phu trach)'],
  [
    'keep',
    '(?:giu nguyen|khong thay doi|tiep tuc(?: su dung)?|dang su dung|con su dung|van su dung|khong co thay doi)',
  ],
  ['lock', '(?:tam khoa|khoa|tam dung|tam ngung)'],
];

/** Words too short to decide anything unless they stand alone: "Bộ phận Một cửa" drops nothing. */
const ALONE: readonly (readonly [Action, string])[] = [
  ['CANCEL', '(?:bo|cat|cat bo|go|go bo|rut)'],
  ['CHANGE', '(?:doi|chinh)'],
  ['CREATE_PERSON', '(?:them|dk moi|cm|tai lap)'],
];

const WHOLE = [...SHORT, ...ALONE].map(
  ([action, words]) => [action, new RegExp(`^${words}${OBJECT}$`, 'u')] as const,
);

/** The action a short text states and nothing else ("Hủy", "Cấp mới hộp thư"); null for anything longer. */
export function exactAction(text: string): Action | null {
  const key = foldKey(text);
  return WHOLE.find(([, pattern]) => pattern.test(key))?.[0] ?? null;
}

const START = SHORT.map(
  ([action, words]) => [action, new RegExp(`^(?:de nghi |xin )?${words}\\b`, 'u')] as const,
);

/**
 * What an action cell asks for: the act itself, not its ground. "Hủy do chuyển công tác" cancels, "Do nghỉ việc, đề nghị
 * hủy" too. Then the exact wording counts, else the letter's wording, else how the text begins.
 */
export function actionsOf(text: string): Action[] {
  const act = text.replace(GROUND, '').trim();
  for (const said of [requested(act), act, requested(text), text]) {
    const found = said === null ? [] : actsIn(said);
    if (found.length > 0) return found;
  }
  return [];
}

/** Where an act's ground begins: a bracket, "do …", "vì …", "theo …". At the very start it is no such thing. */
const GROUND =
  /(?<=\S)\s*(?:\(|[\s,;:–-](?:do|vì|bởi|để|nhằm|theo|căn cứ|lý do|lí do|sau khi|can cu|ly do)(?!\p{L})).*$/isu;

/** What stands behind the last "đề nghị", where something stands before it. */
const requested = (text: string): string | null =>
  /\S.*(?<!\p{L})(?:đề nghị|de nghi)\s+(\S.*)$/isu.exec(text)?.[1] ?? null;

function actsIn(text: string): Action[] {
  const exact = exactAction(text);
  if (exact !== null) return [exact];
  const parts = text.split(/[;,/+]| và /u).map(exactAction);
  if (parts.length > 1 && parts.every((part) => part !== null)) return [...new Set(parts)];
  const key = foldKey(text);
  if (/^(?:de nghi )?(?:tam )?khoa\b/u.test(key)) return ['lock'];
  const kinds = detectKinds(text);
  if (kinds.length > 0) return kinds.slice(0, 1);
  const start = START.find(([, pattern]) => pattern.test(key))?.[0];
  return start === undefined ? [] : [start];
}

/** Marks clerks tick with; ü, þ, P and R are ticks in the Wingdings fonts. */
const TICK = /^(?:[xX✓✔√☑☒✗■●•v]|có|co|yes|1|\*|\+)$/iu;
const WINGDINGS_TICK = /^[üþPRý]$/u;

export const isTick = (text: string, font: string | undefined): boolean =>
  TICK.test(text) || (/wingdings/iu.test(font ?? '') && WINGDINGS_TICK.test(text));

/** Bodies, not persons, by how their names begin; "Đoàn", "Văn" and "Trương" are surnames and need more words. */
const BODY =
  /^(?:sở|ủy ban|uỷ ban|ubnd|hđnd|hội đồng|ubmttq|mttq|mặt trận|phòng|trung tâm|chi cục|cục|văn phòng|thanh tra|công an|bộ chỉ huy|ban (?:chỉ huy|quản lý|tổ chức|tuyên giáo|dân vận|dân tộc|nội chính|tiếp công dân|bảo vệ|chấp hành|giám đốc|thường trực|biên tập|cán sự)|(?:tỉnh|thành|huyện|thị|đảng|quận|xã|phường) (?:ủy|uỷ)|trường (?:th|mầm|mẫu|tiểu|trung|đại|cao|chính|phổ|dân|nghề|ptdt|mn)|bệnh viện|trạm|kho bạc|liên đoàn|liên minh|hội (?:liên hiệp|nông|cựu|người|phụ|chữ|khuyến|đông|nhà|luật)|đoàn (?:thanh|tncs|đbqh|đại biểu|khối)|tổng (?:công ty|cục|đội)|công ty|viện|thư viện|bảo tàng|đài (?:phát|truyền|ptth)|báo |quỹ |đảng bộ|chi bộ|hạt kiểm lâm|xã |phường |thị trấn |đặc khu |bộ phận |tổ |đội |khoa (?!hop thu|tai khoan))/iu;

/** Posts and ranks, by how they are written at the beginning of a cell. */
const POSITION =
  /^(?:q\. ?|quyền )?(?:chuyên viên|công chức|viên chức|cán bộ|nhân viên|người lao động|văn thư|kế toán|thủ quỹ|lái xe|tạp vụ|bảo vệ|trưởng|phó|giám đốc|chủ tịch|chánh|bí thư|chủ nhiệm|hiệu trưởng|thanh tra viên|thanh tra|kiểm lâm|kỹ sư|kỹ thuật|bác sĩ|y sĩ|điều dưỡng|giáo viên|giảng viên|tổ trưởng|đội trưởng|ủy viên|uỷ viên|đại biểu|thư ký|lưu trữ|cộng tác viên|hợp đồng|phụ trách)(?!\p{L})/iu;

/** "Chuyên viên", "Phó Trưởng phòng Nội vụ". */
export const isPosition = (text: string): boolean => POSITION.test(text);

/** True when a name is that of an organisation or a room of one ("Phòng Nội vụ"). */
export const isBody = (name: string): boolean => BODY.test(`${name} `) && name.includes(' ');
