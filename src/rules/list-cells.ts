import type { ListCell, ListGrid, ListMerge } from './list-grid.ts';
import type { LegacyEncoding, LegacyReading } from './text/legacy.ts';
import { LEGACY_ENCODINGS, readingByFont, readingLike, readingsBySyllables } from './text/legacy.ts';
import { tidy } from './text/normalise.ts';

/** A cell ready to be understood. */
export interface TextCell {
  /** As the clerk wrote it: tidy, NFC; where a legacy encoding is suspected, the raw text. */
  readonly written: string;
  /** What headings and key words are looked for in: the legacy reading where there is one. */
  readonly text: string;
  readonly legacy: readonly LegacyReading[];
  readonly source: ListCell;
}

export interface TextRow {
  readonly line: number;
  readonly hidden: boolean;
  readonly cells: readonly (TextCell | null)[];
}

export interface TextGrid {
  readonly source: string;
  readonly hidden: boolean;
  readonly revised: boolean;
  readonly hiddenColumns: readonly number[];
  readonly rows: readonly TextRow[];
  readonly byLine: ReadonlyMap<number, TextRow>;
  readonly mergesOn: ReadonlyMap<number, readonly ListMerge[]>;
}

/** Only dots, dashes and the like: the blanks of a printed form. */
const BLANK = /^[\s.…_\-–—/:;,*]*$/u;

/** Texts of a grid, legacy encodings read cell by cell and then in the light of the whole table. */
export function textGrid(grid: ListGrid): TextGrid {
  const read = grid.rows.map(({ line, hidden, cells }) => ({ line, hidden, cells: cells.map(textCell) }));
  const encoding = provenEncoding(read);
  const rows =
    encoding === null ? read : read.map((row) => ({ ...row, cells: row.cells.map(likeOthers(encoding)) }));
  return {
    source: grid.source,
    hidden: grid.hidden,
    revised: grid.revised ?? false,
    hiddenColumns: grid.hiddenColumns ?? [],
    rows,
    byLine: new Map(rows.map((row) => [row.line, row])),
    mergesOn: mergesByLine(grid.merges ?? [], rows.at(-1)?.line ?? 0),
  };
}

/** Lines all merges of a sheet may cover together: ten columns merged through all of a 20,000-row list. */
const MOST_MERGED_LINES = 200_000;

function mergesByLine(merges: readonly ListMerge[], last: number): Map<number, ListMerge[]> {
  const byLine = new Map<number, ListMerge[]>();
  let left = MOST_MERGED_LINES;
  for (const merge of merges) {
    for (let line = merge.top; line <= Math.min(merge.bottom, last) && left > 0; line++, left--) {
      const others = byLine.get(line);
      if (others === undefined) byLine.set(line, [merge]);
      else others.push(merge);
    }
  }
  return byLine;
}

export function textCell(cell: ListCell | null): TextCell | null {
  if (cell === null || BLANK.test(cell.text)) return null;
  const legacy = readings(cell);
  const [reading] = legacy;
  if (reading === undefined) {
    const text = tidy(unescaped(cell.text));
    return text === '' ? null : { written: text, text, legacy, source: cell };
  }
  // The soft hyphen is a letter there: nothing invisible may be dropped from what was written.
  const written = cell.text.replaceAll(/[ \t\r\n\u00a0]+/gu, ' ').trim();
  return { written, text: tidy(reading.text), legacy, source: cell };
}

function readings(cell: ListCell): LegacyReading[] {
  const runs = cell.runs ?? [
    cell.font === undefined ? { text: cell.text } : { text: cell.text, font: cell.font },
  ];
  const byFont = readingByFont(runs);
  return byFont === null ? readingsBySyllables(cell.text) : [byFont];
}

/** "'=…": the apostrophe our own lists put before what a spreadsheet would compute. */
const unescaped = (text: string): string => text.replace(/^'(?=[=+\-@])/u, '');

/** The one encoding that cells of this table were proved to use; null when none or several. */
function provenEncoding(rows: readonly TextRow[]): LegacyEncoding | null {
  const sure = rows.flatMap(({ cells }) =>
    cells.flatMap((cell) => (cell?.legacy.length === 1 ? cell.legacy.map(({ encoding }) => encoding) : [])),
  );
  const used = LEGACY_ENCODINGS.filter((encoding) => sure.includes(encoding));
  return used.length === 1 ? used[0]! : null;
}

const likeOthers =
  (encoding: LegacyEncoding) =>
  (cell: TextCell | null): TextCell | null => {
    if (cell === null || cell.legacy.length === 1) return cell;
    const named = cell.legacy.find((reading) => reading.encoding === encoding);
    const reading = named ?? readingLike(cell.source.text, encoding);
    return reading === null ? cell : { ...cell, text: tidy(reading.text), legacy: [reading] };
  };

/** The merge a cell lies in, if any. */
export const mergeAt = (grid: TextGrid, line: number, column: number): ListMerge | undefined =>
  grid.mergesOn.get(line)?.find((merge) => column >= merge.left && column <= merge.right);
