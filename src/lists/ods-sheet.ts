import { GridBuilder, type ListBudget } from './grid-builder.ts';
import { dateCell } from './number-format.ts';
import type { OdfStyles } from './odf-styles.ts';
import type { OdfSink } from './odf-text.ts';
import { ListError, type Cell, type Grid } from './port.ts';
import { fontsOf, RichTextBuilder } from './rich-text.ts';
import { attribute, type Attributes } from './xml.ts';

/** Workbooks of a unit have a handful of sheets. */
const MOST_SHEETS = 64;
/** Columns beyond these hold no list; the repeat count of the empty rest of a sheet goes into the thousands. */
const MOST_COLUMNS = 256;

/** Rows of a sheet in LibreOffice. */
const MOST_REPEATED = 1_048_576;

interface Sheet {
  readonly name: string;
  readonly hidden: boolean;
  readonly builder: GridBuilder;
  /** Default cell style by column. */
  readonly styles: (string | undefined)[];
  line: number;
  column: number;
}

interface Row {
  readonly repeated: number;
  readonly hidden: boolean;
  readonly style: string | undefined;
  readonly cells: { readonly column: number; readonly cell: Cell }[];
  readonly merges: { readonly left: number; readonly right: number; readonly down: number }[];
}

interface OpenCell {
  readonly attributes: Attributes;
  readonly rich: RichTextBuilder;
  broken: boolean;
  concealed: boolean;
}

/** Turns the sheets of an ODF spreadsheet into grids. Rows and cells may stand for many: "number-rows-repeated". */
export class OdsReader implements OdfSink {
  readonly grids: Grid[] = [];
  readonly #filename: string;
  readonly #styles: OdfStyles;
  readonly #budget: ListBudget;
  #sheet: Sheet | null = null;
  #row: Row | null = null;
  #cell: OpenCell | null = null;
  #revised = false;

  constructor(filename: string, styles: OdfStyles, budget: ListBudget) {
    this.#filename = filename;
    this.#styles = styles;
    this.#budget = budget;
  }

