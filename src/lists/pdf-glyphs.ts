import { OPS, Util } from 'pdfjs-dist/legacy/build/pdf.mjs';

/**
 * A sign or a word; y counts downwards from the top of the page to the base line, in points (1/72 inch).
 *
 * Signs are placed one by one from the drawing operators: text items of pdf.js put a letter that had to be taken from
 * another font behind the word it belongs to ("Lê Th Hoaị").
 */
export interface PdfText {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly size: number;
  readonly font?: string | undefined;
}

export type Matrix = readonly number[];

/** What is known of a font: its name, and the share of the size that one unit of a glyph's width is. */
export interface FontFact {
  readonly name?: string | undefined;
  readonly unit: number;
}

interface Glyph {
  readonly unicode: string;
  readonly width: number;
  readonly isSpace: boolean;
}

/** ISO 32000-1 §9.3.6: neither filled nor stroked. The words below a scan are a machine's guess, nobody signed them. */
const INVISIBLE = [3, 7];

/** Follows the text state (ISO 32000-1 §9.3–9.4) and tells where each visible sign stands. */
export class GlyphReader {
  readonly glyphs: PdfText[] = [];
  readonly #fontOf: (id: string) => FontFact;
  readonly #saved: TextState[] = [];
  #state = INITIAL;
  #matrix: Matrix = IDENTITY;
  #line: Matrix = IDENTITY;

  constructor(fontOf: (id: string) => FontFact) {
    this.#fontOf = fontOf;
  }

  /** `page` takes points of the content to points of the page. */
  follow(operator: number, args: readonly unknown[], page: Matrix): void {
    const number = (i: number): number => Number(args[i] ?? 0);
    switch (operator) {
      case OPS.save:
        this.#saved.push(this.#state);
        return;
      case OPS.restore:
        this.#state = this.#saved.pop() ?? INITIAL;
        return;
      case OPS.beginText:
        this.#matrix = this.#line = IDENTITY;
        return;
      case OPS.setFont:
        this.#state = { ...this.#state, font: this.#fontOf(String(args[0])), size: number(1) };
        return;
      case OPS.setCharSpacing:
        this.#state = { ...this.#state, letters: number(0) };
        return;
      case OPS.setWordSpacing:
        this.#state = { ...this.#state, words: number(0) };
        return;
      case OPS.setHScale:
        this.#state = { ...this.#state, stretch: number(0) / 100 };
        return;
      case OPS.setLeading:
        this.#state = { ...this.#state, leading: number(0) };
        return;
      case OPS.setTextRise:
        this.#state = { ...this.#state, rise: number(0) };
        return;
      case OPS.setTextRenderingMode:
        this.#state = { ...this.#state, mode: number(0) };
        return;
      case OPS.setTextMatrix:
        this.#matrix = this.#line = numbersOf(args);
        return;
      case OPS.moveText:
        this.#move(number(0), number(1));
        return;
      case OPS.setLeadingMoveText:
        this.#state = { ...this.#state, leading: -number(1) };
        this.#move(number(0), number(1));
        return;
      case OPS.nextLine:
        this.#move(0, -this.#state.leading);
        return;
      case OPS.showText:
        this.#show(args[0] as readonly (Glyph | number | null)[], page);
    }
  }

  #move(x: number, y: number): void {
    this.#matrix = this.#line = product(this.#line, [1, 0, 0, 1, x, y]);
  }

  #show(shown: readonly (Glyph | number | null)[], page: Matrix): void {
    const { font, size, letters, words, stretch, rise, mode } = this.#state;
    for (const glyph of shown) {
      let advance: number;
      if (glyph === null) advance = 0;
      else if (typeof glyph === 'number') advance = (-glyph * size) / 1000;
      else {
        const width = glyph.width * font.unit * size;
        if (!INVISIBLE.includes(mode)) this.#place(glyph.unicode, width * stretch, rise, page);
        advance = width + letters + (glyph.isSpace ? words : 0);
      }
      this.#matrix = product(this.#matrix, [1, 0, 0, 1, advance * stretch, 0]);
    }
  }

  #place(text: string, width: number, rise: number, page: Matrix): void {
    const [a, b, c, d, x, y] = product(page, product(this.#matrix, [1, 0, 0, 1, 0, rise]));
    // Text that does not run from left to right is a stamp or a water mark.
    if (a! <= 0 || Math.abs(b!) > a! / 10) return;
    const scale = Math.hypot(a!, b!);
    const { font, size } = this.#state;
    this.glyphs.push({
      text,
      x: x!,
      y: y!,
      width: width * scale,
      size: Math.abs(size) * Math.hypot(c!, d!),
      font: font.name,
    });
  }
}

interface TextState {
  readonly font: FontFact;
  readonly size: number;
  readonly letters: number;
  readonly words: number;
  readonly stretch: number;
  readonly leading: number;
  readonly rise: number;
  readonly mode: number;
}

const IDENTITY: Matrix = [1, 0, 0, 1, 0, 0];
const INITIAL: TextState = {
  font: { unit: 0.001 },
  size: 0,
  letters: 0,
  words: 0,
  stretch: 1,
  leading: 0,
  rise: 0,
  mode: 0,
};

/** Operands stand one by one or in one array, by operator and version of pdf.js. */
export const numbersOf = (args: readonly unknown[]): number[] =>
  Array.from(typeof args[0] === 'number' ? (args as readonly number[]) : (args[0] as ArrayLike<number>));

export const product = (a: Matrix, b: Matrix): Matrix => Util.transform([...a], [...b]) as number[];
