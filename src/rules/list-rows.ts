import { actionsOf, isBody, type Action } from './list-actions.ts';
import { mergeAt, type TextCell, type TextGrid, type TextRow } from './list-cells.ts';
import type { Column, Header } from './list-header.ts';
import type { ColumnPart } from './list-headings.ts';
import { foldKey, tidy } from './text/normalise.ts';

/** What a row below a heading is. */
export type RowMeaning =
  /** Empty, a spare line with only its number, column numbers, a remark. */
  | { readonly is: 'nothing' }
  /** "Tổng cộng: 12 người"; null where the sum is not in digits. */
  | { readonly is: 'total'; readonly said: number | null }
  /** Signatures, place and date: the table is over. */
  | { readonly is: 'end' }
  | { readonly is: 'title'; readonly text: string }
  /** "I. Văn phòng", "II. Hủy hộp thư" */
  | {
      readonly is: 'group';
      readonly text: string;
      readonly body: string | null;
      readonly action: Action | null;
    }
  | { readonly is: 'entry' };

const NOTHING: RowMeaning = { is: 'nothing' };

export function meaningOf(grid: TextGrid, row: TextRow, header: Header): RowMeaning {
  const filled = row.cells.filter((cell) => cell !== null);
  if (filled.length === 0 || isColumnNumbers(filled)) return NOTHING;
  const numbered = isNumbered(row, header);
  const whole = filled.map(({ text }) => text).join(' ');
  // Somebody who can be called is a row, whatever his name reads like; titles and totals call nobody.
  if (nameText(row, header) !== '' && filled.some(({ text }) => isContact(text))) return { is: 'entry' };
  if (!numbered) {
    const total = totalOf(whole, filled[0]!.text);
    if (total !== null) return total;
    if (isEnd(row, header, filled)) return { is: 'end' };
    if (filled.length <= 2 && isTitle(whole)) return { is: 'title', text: whole };
  }
  if (numbered && onlyNumber(row, header)) return NOTHING;
  return groupOf(grid, row, header) ?? (isRemark(filled, numbered) ? NOTHING : { is: 'entry' });
}

/** "(1) (2) (3)", "A B C 1 2": the line of column numbers below a heading. */
function isColumnNumbers(filled: readonly TextCell[]): boolean {
  const marks = filled.map(({ text }) => text.replaceAll(/[()[\]]/gu, ''));
  const numbers = marks.filter((mark) => /^\d{1,2}$/u.test(mark)).map(Number);
  const letters = marks.filter((mark) => /^[A-Z]$/iu.test(mark));
  const rising = numbers.every((number, i) => i === 0 || number === numbers[i - 1]! + 1);
  return marks.length > 2 && numbers.length + letters.length === marks.length && numbers.length > 0 && rising;
}

const isAt = (column: Column, part: ColumnPart): boolean =>
  !('tick' in column) && column.parts.includes(part);

/** The cells of one part, left to right, a merged cell where it begins. */
export const cellsOf = (row: TextRow, header: Header, part: ColumnPart): TextCell[] =>
  header.columns.flatMap((column) => {
    const cell = isAt(column, part) ? (row.cells[column.at] ?? null) : null;
    return cell === null ? [] : [cell];
  });

/** What stands in the columns of one part. */
export const textOf = (row: TextRow, header: Header, part: ColumnPart): string =>
  cellsOf(row, header, part)
    .map(({ text }) => text)
    .join(' ');

/** What stands where names stand. */
export const nameText = (row: TextRow, header: Header): string =>
  (['surname', 'fullName', 'given'] as const)
    .map((part) => textOf(row, header, part))
    .filter((text) => text !== '')
    .join(' ');

/** The clerk gave it a running number: "1", "01", "1.", "1)". */
export const isNumbered = (row: TextRow, header: Header): boolean =>
  /^\d{1,5}\s*[.)]?$/u.test(textOf(row, header, 'no'));

const onlyNumber = (row: TextRow, header: Header): boolean =>
  row.cells.every(
    (cell, at) => cell === null || header.columns.some((column) => column.at === at && isAt(column, 'no')),
  );

