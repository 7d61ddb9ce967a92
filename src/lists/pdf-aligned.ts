import { chunksOf, type Chunk, type PdfLine } from './pdf-lines.ts';
import type { PdfText } from './pdf-glyphs.ts';

/** A row of a table without ruling lines: the texts of each column. */
export interface AlignedRow {
  readonly columns: readonly (readonly PdfText[])[];
  readonly y: number;
}

/** A row has a number, a name and something else. */
const LEAST_CHUNKS = 3;
/** Fewer rows than this may stand below each other by chance (a title block, two signatures). */
const LEAST_ROWS = 2;
/** A gap stays one though a long text reaches into it in one line out of twenty. */
const OVERLAP = 0.05;
/** Lines nearer to the one above than this share of the usual row height continue its cells. */
const CONTINUES = 0.85;

/** A run of lines of one table, by index; lines between them belong to it too. */
export interface AlignedTable {
  readonly first: number;
  readonly last: number;
  /** Where columns end: middles of the gaps. */
  readonly borders: readonly number[];
}

/** Finds the table among lines whose texts stand below each other, null when there is none. */
export function alignedTable(lines: readonly PdfLine[]): AlignedTable | null {
  const rows = lines.map(chunksOf);
  const wide = rows.flatMap((chunks, i) => (chunks.length >= LEAST_CHUNKS ? [i] : []));
  const [first] = wide;
  if (first === undefined || wide.length < LEAST_ROWS) return null;
  const borders = bordersOf(wide.map((i) => rows[i]!));
  return borders.length + 1 >= LEAST_CHUNKS ? { first, last: wide.at(-1)!, borders } : null;
}

/** Middles of the strips that (nearly) no row covers. */
function bordersOf(rows: readonly (readonly Chunk[])[]): number[] {
  const ends = rows
    .flat()
    .flatMap(({ from, to }) => [
      { at: from, step: 1 },
      { at: to, step: -1 },
    ])
    .sort((a, b) => a.at - b.at || b.step - a.step);
  const most = Math.floor(rows.length * OVERLAP);
  const borders: number[] = [];
  let covering = 0;
  let gap: number | null = null;
  for (const { at, step } of ends) {
    covering += step;
    if (step < 0 && covering === most) gap = at;
    else if (step > 0 && covering === most + 1 && gap !== null) {
      if (at > gap) borders.push((gap + at) / 2);
      gap = null;
    }
  }
  return borders;
}

/** The lines of a table as rows; a line close below another is the rest of its cells. */
export function alignedRows(lines: readonly PdfLine[], borders: readonly number[]): AlignedRow[] {
  const rows: { columns: PdfText[][]; y: number; last: number }[] = [];
  const usual = median(
    lines
      .slice(1)
      .map((line, i) => line.y - lines[i]!.y)
      .filter((step) => step > 0),
  );
  for (const line of lines) {
    const columns: PdfText[][] = Array.from({ length: borders.length + 1 }, () => []);
    for (const chunk of chunksOf(line)) {
      const middle = (chunk.from + chunk.to) / 2;
      const column = borders.findIndex((border) => middle < border);
      columns[column < 0 ? borders.length : column]!.push(...chunk.texts);
    }
    const above = rows.at(-1);
    const continues =
      above !== undefined &&
      columns[0]!.length === 0 &&
      line.y > above.last &&
      line.y - above.last < CONTINUES * usual;
    if (continues) {
      columns.forEach((texts, i) => above.columns[i]!.push(...texts));
      above.last = line.y;
    } else rows.push({ columns, y: line.y, last: line.y });
  }
  return rows;
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
