import { PasswordException, PDFParse } from 'pdf-parse';
import { GridBuilder, ListBudget } from './grid-builder.ts';
import { alignedRows, alignedTable } from './pdf-aligned.ts';
import { cellText, chunksOf, linesOf, type PdfLine } from './pdf-lines.ts';
import type { PdfText } from './pdf-glyphs.ts';
import { MOST_PAGES, readPages, SAFE, type PdfPage } from './pdf-pages.ts';
import { cellAt, ruledTables, type RuledCell, type RuledTable } from './pdf-ruled.ts';
import { ListError, type Grid, type GridRow, type ListFormat } from './port.ts';
import { fontsOf, type RichText } from './rich-text.ts';

/** Tables in a text PDF, rebuilt from ruling lines or, without them, from texts that stand below each other. */
export const pdfTable: ListFormat = {
  name: 'pdf-table',
  mediaTypes: ['application/pdf'],
  async read({ bytes, filename }) {
    const pages = await countPages(bytes);
    const grid = new PdfGrid(filename).read(await readPages(bytes));
    if (grid.rows.length === 0) throw new ListError('unsupported', 'a PDF without text that can be seen');
    if (pages > MOST_PAGES && grid.rows.some(({ line }) => line > 0))
      throw new ListError('too_large', `a list in a file of ${pages} pages`);
    return [grid];
  },
};

/** @throws ListError `unsupported` for a scan: there is no text to read */
async function countPages(bytes: Uint8Array): Promise<number> {
  const parser = new PDFParse({ data: new Uint8Array(bytes), ...SAFE });
  try {
    const { total, text } = await parser.getText({ first: MOST_PAGES, pageJoiner: '' });
    if (text.trim() === '') throw new ListError('unsupported', 'a PDF without text');
    return total;
  } catch (error) {
    if (error instanceof ListError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new ListError(error instanceof PasswordException ? 'encrypted' : 'malformed', message);
  } finally {
    await parser.destroy();
  }
}

/** Something on a page, from top to bottom. */
type Piece =
  | { readonly y: number; readonly table: RuledTable; readonly texts: ReadonlyMap<RuledCell, PdfText[]> }
  | { readonly y: number; readonly line: PdfLine };

/** All pages as one grid: a table goes on over the page's end. Running text stands in rows with line 0. */
class PdfGrid {
  readonly #filename: string;
  readonly #budget = new ListBudget();
  readonly #builder = new GridBuilder(this.#budget);
  /** What is not part of a table, by the line it stands before. */
  readonly #texts: { before: number; row: GridRow }[] = [];
  #line = 0;

  constructor(filename: string) {
    this.#filename = filename;
  }

  read(pages: readonly PdfPage[]): Grid {
    let loose: PdfLine[] = [];
    let above: RuledTable | null = null;
    let offset = 0;
    for (const page of pages) {
      for (const piece of piecesOf(page)) {
        if ('line' in piece) loose.push({ ...piece.line, y: piece.line.y + offset });
        else {
          if (above !== null && sameColumns(above, piece.table)) this.#addBetween(loose, above);
          else this.#addLoose(loose);
          loose = [];
          this.#addRuled(piece);
          above = piece.table;
        }
      }
      // Lines of different pages never look as if they stood close together.
      offset += page.height;
    }
    this.#addLoose(loose);
    return this.#build();
  }

  #addRuled({ table, texts }: Exclude<Piece, { line: PdfLine }>): void {
    const top = this.#line + 1;
    for (const [cell, inside] of texts) this.#put(top + cell.top, cell.left, cellText(inside));
    for (const cell of table.cells)
      if (cell.bottom > cell.top || cell.right > cell.left)
        this.#builder.merge({
          top: top + cell.top,
          left: cell.left,
          bottom: top + cell.bottom,
          right: cell.right,
        });
    this.#line += table.ys.length - 1;
  }

  /** Lines between two parts of one table are rows without borders: a group's heading, a title. */
  #addBetween(lines: readonly PdfLine[], table: RuledTable): void {
    for (const line of lines) {
      this.#line++;
      // "2." and "Danh sách …" stand over one column: both are its text.
      const columns = new Map<number, PdfText[]>();
      for (const { from, texts } of chunksOf(line)) {
        const edge = table.xs.findLastIndex((at) => at <= from);
        const column = Math.min(Math.max(edge, 0), table.xs.length - 2);
        columns.set(column, [...(columns.get(column) ?? []), ...texts]);
      }
      for (const [column, texts] of columns) this.#put(this.#line, column, cellText(texts));
    }
  }

  #addLoose(lines: readonly PdfLine[]): void {
    const table = alignedTable(lines);
    const [first, last] = table === null ? [lines.length, lines.length] : [table.first, table.last];
    for (const line of lines.slice(0, first)) this.#addText(line);
    if (table === null) return;
    for (const { columns } of alignedRows(lines.slice(first, last + 1), table.borders)) {
      this.#line++;
      columns.forEach((texts, column) => {
        if (texts.length > 0) this.#put(this.#line, column, cellText(texts));
      });
    }
    for (const line of lines.slice(last + 1)) this.#addText(line);
  }

  #put(line: number, column: number, text: RichText): void {
    if (text.text.trim() !== '') this.#builder.put(line, column, fontsOf(text, undefined));
  }

  #addText({ texts }: PdfLine): void {
    const cell = fontsOf(cellText(texts), undefined);
    this.#budget.spend(cell);
    this.#texts.push({ before: this.#line + 1, row: { line: 0, hidden: false, cells: [cell] } });
  }

  #build(): Grid {
    const grid = this.#builder.build(`${this.#filename} › bảng`, false);
    const rows: GridRow[] = [];
    let next = 0;
    for (const row of grid.rows) {
      while (next < this.#texts.length && this.#texts[next]!.before <= row.line)
        rows.push(this.#texts[next++]!.row);
      rows.push(row);
    }
    rows.push(...this.#texts.slice(next).map(({ row }) => row));
    return { ...grid, rows };
  }
}

/** Edges that differ by less than this are the same on the next page. */
const SAME_EDGE = 3;

const sameColumns = (a: RuledTable, b: RuledTable): boolean =>
  a.xs.length === b.xs.length && a.xs.every((edge, i) => Math.abs(edge - b.xs[i]!) <= SAME_EDGE);

function piecesOf(page: PdfPage): Piece[] {
  const tables = ruledTables(page.rulings).map((table) => ({
    y: table.top,
    table,
    texts: new Map<RuledCell, PdfText[]>(),
  }));
  const outside: PdfText[] = [];
  for (const text of page.words) {
    let inside = false;
    for (const { table, texts } of tables) {
      const cell = cellAt(table, text);
      if (cell === null) continue;
      const inCell = texts.get(cell);
      if (inCell === undefined) texts.set(cell, [text]);
      else inCell.push(text);
      inside = true;
      break;
    }
    if (!inside) outside.push(text);
  }
  const lines = linesOf(outside).filter((line) => !isPageNumber(line, page.height));
  return [...tables, ...lines.map((line) => ({ y: line.y, line }))].sort((a, b) => a.y - b.y);
}

/** "2", "- 2 -", "Trang 2/5" at the very top or bottom of a page. */
const isPageNumber = ({ y, texts }: PdfLine, height: number): boolean =>
  (y < height * 0.1 || y > height * 0.9) &&
  /^\W*(?:(?:trang|page)\s*)?\d{1,3}(?:\s*(?:\/|of|trên)\s*\d{1,3})?\W*$/iu.test(
    texts.map(({ text }) => text).join(''),
  );
