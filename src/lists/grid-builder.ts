import { ListError, type Cell, type Grid, type GridRow, type Merge } from './port.ts';

/** A province's largest list has some thousand rows. */
const MOST_ROWS = 20_000;
/** A list has some 20 columns; a cell with content beyond this is no list but an attack or a database. */
const MOST_COLUMNS = 256;
/** 20,000 rows of 25 columns. */
const MOST_CELLS = 500_000;
/** 20,000 rows of 400 letters. One long text that half a million cells share would be copied for each of them. */
const MOST_LETTERS = 8_000_000;
/** No text of a list comes near; Excel itself allows 32,767 letters. */
const LONGEST_TEXT = 32_767;
const MOST_MERGES = 20_000;
/** Rows of an Excel sheet. */
const MOST_HIDDEN = 1_048_576;

/** What one file may yield, over all its sheets and tables. */
export class ListBudget {
  #cells = MOST_CELLS;
  #letters = MOST_LETTERS;

  spend(cell: Cell): void {
    if (--this.#cells < 0) throw new ListError('too_large', `more than ${MOST_CELLS} cells`);
    const { text, runs = [] } = cell;
    this.#letters -= runs.reduce((sum, run) => sum + run.text.length, text.length);
    if (this.#letters < 0) throw new ListError('too_large', `more than ${MOST_LETTERS} letters`);
  }
}

/** Collects the filled cells of one table and refuses what grows beyond any list. Columns 0-based, lines 1-based. */
export class GridBuilder {
  readonly #rows = new Map<number, Map<number, Cell>>();
  readonly #hiddenLines = new Set<number>();
  readonly #merges: Merge[] = [];
  readonly #hiddenColumns = new Set<number>();
  readonly #budget: ListBudget;

  constructor(budget: ListBudget) {
    this.#budget = budget;
  }

  put(line: number, column: number, cell: Cell): void {
    if (column >= MOST_COLUMNS) throw new ListError('too_large', `content in column ${column + 1}`);
    if (cell.text.length > LONGEST_TEXT)
      throw new ListError('too_large', `a cell of more than ${LONGEST_TEXT} letters`);
    this.#budget.spend(cell);
    this.#row(line).set(column, cell);
  }

  /** Sheets hide empty rows down to their end: only rows with content count as rows. */
  hideRow(line: number): void {
    if (this.#hiddenLines.size < MOST_HIDDEN) this.#hiddenLines.add(line);
  }

  /** Inclusive range; what lies beyond any list is not kept. */
  hideColumns(from: number, to: number): void {
    for (let column = from; column <= Math.min(to, MOST_COLUMNS - 1); column++)
      this.#hiddenColumns.add(column);
  }

  merge(merge: Merge): void {
    if (this.#merges.length >= MOST_MERGES)
      throw new ListError('too_large', `more than ${MOST_MERGES} merges`);
    this.#merges.push({ ...merge, right: Math.min(merge.right, MOST_COLUMNS - 1) });
  }

  get lastLine(): number {
    let last = 0;
    for (const line of this.#rows.keys()) if (line > last) last = line;
    return last;
  }

  /** Rows without content are left out. */
  build(source: string, hidden: boolean): Grid {
    const rows: GridRow[] = [...this.#rows]
      .sort(([a], [b]) => a - b)
      .map(([line, cells]) => ({ line, hidden: this.#hiddenLines.has(line), cells: sparse(cells) }));
    const hiddenColumns = [...this.#hiddenColumns];
    return {
      source,
      hidden,
      rows,
      merges: this.#merges,
      ...(hiddenColumns.length > 0 ? { hiddenColumns } : {}),
    };
  }

  #row(line: number): Map<number, Cell> {
    const known = this.#rows.get(line);
    if (known !== undefined) return known;
    if (this.#rows.size >= MOST_ROWS) throw new ListError('too_large', `more than ${MOST_ROWS} rows`);
    const row = new Map<number, Cell>();
    this.#rows.set(line, row);
    return row;
  }
}

function sparse(cells: ReadonlyMap<number, Cell>): (Cell | null)[] {
  const width = Math.max(...cells.keys()) + 1;
  return Array.from({ length: width }, (_, column) => cells.get(column) ?? null);
}
