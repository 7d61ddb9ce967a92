import type { TextGrid, TextRow } from './list-cells.ts';
import { headerAt } from './list-header.ts';
import { headingOf, type ColumnPart } from './list-headings.ts';
import { foldKey } from './text/normalise.ts';

/**
 * Tables that count mailboxes unit by unit, as clerks put above or behind the list itself:
 *
 *     STT | Tên đơn vị   | Số lượng cấp mới | Thu hồi
 *     1   | Văn phòng Sở | 3                | 1
 *
 * Whoever takes them for a list makes mailboxes for units that asked for none.
 */

/** Columns that only a list of mailboxes has. */
const OF_LISTS: readonly ColumnPart[] = ['fullName', 'surname', 'given', 'position', 'phone', 'idNumber'];
/** Columns that name or remark and count nothing. */
const WORDS: readonly ColumnPart[] = ['no', 'unit', 'department', 'note'];

const COUNTED = /^(?:so luong|sl|tong(?: so)?|so (?:hop thu|tai khoan|nguoi|can bo|cong chuc|truong hop))\b/u;

/** How many rows of the grid the summary that begins in row `index` takes, its heading included; 0 where none does. */
export function summaryLength(grid: TextGrid, index: number): number {
  const top = grid.rows[index];
  if (top === undefined || top.line === 0) return 0;
  const headings = top.cells.map((cell) => cell?.text ?? '');
  const parts = headings.map((text) => (text === '' ? [] : headingOf(text).parts));
  const named = parts.findIndex(([part]) => part === 'unit' || part === 'department');
  if (named < 0 || parts.flat().some((part) => OF_LISTS.includes(part))) return 0;
  const words = new Set(
    parts.flatMap((found, at) => (found.some((part) => WORDS.includes(part)) ? [at] : [])),
  );
  const height = headerAt(grid, index)?.height ?? 1;
  let end = index + height;
  let most = 0;
  for (; end < grid.rows.length; end++) {
    const counts = countsOf(grid.rows[end]!, words);
    if (counts === null) break;
    most = Math.max(most, ...counts);
  }
  // A list of units may use 1 for a cross; counting says so, or counts more than one.
  const counting = headings.some((text) => COUNTED.test(foldKey(text)));
  return end > index + height && (counting || most > 1) ? end - index : 0;
}

/** The numbers of a row that holds nothing else beside its words; null for any other row. */
function countsOf({ line, cells }: TextRow, words: ReadonlySet<number>): number[] | null {
  const others = cells.flatMap((cell, at) => (cell === null || words.has(at) ? [] : [cell.text]));
  const counts = others.filter((text) => /^(?:0|[1-9]\d{0,4})$/u.test(text));
  const named = cells.some((cell) => cell !== null && /\p{L}/u.test(cell.text));
  return line > 0 && named && counts.length > 0 && counts.length === others.length
    ? counts.map(Number)
    : null;
}
