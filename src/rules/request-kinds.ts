import type { RequestKind } from './regulation.ts';

/** Lower-case without tones and đ: the form in which wording is recognised. Replaced letters keep their number. */
export function plain(text: string): string {
  return text
    .normalize('NFC')
    .toLowerCase()
    .replaceAll('đ', 'd')
    .normalize('NFD')
    .replaceAll(/[\u0300-\u036f]/g, '');
}

/** Wording of subjects, bodies and table titles, most specific first (requirements.md §7, domain.md §4.1). */
const WORDING: readonly (readonly [RequestKind, RegExp])[] = [
  [
    'PASSWORD_RESET',
    /(cap lai|lay lai|dat lai|khoi phuc|cap moi lai|doi|mat|quen)\s+(lai\s+)?mat khau|quen mat khau/,
  ],
  ['ABUSE_REPORT', /thu rac|thu doc hai|noi dung xau|thu lua dao/],
  ['INCIDENT', /bao su co|su co|khong gui duoc|khong nhan duoc|bi loi/],
  ['REOPEN', /mo lai|mo khoa|khoi phuc (hop thu|tai khoan)/],
  ['HANDOVER', /ban giao (hop thu|tai khoan)/],
  ['ABSENCE_REASON', /ly do (khong|chua) (su dung|dang nhap)|tam thoi khong su dung/],
  [
    'QUARTERLY_DECLARATION',
    /bao cao (thay doi|quy)|khong (co )?thay doi.*quy|quy (i|ii|iii|iv|[1-4])\b.*thay doi/,
  ],
  ['USAGE_REPORT', /bao cao.*(tinh hinh|ket qua).*su dung|bao cao dinh ky/],
  ['AUTHORITY_DECISION', /theo quyet dinh cua so noi vu|cap nhat theo quyet dinh/],
  ['TRANSFER', /chuyen cong tac|dieu dong|thuyen chuyen|luan chuyen/],
  ['CANCEL', /\bhuy\b|cham dut|\bxoa\b|thu hoi|loai bo|nghi huu|thoi viec/],
  [
    'CREATE_UNIT',
    /(cap moi|cap|dang ky|tao|tao moi|tao lap)\s+(\w+\s+){0,3}hop thu\s+(dien tu\s+)?(cong vu\s+)?(cua\s+)?(co quan|don vi|phong)/,
  ],
  ['CREATE_PERSON', /cap moi|dang ky|tao moi|tao lap|cap (\w+ ){0,4}hop thu|cap (\w+ ){0,4}tai khoan/],
  ['CHANGE', /thay doi|dieu chinh|cap nhat|sua doi/],
];

/** The kinds a text asks for, most specific first. Password wording is taken out before "cấp mới" is looked for. */
export function detectKinds(text: string): RequestKind[] {
  let rest = plain(text).replaceAll(/\s+/g, ' ');
  const found: RequestKind[] = [];
  for (const [kind, wording] of WORDING) {
    if (!wording.test(rest)) continue;
    found.push(kind);
    rest = rest.replaceAll(new RegExp(wording, 'g'), ' ');
  }
  return found;
}