  open(name: string, attributes: Attributes): void {
    if (name === 'table' && this.#sheet === null) this.#openSheet(attributes);
    else if (name === 'table-column') this.#column(attributes);
    else if (name === 'table-row')
      this.#row = {
        repeated: repeats(attributes, 'number-rows-repeated'),
        hidden: isHidden(attributes),
        style: attribute(attributes, 'default-cell-style-name'),
        cells: [],
        merges: [],
      };
    else if (name === 'table-cell')
      this.#cell = { attributes, rich: new RichTextBuilder(), broken: false, concealed: false };
    else if (name === 'covered-table-cell' && this.#sheet !== null)
      this.#sheet.column += repeats(attributes, 'number-columns-repeated');
  }

  close(name: string): void {
    if (name === 'table') this.#closeSheet();
    else if (name === 'table-row') this.#closeRow();
    else if (name === 'table-cell') this.#closeCell();
  }

  write(text: string, font: string | undefined): void {
    const cell = this.#cell;
    if (cell === null) return;
    if (cell.broken && !cell.rich.isEmpty) cell.rich.add('\n', font);
    cell.broken = false;
    cell.rich.add(text, font);
  }

  endParagraph(): void {
    if (this.#cell !== null) this.#cell.broken = true;
  }

  concealed(): void {
    if (this.#cell !== null) this.#cell.concealed = true;
  }

  tracked(): void {
    this.#revised = true;
  }

  #openSheet(attributes: Attributes): void {
    if (this.grids.length >= MOST_SHEETS) throw new ListError('too_large', `more than ${MOST_SHEETS} sheets`);
    this.#sheet = {
      name: attribute(attributes, 'name') ?? '',
      hidden: this.#styles.look('table', attribute(attributes, 'style-name')).hidden ?? false,
      builder: new GridBuilder(this.#budget),
      styles: [],
      line: 0,
      column: 0,
    };
  }

  #closeSheet(): void {
    if (this.#sheet === null) return;
    const { builder, name, hidden } = this.#sheet;
    const grid = builder.build(`${this.#filename} › ${name}`, hidden);
    this.grids.push(this.#revised ? { ...grid, revised: true } : grid);
    this.#sheet = null;
  }

  #column(attributes: Attributes): void {
    if (this.#sheet === null) return;
    const { styles, builder } = this.#sheet;
    const from = styles.length;
    const to = Math.min(from + repeats(attributes, 'number-columns-repeated'), MOST_COLUMNS);
    for (let at = from; at < to; at++) styles.push(attribute(attributes, 'default-cell-style-name'));
    if (isHidden(attributes)) builder.hideColumns(from, to - 1);
  }

  #closeRow(): void {
    const [sheet, row] = [this.#sheet, this.#row];
    this.#row = null;
    if (sheet === null || row === null) return;
    sheet.column = 0;
    const first = sheet.line + 1;
    sheet.line += row.repeated;
    if (row.cells.length === 0) return;
    // A filled row that stands for millions is refused by the builder after as many rows as a list may have.
    for (let line = first; line <= sheet.line; line++) {
      for (const { column, cell } of row.cells) sheet.builder.put(line, column, cell);
      if (row.hidden) sheet.builder.hideRow(line);
    }
    for (const { left, right, down } of row.merges)
      sheet.builder.merge({ top: first, left, bottom: first + down - 1, right });
  }

  #closeCell(): void {
    const [sheet, row, open] = [this.#sheet, this.#row, this.#cell];
    this.#cell = null;
    if (sheet === null || row === null || open === null) return;
    const { attributes } = open;
    const times = repeats(attributes, 'number-columns-repeated');
    const left = sheet.column;
    sheet.column += times;
    const cell = this.#content(open, sheet.styles[left], row.style);
    if (cell === null) return;
    for (let column = left; column < sheet.column; column++) {
      if (row.cells.length > MOST_COLUMNS)
        throw new ListError('too_large', `a row of more than ${MOST_COLUMNS} cells`);
      row.cells.push({ column, cell });
    }
    const across = repeats(attributes, 'number-columns-spanned');
    const down = repeats(attributes, 'number-rows-spanned');
    if (across > 1 || down > 1) row.merges.push({ left, right: left + across - 1, down });
  }

  #content(open: OpenCell, columnStyle: string | undefined, rowStyle: string | undefined): Cell | null {
    const { attributes, rich, concealed } = open;
    const formula = attribute(attributes, 'formula') !== undefined;
    const value = valueOf(attributes);
    const style = attribute(attributes, 'style-name') ?? rowStyle ?? columnStyle;
    const shown = fontsOf(rich.take(), this.#styles.look('table-cell', style).font);
    // Programs may leave out the text and store only the value.
    const text = shown.text === '' ? value.text : shown.text;
    if (text === '' && !formula && !concealed) return null;
    return {
      ...shown,
      ...value,
      text: value.date === undefined ? text : value.text,
      ...(formula ? { formula: true as const } : {}),
      ...(concealed ? { concealed: true as const } : {}),
    };
  }
}

/** Numbers and dates as they are stored; the text stays as it is shown, dates day first. */
function valueOf(attributes: Attributes): Partial<Cell> & { readonly text: string } {
  const type = attribute(attributes, 'value-type');
  const date = /^(\d{4})-(\d{2})-(\d{2})/u.exec(attribute(attributes, 'date-value') ?? '');
  if (type === 'date' && date !== null) return dateCell(Number(date[1]), Number(date[2]), Number(date[3]));
  const value = attribute(attributes, 'value');
  const number = Number(value);
  if (type === 'float' && value !== undefined && Number.isFinite(number))
    return { text: String(number), number };
  return { text: attribute(attributes, 'string-value') ?? value ?? '' };
}

function repeats(attributes: Attributes, name: string): number {
  const count = Number(attribute(attributes, name) ?? 1);
  // Beyond 2^53 counting on would stand still.
  return Number.isInteger(count) && count > 0 ? Math.min(count, MOST_REPEATED) : 1;
}

const isHidden = (attributes: Attributes): boolean =>
  ['collapse', 'filter'].includes(attribute(attributes, 'visibility') ?? '');