const TOTAL = /^[("“]?\s*(?:tổng(?: cộng| số)?|cộng)(?!\p{L})/iu;
/** Typed without marks; "TONG CONG DANH" is a person, so a number or nothing at all has to follow. */
const TOTAL_BARE = /^tong (?:cong|so)(?:$|\b.*\d)/u;
const TOTAL_SENTENCE =
  /^(?:an dinh )?danh sach (?:nay )?(?:de nghi |tren |gom |bao gom |co |gom co |tong cong )+(?:tat ca |la )?(\d{1,5})\b/u;

/** A total in words of a row. `first` is its first cell: marks and digits elsewhere say nothing of it. */
function totalOf(whole: string, first: string): RowMeaning | null {
  const key = foldKey(whole);
  const sentence = TOTAL_SENTENCE.exec(key)?.[1];
  if (sentence !== undefined) return { is: 'total', said: Number(sentence) };
  // The blank form's own "Danh sách đề nghị: ….. tài khoản." states nothing.
  if (/^danh sach de nghi (?:tai khoan|hop thu|nguoi)$/u.test(key)) return NOTHING;
  if (!TOTAL.test(whole) && !(isBare(first) && TOTAL_BARE.test(foldKey(first)))) return null;
  const said = /\b(\d{1,5})\b/u.exec(key)?.[1];
  return { is: 'total', said: said === undefined ? null : Number(said) };
}

const SIGNATURE =
  /^(?:nguoi (?:lap|tong hop|phu trach|duyet|kiem tra|thuc hien)|can bo (?:lap|phu trach|dau moi|tong hop)|noi nhan|xac nhan|ky ten|ky (?:va )?ghi ro|lap bieu|lap bang|(?:kt|tm|tl|tuq) )/u;
const SIGNING_OFFICE =
  /^(?:q |quyen )?(?:thu truong|giam doc|pho giam doc|chu tich|pho chu tich|chanh van phong|truong phong|hieu truong|bi thu|vien truong|cuc truong|chi cuc truong|chanh thanh tra|truong ban)/u;
const PLACE_AND_DATE = /ngày\s*[\d.…_]*\s*tháng\s*[\d.…_]*\s*năm/iu;

/** A position in capitals is a signature; "Giám đốc" beside a name is that person's position. */
const signs = ({ text }: TextCell): boolean =>
  SIGNATURE.test(`${foldKey(text)} `) ||
  (SIGNING_OFFICE.test(foldKey(text)) && text === text.toUpperCase()) ||
  PLACE_AND_DATE.test(text);

function isEnd(row: TextRow, header: Header, filled: readonly TextCell[]): boolean {
  if (!filled.some(signs) || filled.some(({ text }) => isContact(text))) return false;
  const name = nameText(row, header);
  return (
    name === '' || cellsOf(row, header, 'fullName').some(signs) || cellsOf(row, header, 'surname').some(signs)
  );
}

const TITLE =
  /^(?:[ivx\d]+[ .)]+|[a-d][ .)]+)?(?:danh sách|phụ lục|biểu(?: mẫu| số)?|bảng|mẫu số)(?!\p{L})/iu;
const TITLE_BARE = /^(?:[ivx\d]+ |[a-d] )?(?:danh sach|phu luc|bieu(?: mau| so)?|bang|mau so)\b/u;

/** Marks decide: "Bảng 2" is a title, Bàng Thị Mơ a person. */
const isTitle = (whole: string): boolean =>
  (TITLE.test(tidy(whole)) || (isBare(whole) && TITLE_BARE.test(foldKey(whole)))) && whole.length < 250;

/** Vietnamese typed without any mark. */
const isBare = (text: string): boolean => /^[\x20-\x7e]*$/u.test(text);

/** "Lê Thị Hoa", "LƯU Ý NHI": two to seven words of letters, each beginning with a capital. */
export const isNameLike = (text: string): boolean =>
  /^\p{Lu}[\p{L}’']*(?: \p{Lu}[\p{L}’']*){1,6}$/u.test(text);

/** What only a row of data holds: an address or a number to call, and nothing else in the cell. */
export const isContact = (text: string): boolean =>
  /^[^\s@]+@[^\s@]+$/u.test(text) || /^\+?\d[\d .()-]{7,14}$/u.test(text);

/** Sentences below a table ("Ghi chú: …", "Đề nghị quý Sở …"); 60 letters are more than any name has. */
function isRemark(filled: readonly TextCell[], numbered: boolean): boolean {
  const [only] = filled;
  if (numbered || filled.length !== 1 || only === undefined) return false;
  // "Lưu ý: …", but Lưu Ý Nhi is a person.
  if (isNameLike(only.text) && only.text.split(' ').length > 2 && /^luu y /u.test(foldKey(only.text)))
    return false;
  return (
    only.text.length > 60 ||
    /^(?:ghi chu|luu y|chu thich|kem theo|de nghi|vi vay|rat mong|tran trong)\b/u.test(foldKey(only.text))
  );
}

const NUMBERING = /^(?:(?:[IVX]{1,5}|[A-H]|\d{1,2})\s*[.)/\-:]|[IVX]{1,5}\s)\s*/u;

/** One text over the row: a room, a unit or what the rows below ask for. A person's name alone is an entry. */
function groupOf(grid: TextGrid, row: TextRow, header: Header): RowMeaning | null {
  const no = textOf(row, header, 'no');
  const others = row.cells.flatMap((cell, at) =>
    cell === null || header.columns.some((column) => column.at === at && isAt(column, 'no'))
      ? []
      : [{ cell, at }],
  );
  const lettered = no !== '' && !/^\d+$/u.test(no.replaceAll(/[.)\s]/gu, ''));
  if (others.length > 1 || (others.length === 0 && !lettered)) return null;
  const text = others[0]?.cell.text ?? no;
  const title = text.replace(NUMBERING, '').trim();
  const stretched = spansColumns(grid, row, others[0]?.at ?? 0);
  const sure = lettered || stretched || (title !== text && !isNumbered(row, header)) || isRoom(title, header);
  if (!sure || title === '') return null;
  // A person's name drawn over the row asks for something too.
  const [action] = actionsOf(title);
  if (!lettered && action === undefined && !isBody(title) && title === text && isNameLike(title)) return null;
  const body = title.replace(/\s*\(\s*\d+[^()]*\)$/u, '');
  return {
    is: 'group',
    text,
    body: isBody(title) ? body : null,
    action: isBody(title) ? null : (action ?? null),
  };
}

function spansColumns(grid: TextGrid, row: TextRow, at: number): boolean {
  const merge = mergeAt(grid, row.line, at);
  return merge !== undefined && merge.right - merge.left >= 2 && merge.top === merge.bottom;
}

/** "1. Phòng A" with nothing beside it in a list of persons, who have a position or the like. */
const isRoom = (title: string, header: Header): boolean => isBody(title) && header.columns.length >= 4;
