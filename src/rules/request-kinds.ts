import type { RequestKind } from './regulation.ts';
import { plain } from './text/normalise.ts';

export { plain } from './text/normalise.ts';

/**
 * What a letter asks for, from the wording of its subject and body (requirements.md §7). Wording only orders the
 * possibilities; rows of a list may say otherwise and win. Matching is done without marks, because subjects are
 * often typed without them.
 */
interface Wording {
  readonly kind: RequestKind;
  /** 3: says so outright. 2: usual wording. 1: a hint that needs company. */
  readonly weight: 1 | 2 | 3;
  readonly pattern: RegExp;
  /** The words it can begin with: it is tried where one of them stands, not at every letter of the text. */
  readonly firstWords: readonly string[];
}

/** What is asked about. */
const BOX = '(?:hop thu|tai khoan|dia chi|email|e mail|mail|thu dien tu|thu cong vu|account)';
/** At most `n` words between, never over the end of a sentence or line. */
const gap = (n: number): string => `(?: [a-z0-9]+){0,${n}}`;
const PERSON = '(?:can bo|cong chuc|vien chuc|nhan vien|nguoi|ca nhan|ong|ba|dong chi|cbcc|cbccvc|lanh dao)';
/** Words that lead from a mailbox to the body it belongs to, none of them a person. */
const toBody = `(?: (?!${PERSON}\\b)[a-z0-9]+){0,5}`;
const BODY = '(?:don vi|co quan|to chuc|phong|trung tam|ban quan ly|chi cuc|dung chung|cap 2)';
const GIVE = '(?:cap|dang ky|tao|lap|khoi tao|bo sung|thiet lap)';
const END = '(?:huy|huy bo|xoa|xoa bo|thu hoi|cham dut|loai bo|dong|ngung|ngung su dung|dung su dung|bo)';
const TAKING_OFFICE = '(?:so noi vu|ban to chuc|bo nhiem|dieu dong|cap co tham quyen|co quan co tham quyen)';
const OFFICE_DECISION = '(?:tuyen dung|bo nhiem|dieu dong|nghi huu|tiep nhan|thoi viec|ve cong tac can bo)';

