import { columnOf, headingKey } from './list-headings.ts';
import type { Doubt, ListEntry, MailboxList, Problem } from './mailbox-list.ts';
import type { ColumnKey, RequestKind } from './regulation.ts';
import { detectKinds, plain } from './request-kinds.ts';

/** A grid of cells as the list formats give it (lists/port.ts `Grid` is assignable to it). */
export interface ListGrid {
  readonly source: string;
  readonly hidden: boolean;
  readonly rows: readonly {
    readonly line: number;
    readonly hidden: boolean;
    readonly cells: readonly ({
      readonly text: string;
      readonly number?: number;
      readonly formula?: true;
    } | null)[];
  }[];
}

interface Layout {
  readonly columns: ReadonlyMap<number, ColumnKey>;
  readonly kind: RequestKind | null;
}

const clean = (text: string): string =>
  text
    .normalize('NFC')
    .replaceAll(/[\s\u00a0\u200b]+/g, ' ')
    .trim();

/** Understands every table of a letter. What cannot be understood is a named problem, never dropped. */
export function understandLists(grids: readonly ListGrid[]): MailboxList {
  const parts = grids.filter((grid) => grid.rows.length > 0).map(understandGrid);
  const entries = parts.flatMap((part) => part.entries);
  const problems = parts.flatMap((part) => part.problems);
  if (grids.length > 0 && entries.length === 0 && problems.length === 0) {
    problems.push({
      code: 'no_table',
      column: null,
      text: 'Không tìm thấy bảng danh sách trong tệp kèm theo',
      fix: 'Lập danh sách theo mẫu, có cột “Họ và tên”',
    });
  }
  return { entries, problems };
}

function understandGrid(grid: ListGrid): MailboxList {
  const entries: ListEntry[] = [];
  const problems: Problem[] = [];
  let layout: Layout | null = null;
  let title = '';
  let counted = 0;
  for (const row of grid.rows) {
    const texts = row.cells.map((cell) => clean(cell?.text ?? ''));
    const filled = texts.filter((text) => text !== '');
    if (filled.length === 0) continue;
    const heading = readHeading(texts, title);
    if (heading !== null) {
      layout = heading;
      title = '';
      continue;
    }
    const whole = filled.join(' ');
    const total = /(?:tong cong|danh sach nay co|danh sach de nghi)\D{0,20}(\d+)/.exec(plain(whole));
    if (total !== null) {
      if (Number(total[1]) !== entries.length - counted)
        problems.push(countMismatch(Number(total[1]), entries.length - counted));
      counted = entries.length;
      continue;
    }
    if (layout === null) {
      title += ` ${whole}`;
      continue;
    }
    if (isColumnNumbers(filled) || isSpare(texts, layout)) continue;
    if (endsTable(whole)) {
      layout = null;
      title = whole;
      continue;
    }
    if (isGroup(texts, layout)) continue;
    entries.push(readEntry(grid, row, texts, layout));
  }
  return { entries, problems };
}

/** What a cell or title asks for; in a list of mailboxes a bare "Hủy" means the mailbox. */
function kindIn(text: string): RequestKind | null {
  return detectKinds(text)[0] ?? (text === '' ? null : detectKinds(`${text} hộp thư`)[0]) ?? null;
}

/** A heading row names the person (or address) and at least one column more. */
function readHeading(texts: readonly string[], title: string): Layout | null {
  const columns = new Map<number, ColumnKey>();
  for (const [i, text] of texts.entries()) {
    const column = columnOf(text);
    if (column !== null && ![...columns.values()].includes(column)) columns.set(i, column);
  }
  const found = new Set(columns.values());
  const personal = found.has('fullName') || found.has('currentAddress');
  const known = texts.filter((text) => text !== '' && columnOf(text) !== null).length;
  const all = texts.filter((text) => text !== '').length;
  if (!personal || columns.size < 2 || known < all * 0.6 || texts.some((text) => text.includes('@')))
    return null;
  return { columns, kind: kindIn(title) };
}

const isColumnNumbers = (filled: readonly string[]): boolean =>
  filled.length > 1 && filled.every((text, i) => text.replaceAll(/[()]/g, '') === String(i + 1));

/** Only the running number was filled in. */
function isSpare(texts: readonly string[], layout: Layout): boolean {
  return texts.every((text, i) => text === '' || layout.columns.get(i) === 'no');
}

/**
 * "I. Văn phòng", "1. Phòng A", or a Roman number or letter as STT with the name of a division. A row that counts as
 * a person's (a plain number as STT beside a name) is never taken for a heading, however little it holds.
 */
function isGroup(texts: readonly string[], layout: Layout): boolean {
  const filled = texts.flatMap((text, i) => (text === '' ? [] : [{ text, column: layout.columns.get(i) }]));
  const number = filled.find(({ column }) => column === 'no')?.text ?? null;
  const rest = filled.filter(({ column }) => column !== 'no');
  if (rest.length > 1 || (number !== null && /^\d+\.?$/.test(number) && rest.length === 1)) return false;
  const title = rest[0]?.text ?? number ?? '';
  return (
    (number !== null && rest.length === 1) ||
    /^(?:[IVX]+|[A-H]|\d+)[.)/]\s?\S/.test(title) ||
    DIVISION.test(plain(title))
  );
}

const DIVISION = /^(?:phong|ban|van phong|trung tam|chi cuc|so|uy ban|ubnd|khoi|to)\b/;

const endsTable = (whole: string): boolean =>
  /^(nguoi lap|thu truong|noi nhan|giam doc|xac nhan cua|ky ten|tm\b|kt\b)/.test(plain(whole)) &&
  whole.length < 120;

function countMismatch(said: number, found: number): Problem {
  return {
    code: 'count_mismatch',
    column: null,
    text: `Danh sách ghi ${said} trường hợp nhưng bảng có ${found} dòng`,
    fix: 'Kiểm tra lại số lượng hoặc bổ sung các dòng còn thiếu',
  };
}

function readEntry(
  grid: ListGrid,
  row: ListGrid['rows'][number],
  texts: readonly string[],
  layout: Layout,
): ListEntry {
  const values: Partial<Record<ColumnKey, string>> = {};
  const doubts: Doubt[] = [];
  for (const [i, column] of layout.columns) {
    const text = texts[i] ?? '';
    if (text === '') continue;
    const cell = row.cells[i];
    if (column === 'phone') {
      const phone = text.replaceAll(/[\s.\-()]/g, '').replace(/^\+?84(?=\d{9}$)/, '0');
      // Excel keeps a phone typed as a number without its leading 0.
      values.phone = /^[1-9]\d{8}$/.test(phone) ? `0${phone}` : phone;
    } else values[column] = column.endsWith('Address') ? text.toLowerCase().replace(/^mailto:/, '') : text;
    if (cell?.formula === true && column !== 'no')
      doubts.push({
        code: 'formula',
        column,
        text: `Ô “${headingKey(column)}” là công thức`,
        fix: 'Ghi giá trị thay cho công thức',
      });
  }
  if (row.hidden || grid.hidden)
    doubts.push({
      code: 'hidden_row',
      column: null,
      text: 'Dòng bị ẩn trong tệp',
      fix: 'Bỏ ẩn dòng hoặc xóa dòng khỏi danh sách',
    });
  const asked = kindIn(values.action ?? '') ?? layout.kind;
  return { source: grid.source, line: row.line, no: values.no ?? null, values, kind: asked, doubts };
}
