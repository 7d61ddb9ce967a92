import type { TextGrid, TextRow } from './list-cells.ts';
import { headerAt, type Column, type Header } from './list-header.ts';

/**
 * Two or three tables beside each other, as clerks make them to save paper:
 *
 *     STT | Họ và tên | Chức vụ |  | STT | Họ và tên | Chức vụ
 *
 * Each becomes a grid of its own: what stands above the headings stays over each of them, what stands below the last
 * row (totals, signatures) belongs to the columns it is written in. A sheet without such a heading is returned as it is.
 */
export function sideBySide(grid: TextGrid): TextGrid[] {
  for (let index = 0; index < grid.rows.length; index++) {
    const header = headerAt(grid, index);
    if (header === null) continue;
    const starts = startsOf(header);
    return starts.length < 2 ? [grid] : starts.map((start, i) => cut(grid, index, start, starts[i + 1]));
  }
  return [grid];
}

/** Where the headings begin anew: the same columns in the same order, twice or more; one place otherwise. */
function startsOf({ columns }: Header): number[] {
  const keys = columns.map(keyOf);
  const [first] = columns;
  if (first === undefined) return [];
  for (let length = 2; length <= keys.length / 2; length++) {
    if (keys.length % length !== 0) continue;
    if (keys.every((key, at) => key === keys[at % length] && key !== ''))
      return columns.filter((_, at) => at % length === 0).map(({ at }) => at);
  }
  return [first.at];
}

const keyOf = (column: Column): string => ('tick' in column ? column.tick : column.parts.join('+'));

/** The grid with nothing but columns `from` to `to` from row `index` on; the first part keeps what is left of it. */
function cut(grid: TextGrid, index: number, from: number, to = Number.POSITIVE_INFINITY): TextGrid {
  const rows = grid.rows.map((row, i) => (i < index ? row : within(row, from, to)));
  return { ...grid, rows, byLine: new Map(rows.map((row) => [row.line, row])) };
}

const within = (row: TextRow, from: number, to: number): TextRow => ({
  ...row,
  cells: row.cells.map((cell, at) => (at >= from && at < to ? cell : null)),
});