const WORDINGS: readonly (readonly [RequestKind, Wording['weight'], string])[] = [
  ['PASSWORD_RESET', 3, `(?:cap lai|lay lai|dat lai|khoi phuc|reset|quen|mat|lam moi|doi)${gap(3)} mat khau`],
  ['PASSWORD_RESET', 3, `mat khau${gap(6)} (?:bi quen|da quen|cap lai|da mat|bi mat)`],
  ['PASSWORD_RESET', 1, 'khong dang nhap duoc'],

  ['REOPEN', 3, `(?:mo lai|mo khoa|kich hoat lai|khoi phuc|phuc hoi)${gap(5)} ${BOX}`],
  ['REOPEN', 2, `${BOX}${gap(6)} (?:mo lai|mo khoa|duoc khoi phuc|kich hoat lai)`],
  ['REOPEN', 1, '(?:mo lai|mo khoa|kich hoat lai)'],

  ['CREATE_UNIT', 3, `${GIVE}(?: moi)?${gap(3)} hop thu(?: dien tu)?(?: cong vu)? (?:cua |cho )?${BODY}`],
  ['CREATE_UNIT', 3, `thanh lap${gap(12)} ${GIVE}(?: moi)?${gap(2)} ${BOX}`],
  ['CREATE_UNIT', 3, `${GIVE}(?: moi)?${gap(4)} ${BOX}${gap(6)} thanh lap`],
  ['CREATE_UNIT', 3, `${GIVE}(?: moi)?${gap(2)} ${BOX}${toBody} (?:cho|cua) (?:phong|trung tam|chi cuc|ban)`],
  [
    'CREATE_PERSON',
    3,
    `(?:cap moi|dang ky moi|tao moi|cap bo sung|dang ky cap moi|khoi tao)${gap(4)} ${BOX}`,
  ],
  ['CREATE_PERSON', 3, `(?:cap|dang ky|tao|lap)(?! lai)${gap(3)} ${BOX}${gap(5)} ${PERSON}`],
  ['CREATE_PERSON', 2, `(?:dang ky(?: cap)?|cap|tao|lap|mo)(?: moi| them| cac| danh sach| su dung)* ${BOX}`],
  ['CREATE_PERSON', 2, `${BOX}${gap(5)} (?:moi tuyen dung|cap moi|tuyen dung moi)`],
  ['CREATE_PERSON', 1, '(?:cap moi|dang ky moi|tao moi)'],

  ['TRANSFER', 3, '(?:chuyen|dieu dong|luan chuyen|thuyen chuyen|biet phai) cong tac'],
  ['TRANSFER', 3, `(?:dieu chuyen|chuyen|dieu dong|luan chuyen)${gap(4)} ${BOX}${gap(6)} (?:sang|ve|den)`],
  ['TRANSFER', 2, '(?:dieu dong|luan chuyen|dieu chuyen|thuyen chuyen)'],

  ['CANCEL', 3, `${END}${gap(4)} ${BOX}`],
  ['CANCEL', 2, `${BOX}${gap(6)} (?:khong con su dung|khong con nhu cau|nghi huu|nghi viec|thoi viec)`],
  ['CANCEL', 2, '(?:nghi huu|nghi viec|thoi viec|giai the|sap nhap|tu tran)'],

  ['CHANGE', 3, `(?:thay doi|dieu chinh|cap nhat|sua doi|chinh sua|doi ten)${gap(4)} ${BOX}`],
  ['CHANGE', 2, '(?:thay doi|dieu chinh|cap nhat|sua doi|dinh chinh) thong tin'],
  [
    'CHANGE',
    2,
    '(?:thay doi|dieu chinh|doi) (?:chuc vu|ho ten|ten don vi|don vi|ten hien thi|so dien thoai)',
  ],

  ['HANDOVER', 3, `(?:ban giao|giao nhan)${gap(6)} ${BOX}`],
  ['HANDOVER', 3, `(?:thay doi|thay the)${gap(2)} (?:thu truong|nguoi dung dau|nguoi quan ly)`],
  ['HANDOVER', 1, 'ban giao'],

  [
    'DELEGATION',
    3,
    `(?:giao|cu|phan cong|uy quyen|thay doi)${gap(8)} (?:quan ly|phu trach|su dung|theo doi|tiep nhan)(?: va [a-z]+ [a-z]+| [a-z]+)? (?:hop thu|tai khoan)(?: thu)?(?: dien tu)?(?: cong vu)? (?:cua )?(?:don vi|co quan)`,
  ],
  ['DELEGATION', 3, `(?:can bo|nguoi|dau moi)${gap(2)} dau moi${gap(6)} (?:hop thu|thu dien tu)`],
  ['DELEGATION', 3, `dau moi${gap(5)} (?:hop thu|thu dien tu|thu cong vu)`],

  [
    'ABSENCE_REASON',
    3,
    `ly do${gap(6)} (?:khong|chua|tam ngung|tam thoi khong)${gap(2)} (?:su dung|dang nhap)`,
  ],
  ['ABSENCE_REASON', 3, `(?:khong|chua)(?: the)? su dung${gap(6)} (?:do|vi|ly do)`],
  ['ABSENCE_REASON', 2, '(?:tam thoi|thoi gian) (?:khong|chua) (?:su dung|co nhu cau)'],

  [
    'QUARTERLY_DECLARATION',
    3,
    `(?:hang|dinh ky|theo|moi|trong|cua) (?:quy|qui)${gap(8)} (?:thay doi|bien dong)`,
  ],
  [
    'QUARTERLY_DECLARATION',
    3,
    `(?:thay doi|bien dong|ke khai|ra soat)${gap(10)} (?:quy|qui) (?:i{1,3}|iv|[1-4]|nay)`,
  ],
  ['QUARTERLY_DECLARATION', 3, `(?:quy|qui) (?:i{1,3}|iv|[1-4])${gap(8)} (?:thay doi|bien dong)`],
  ['QUARTERLY_DECLARATION', 3, `ra soat(?: lai)?(?: danh sach| danh ba| cac)* ${BOX}`],
  ['QUARTERLY_DECLARATION', 3, 'ra soat(?: lai)? danh ba'],
  ['QUARTERLY_DECLARATION', 2, 'khong co(?: su)? (?:thay doi|bien dong)'],
  ['QUARTERLY_DECLARATION', 2, 'bao cao (?:hang )?(?:quy|qui)(?! che| dinh)'],

  ['USAGE_REPORT', 3, `bao cao${gap(5)} (?:su dung|khai thac|ap dung)${gap(4)} ${BOX}`],
  ['USAGE_REPORT', 3, `bao cao${gap(4)} (?:06|6|sau) thang`],
  ['USAGE_REPORT', 2, 'bao cao (?:tinh hinh|ket qua|dinh ky|thong ke|hang nam)'],

  ['INCIDENT', 3, `(?:bao|thong bao|khac phuc|xu ly|gap|xay ra)${gap(2)} su co`],
  ['INCIDENT', 3, '(?:bi lo|lo lot|danh cap|xam nhap|chiem quyen|tan cong|nhiem virus|nhiem ma doc)'],
  ['INCIDENT', 2, `(?:khong|chua)(?: the)? (?:gui|nhan|truy cap|tai)${gap(2)} duoc`],
  ['INCIDENT', 2, '(?:su co|bao loi|loi he thong|mat an toan thong tin)'],

  ['ABUSE_REPORT', 3, '(?:thu rac|spam|thu quang cao|tin rac|lua dao|gia mao|phishing)'],
  ['ABUSE_REPORT', 3, `(?:noi dung|thu)${gap(3)} (?:xau|doc hai|phan dong|vi pham phap luat)`],

  [
    'AUTHORITY_DECISION',
    3,
    `(?:cap nhat|dieu chinh|thuc hien|xu ly)${gap(8)} theo${gap(4)} quyet dinh${gap(12)} ${TAKING_OFFICE}`,
  ],
  ['AUTHORITY_DECISION', 3, `(?:gui|chuyen)(?: cac)? quyet dinh ${OFFICE_DECISION}${gap(4)}(?: ${BOX})?`],
];

