import { GridBuilder, ListBudget } from './grid-builder.ts';
import { ListError, type Cell, type Grid, type GridRow } from './port.ts';
import { fontsOf, RichTextBuilder } from './rich-text.ts';

/** An official document has a title block and a few lists. */
const MOST_TABLES = 200;
/** Wider spans are no layout of a list; rows below would all be covered. */
const WIDEST_SPAN = 256;
/** Lines of running text kept around a table: its title stands just above, its total and signatures just below. */
const TEXT_ABOVE = 40;
const TEXT_BELOW = 40;
/** Without any table the words themselves may hold a list ("1. Nguyễn Văn A – Chuyên viên"). */
const TEXT_ALONE = 2_000;

type Mark = 'revised' | 'concealed';

/** Where text goes: the running text of the document, or a cell. */
interface Flow {
  readonly rich: RichTextBuilder;
  readonly marks: Set<Mark>;
  /** A paragraph has ended; the next text stands on a new line. */
  broken: boolean;
  across: number;
  down: number;
  vertical: 'restart' | 'continue' | null;
  /** A table stands in the cell: it lays out the page and is no cell of a list; its words are running text. */
  layout: boolean;
}

interface Table {
  readonly builder: GridBuilder;
  readonly above: readonly GridRow[];
  line: number;
  column: number;
  rowRevised: boolean;
  rowDeleted: boolean;
  cell: Flow | null;
  /** By column: the last line that a cell above covers. */
  readonly covered: number[];
  /** Cells that later rows may continue, by their left column (WordprocessingML vMerge). */
  readonly running: Map<number, { top: number; right: number; bottom: number }>;
  revised: boolean;
}

const flow = (): Flow => ({
  rich: new RichTextBuilder(),
  marks: new Set(),
  broken: false,
  across: 1,
  down: 1,
  vertical: null,
  layout: false,
});

/**
 * Makes grids of a flowing document (docx, odt, HTML): every table is one, nested ones too; the running text above and
 * below a table are rows with line 0 in it. Calls follow the document: `openTable` … `openRow` … `openCell` … `text`.
 */
export class DocumentGrids {
  readonly #filename: string;
  readonly #budget = new ListBudget();
  readonly #grids: { source: string; rows: GridRow[]; grid: Grid; below: number }[] = [];
  readonly #tables: Table[] = [];
  #body = flow();
  #texts: GridRow[] = [];
  #alone: GridRow[] = [];
  #last: { rows: GridRow[]; below: number } | null = null;
  #count = 0;
  #revised = false;

  constructor(filename: string) {
    this.#filename = filename;
  }

  openTable(): void {
    if (++this.#count > MOST_TABLES) throw new ListError('too_large', `more than ${MOST_TABLES} tables`);
    const outer = this.#tables.at(-1)?.cell ?? null;
    if (outer === null) this.endParagraph();
    else {
      outer.layout = true;
      this.#keep(linesOf(outer));
    }
    this.#tables.push({
      builder: new GridBuilder(this.#budget),
      above: this.#texts,
      line: 0,
      column: 0,
      rowRevised: false,
      rowDeleted: false,
      cell: null,
      covered: [],
      running: new Map(),
      revised: false,
    });
  }

  closeTable(): void {
    const table = this.#tables.pop();
    if (table === undefined) return;
    for (const [left, { top, right, bottom }] of table.running) addMerge(table, top, left, bottom, right);
    const source = `${this.#filename} › bảng ${this.#grids.length + 1}`;
    const grid = table.builder.build(source, false);
    if (grid.rows.length === 0) return;
    const rows = [...table.above, ...grid.rows];
    const kept = { source, rows, grid: table.revised ? { ...grid, revised: true as const } : grid, below: 0 };
    this.#grids.push(kept);
    this.#last = kept;
    this.#texts = [];
  }

  openRow(): void {
    const table = this.#tables.at(-1);
    if (table === undefined) return;
    table.line++;
    table.column = 0;
    table.rowRevised = false;
    table.rowDeleted = false;
  }

  /** Columns that the row leaves empty at its start. */
  skipColumns(count: number): void {
    const table = this.#tables.at(-1);
    if (table !== undefined) table.column += bounded(count);
  }

  hideRow(): void {
    const table = this.#tables.at(-1);
    table?.builder.hideRow(table.line);
  }

  /** The row was added, or struck out and is left out, while changes were tracked. */
  reviseRow(how: 'added' | 'deleted'): void {
    const table = this.#tables.at(-1);
    if (table === undefined) return;
    table.rowRevised = true;
    table.rowDeleted ||= how === 'deleted';
    table.revised = true;
  }

  openCell(across = 1, down = 1): void {
    const table = this.#tables.at(-1);
    if (table === undefined) return;
    table.cell = { ...flow(), across: bounded(across), down: bounded(down) };
  }

