import type { GridBuilder } from './grid-builder.ts';
import { dateCell, numberCell } from './number-format.ts';
import { ListError, type Cell } from './port.ts';
import { fontsOf, type RichText } from './rich-text.ts';
import { StringItem, unescape } from './xlsx-strings.ts';
import type { CellStyle } from './xlsx-styles.ts';
import { isTrue, walkXml, type Attributes } from './xml.ts';

export interface SheetContext {
  readonly strings: readonly RichText[];
  readonly styles: readonly CellStyle[];
  readonly date1904: boolean;
}

/** Reads the cells, merges and hidden parts of a worksheet (ECMA-376 part 1 §18.3.1) as they stream by. */
export function readSheet(bytes: Uint8Array, context: SheetContext, builder: GridBuilder): void {
  const reader = new SheetReader(context, builder);
  walkXml(bytes, {
    open: (name, attributes) => {
      reader.open(name, attributes);
    },
    text: (text) => {
      reader.text(text);
    },
    close: (name) => {
      reader.close(name);
    },
  });
}

class SheetReader {
  readonly #context: SheetContext;
  readonly #builder: GridBuilder;
  readonly #inline = new StringItem();
  #line = 0;
  #column = -1;
  #rowsHidden = false;
  #type = 'n';
  #style: CellStyle | undefined;
  #value = '';
  #formula = false;
  #within: 'v' | 'is' | null = null;

  constructor(context: SheetContext, builder: GridBuilder) {
    this.#context = context;
    this.#builder = builder;
  }

  open(name: string, attributes: Attributes): void {
    switch (name) {
      case 'sheetFormatPr':
        this.#rowsHidden = isTrue(attributes['zeroHeight']);
        return;
      case 'col':
        if (isTrue(attributes['hidden']) || Number(attributes['width'] ?? 1) === 0)
          this.#builder.hideColumns(Number(attributes['min']) - 1, Number(attributes['max']) - 1);
        return;
      case 'row':
        this.#openRow(attributes);
        return;
      case 'c':
        this.#openCell(attributes);
        return;
      case 'f':
        this.#formula = true;
        return;
      case 'v':
      case 'is':
        this.#within = name;
        return;
      case 'mergeCell':
        this.#merge(attributes['ref'] ?? '');
        return;
      default:
        if (this.#within === 'is') this.#inline.open(name, attributes);
    }
  }

  text(text: string): void {
    if (this.#within === 'v') this.#value += text;
    else if (this.#within === 'is') this.#inline.text(text);
  }

  close(name: string): void {
    if (name === 'v' || name === 'is') this.#within = null;
    else if (this.#within === 'is') this.#inline.close(name);
    else if (name === 'c') this.#closeCell();
  }

  /** Programs may leave the references out; cells and rows then follow each other (§18.3.1.73). */
  #openRow(attributes: Attributes): void {
    const told = attributes['r'];
    this.#line = told === undefined ? this.#line + 1 : wholeNumber(told);
    this.#column = -1;
    const hidden = attributes['hidden'];
    const flat = attributes['ht'] !== undefined && Number(attributes['ht']) === 0;
    if (
      isTrue(hidden) ||
      flat ||
      (hidden === undefined && this.#rowsHidden && attributes['ht'] === undefined)
    )
      this.#builder.hideRow(this.#line);
  }

  #openCell(attributes: Attributes): void {
    const told = attributes['r'];
    this.#column = told === undefined ? this.#column + 1 : placeOf(told).column;
    this.#type = attributes['t'] ?? 'n';
    this.#style = this.#context.styles[Number(attributes['s'] ?? 0)];
    this.#value = '';
    this.#formula = false;
  }

  #closeCell(): void {
    const cell = this.#cell();
    if (cell === null || (cell.text === '' && !this.#formula)) return;
    this.#builder.put(this.#line, this.#column, this.#formula ? { ...cell, formula: true } : cell);
  }

  #cell(): Cell | null {
    const font = this.#style?.font;
    switch (this.#type) {
      case 's':
        return fontsOf(this.#shared(), font);
      case 'inlineStr':
        return fontsOf(this.#inline.take(), font);
      case 'b':
        return { text: this.#value === '1' ? 'TRUE' : 'FALSE' };
      case 'd':
        return isoDate(this.#value);
      case 'n':
        return this.#number();
      default:
        // "str" is what a formula yielded, "e" an error such as #REF!.
        return fontsOf({ text: unescape(this.#value) }, font);
    }
  }

  #shared(): RichText {
    const text = this.#context.strings[wholeNumber(this.#value.trim())];
    if (text === undefined) throw new ListError('malformed', `there is no shared text ${this.#value}`);
    return text;
  }

  #number(): Cell | null {
    if (this.#value.trim() === '') return this.#formula ? { text: '' } : null;
    const number = Number(this.#value);
    if (!Number.isFinite(number)) throw new ListError('malformed', 'a number that is none');
    return numberCell(number, this.#style?.format ?? 0, this.#context.date1904);
  }

  #merge(reference: string): void {
    const [first, last] = reference.split(':').map(placeOf);
    if (first === undefined || last === undefined) return;
    this.#builder.merge({ top: first.line, left: first.column, bottom: last.line, right: last.column });
  }
}

/** "AB12" → column 27, line 12. */
function placeOf(reference: string): { column: number; line: number } {
  const match = /^\$?([A-Z]{1,3})\$?(\d{1,7})$/u.exec(reference);
  if (match === null) throw new ListError('malformed', `${reference.slice(0, 40)} is no cell`);
  let column = 0;
  for (const letter of match[1]!) column = column * 26 + letter.charCodeAt(0) - 64;
  return { column: column - 1, line: Number(match[2]) };
}

function wholeNumber(text: string): number {
  if (!/^\d{1,7}$/u.test(text)) throw new ListError('malformed', `${text.slice(0, 40)} is no whole number`);
  return Number(text);
}

function isoDate(text: string): Cell {
  const match = /^(\d{4})-(\d{2})-(\d{2})/u.exec(text);
  return match === null ? { text } : dateCell(Number(match[1]), Number(match[2]), Number(match[3]));
}