const TABLE: readonly Wording[] = WORDINGS.map(([kind, weight, words]) => ({
  kind,
  weight,
  pattern: new RegExp(`${words}(?![a-z0-9])`, 'uy'),
  firstWords: firstWordsOf(words),
}));

const FIRST_WORDS = new Set(TABLE.flatMap(({ firstWords }) => firstWords));
const FIRST_WORD = new RegExp(`(?<![a-z0-9])(?:${[...FIRST_WORDS].join('|')})(?![a-z0-9])`, 'gu');

/** Every wording begins with words, or with a choice of words that each end where the choice does. */
function firstWordsOf(words: string): string[] {
  const choice = /^\(\?:((?:[^()]|\([^()]*\)[?*]?)*)\)(?= |\(\?[:!] |$)/u.exec(words)?.[1];
  const beginnings = choice === undefined ? [words] : choice.replaceAll(/\([^()]*\)[?*]?/gu, '').split('|');
  return beginnings.map((beginning) => {
    const first = /^[a-z0-9]+(?= |$|\(\?: )/u.exec(beginning)?.[0];
    if (first === undefined) throw new Error(`a wording begins with no word: ${words}`);
    return first;
  });
}

/** A request is stated at its start; text beyond this is annexes, quotations or an attack on the patterns. */
const LONGEST_TEXT = 20_000;
/** The subject and the sentence that opens the letter. */
const OPENING = 300;
/** One clause repeated in every line of a list proves no more than three times. */
const MOST_HITS = 3;

interface Hit {
  readonly kind: RequestKind;
  readonly weight: number;
  readonly from: number;
  readonly to: number;
}

/**
 * The kinds a text asks for, surest first; empty when nothing is recognised. Text: subject, line break, body,
 * as decoded. Lines quoted from an earlier mail (">") are not the writer's words and do not count.
 */
export function detectKinds(text: string): RequestKind[] {
  const folded = foldSentences(text);
  const begins = beginsOf(folded);
  const hits = TABLE.flatMap((wording) => hitsOf(wording, folded, begins));
  const found = new Map<RequestKind, { score: number; at: number }>();
  for (const hit of hits) {
    if (hits.some((other) => absorbs(other, hit) || isGroundOf(other, hit, folded))) continue;
    const known = found.get(hit.kind) ?? { score: 0, at: hit.from };
    const score = known.score + hit.weight * (hit.from < OPENING ? 2 : 1);
    found.set(hit.kind, { score, at: Math.min(known.at, hit.from) });
  }
  return [...found].sort(([, a], [, b]) => b.score - a.score || a.at - b.at).map(([kind]) => kind);
}

/** Where first words stand. In few objects: a page of text has hundreds, and every letter passes here at the door. */
function beginsOf(folded: string): ReadonlyMap<string, readonly number[]> {
  const begins = new Map<string, number[]>();
  FIRST_WORD.lastIndex = 0;
  while (FIRST_WORD.test(folded)) {
    const end = FIRST_WORD.lastIndex;
    let from = end;
    while (from > 0 && folded[from - 1] !== ' ' && folded[from - 1] !== ';') from -= 1;
    const word = folded.slice(from, end);
    const places = begins.get(word);
    if (places === undefined) begins.set(word, [from]);
    else places.push(from);
  }
  return begins;
}

/** Hits from left to right, none over another; `begins`: where first words stand. */
function hitsOf(
  { kind, weight, pattern, firstWords }: Wording,
  folded: string,
  begins: ReadonlyMap<string, readonly number[]>,
): Hit[] {
  const hits: Hit[] = [];
  const places = firstWords.flatMap((word) => begins.get(word) ?? []);
  if (firstWords.length > 1) places.sort((one, other) => one - other);
  let end = 0;
  for (const from of places) {
    if (from < end) continue;
    pattern.lastIndex = from;
    const hit = pattern.exec(folded);
    if (hit === null) continue;
    end = from + hit[0].length;
    hits.push({ kind, weight, from, to: end });
    if (hits.length === MOST_HITS) break;
  }
  return hits;
}

/**
 * Wordings that contain one another: "cấp mới hộp thư đơn vị" holds "cấp mới hộp thư", "cập nhật hộp thư theo Quyết
 * định …" holds "cập nhật hộp thư". Where they overlap the larger sense is meant, elsewhere both.
 */
const LARGER: Readonly<Partial<Record<RequestKind, readonly RequestKind[]>>> = {
  CREATE_UNIT: ['CREATE_PERSON'],
  AUTHORITY_DECISION: ['TRANSFER', 'CHANGE', 'CREATE_PERSON', 'CANCEL'],
  QUARTERLY_DECLARATION: ['USAGE_REPORT', 'CHANGE'],
  HANDOVER: ['CHANGE', 'DELEGATION'],
  DELEGATION: ['CHANGE'],
  ABSENCE_REASON: ['CANCEL'],
  PASSWORD_RESET: ['CREATE_PERSON', 'CHANGE'],
};

const absorbs = (whole: Hit, part: Hit): boolean =>
  (LARGER[whole.kind]?.includes(part.kind) ?? false) && whole.from < part.to && part.from < whole.to;

/** Acts whose ground may be that somebody moves. A change of data stays beside a transfer: it may be one. */
const ACTS: readonly RequestKind[] = ['CANCEL', 'CREATE_PERSON', 'CREATE_UNIT', 'PASSWORD_RESET', 'REOPEN'];
/** What leads from an act to its ground, over at most this many letters. */
const LEADS = /^[^;]{0,60}\b(?:do|vi|cua|cho|doi voi|khi|da|moi|theo)\b[^;]*$/u;

/** "Hủy hộp thư của cán bộ chuyển công tác": one request, and why. "… và chuyển công tác" are two. */
function isGroundOf(act: Hit, hit: Hit, folded: string): boolean {
  if (hit.kind !== 'TRANSFER' || act.weight < 3 || !ACTS.includes(act.kind) || act.to > hit.from)
    return false;
  const between = folded.slice(act.to, hit.from);
  return LEADS.test(between) && !/\b(?:va|dong thoi|cung voi)\b/u.test(between);
}

/** Words without marks; ends of sentences and lines stay visible as ";" so that no wording reaches over them. */
function foldSentences(text: string): string {
  const lines = text
    .slice(0, LONGEST_TEXT)
    .split(/\r\n|[\r\n]/u)
    .filter((line) => !line.trimStart().startsWith('>'));
  return plain(lines.join('\n'))
    .replaceAll(/[.;:!?](?=\s|$)|\n/gu, ' ; ')
    .replaceAll(/[^a-z0-9; ]+/gu, ' ')
    .replaceAll(/ {2,}/gu, ' ');
}