  /** For formats that tell the spans inside the cell. */
  spanCell(across: number): void {
    const cell = this.#tables.at(-1)?.cell;
    if (cell !== undefined && cell !== null) cell.across = bounded(across);
  }

  mergeCell(vertical: 'restart' | 'continue'): void {
    const cell = this.#tables.at(-1)?.cell;
    if (cell !== undefined && cell !== null) cell.vertical = vertical;
  }

  closeCell(): void {
    const table = this.#tables.at(-1);
    if (table?.cell === undefined || table.cell === null) return;
    const cell = table.cell;
    table.cell = null;
    while ((table.covered[table.column] ?? -1) >= table.line) table.column++;
    const left = table.column;
    table.column += cell.across;
    if (table.rowDeleted) return;
    if (cell.layout) {
      this.#keep(linesOf(cell));
      return;
    }
    if (table.rowRevised) cell.marks.add('revised');
    this.#place(table, cell, left);
  }

  #place(table: Table, cell: Flow, left: number): void {
    const right = left + cell.across - 1;
    const running = table.running.get(left);
    if (cell.vertical === 'continue' && running !== undefined) {
      running.bottom = table.line;
      return;
    }
    if (running !== undefined) {
      addMerge(table, running.top, left, running.bottom, running.right);
      table.running.delete(left);
    }
    if (cell.vertical === 'restart') table.running.set(left, { top: table.line, right, bottom: table.line });
    else addMerge(table, table.line, left, table.line + cell.down - 1, right);
    if (cell.down > 1)
      for (let column = left; column <= right; column++) table.covered[column] = table.line + cell.down - 1;
    const content = cellOf(cell);
    if (content !== null) table.builder.put(table.line, left, content);
  }

  text(text: string, font?: string): void {
    const target = this.#flow;
    if (target.broken && text.trim() !== '') {
      if (!target.rich.isEmpty) target.rich.add('\n', font);
      target.broken = false;
    }
    target.rich.add(text, font);
  }

  endParagraph(): void {
    const target = this.#flow;
    target.broken = true;
    if (target === this.#body) this.#endText();
  }

  /** What is said of the text at this place: struck out or added, or hidden beside it. */
  mark(mark: Mark): void {
    this.#flow.marks.add(mark);
    const table = this.#tables.at(-1);
    if (mark === 'revised' && table !== undefined) table.revised = true;
  }

  /** Changes are tracked somewhere in the document. */
  markAll(): void {
    this.#revised = true;
  }

  finish(): Grid[] {
    while (this.#tables.length > 0) this.closeTable();
    this.endParagraph();
    if (this.#grids.length === 0) {
      const source = `${this.#filename} › nội dung`;
      return this.#alone.length === 0 ? [] : [{ source, hidden: false, rows: this.#alone, merges: [] }];
    }
    return this.#grids.map(({ grid, rows }) => ({
      ...grid,
      rows,
      ...(this.#revised ? { revised: true as const } : {}),
    }));
  }

  get #flow(): Flow {
    return this.#tables.findLast(({ cell }) => cell !== null)?.cell ?? this.#body;
  }

  #endText(): void {
    const rows = linesOf(this.#body);
    this.#body = flow();
    this.#keep(rows);
  }

  /** Running text belongs to the table before it and to the one after it: it may be a total or a title. */
  #keep(rows: readonly GridRow[]): void {
    for (const row of rows) {
      this.#budget.spend(row.cells[0]!);
      this.#texts = [...this.#texts.slice(1 - TEXT_ABOVE), row];
      if (this.#grids.length === 0 && this.#alone.length < TEXT_ALONE) this.#alone.push(row);
      if (this.#last !== null && this.#last.below < TEXT_BELOW) {
        this.#last.rows.push(row);
        this.#last.below++;
      }
    }
  }
}

const bounded = (count: number): number =>
  Number.isFinite(count) ? Math.min(Math.max(Math.trunc(count), 1), WIDEST_SPAN) : 1;

function addMerge(table: Table, top: number, left: number, bottom: number, right: number): void {
  if (bottom > top || right > left) table.builder.merge({ top, left, bottom, right });
}

function cellOf(cell: Flow): Cell | null {
  const rich = cell.rich.take();
  if (rich.text.trim() === '' && cell.marks.size === 0) return null;
  return {
    ...fontsOf(rich, undefined),
    ...(cell.marks.has('revised') ? { revised: true as const } : {}),
    ...(cell.marks.has('concealed') ? { concealed: true as const } : {}),
  };
}

/** Takes the text out, a row per line. */
const linesOf = ({ rich }: Flow): GridRow[] =>
  rich
    .take()
    .text.split('\n')
    .filter((line) => line.trim() !== '')
    .map((text) => ({ line: 0, hidden: false, cells: [{ text }] }));
