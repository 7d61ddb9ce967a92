import type { PdfText } from './pdf-glyphs.ts';
import { RichTextBuilder, type RichText } from './rich-text.ts';

/** Texts on one base line, left to right. */
export interface PdfLine {
  readonly y: number;
  readonly size: number;
  readonly texts: readonly PdfText[];
}

/** Texts that stand together, with room around them. */
export interface Chunk {
  readonly from: number;
  readonly to: number;
  readonly texts: readonly PdfText[];
}

/** Base lines that differ by less than this share of the letter size are one; raised dates and ordinals stay in it. */
const SAME_LINE = 0.45;
/** A gap wider than this share of the letter size is a space. */
const SPACE = 0.15;
/** A gap wider than this share of the letter size divides columns. */
const COLUMN_GAP = 0.9;

export function linesOf(texts: readonly PdfText[]): PdfLine[] {
  const lines: { y: number; size: number; texts: PdfText[] }[] = [];
  for (const text of texts.toSorted((a, b) => a.y - b.y || a.x - b.x)) {
    const last = lines.at(-1);
    if (last !== undefined && text.y - last.y <= SAME_LINE * Math.max(text.size, last.size)) {
      last.texts.push(text);
      last.size = Math.max(last.size, text.size);
    } else lines.push({ y: text.y, size: text.size, texts: [text] });
  }
  return lines.map((line) => ({ ...line, texts: line.texts.toSorted((a, b) => a.x - b.x) }));
}

const MARK = /^\p{M}+$/u;

/** Signs without a space between them. Combining marks belong to the sign before them, wherever they stand. */
export function wordsOf(glyphs: readonly PdfText[]): PdfText[] {
  const whole: PdfText[] = [];
  for (const glyph of glyphs) {
    const last = whole.at(-1);
    if (last !== undefined && MARK.test(glyph.text))
      whole[whole.length - 1] = { ...last, text: last.text + glyph.text };
    else if (glyph.text.trim() !== '') whole.push(glyph);
  }
  return linesOf(whole).flatMap(({ texts }) => {
    const words: PdfText[] = [];
    for (const glyph of texts) {
      const last = words.at(-1);
      if (last !== undefined && glyph.x - (last.x + last.width) <= SPACE * last.size)
        words[words.length - 1] = {
          ...last,
          text: last.text + glyph.text,
          width: Math.max(last.width, glyph.x + glyph.width - last.x),
        };
      else words.push(glyph);
    }
    return words;
  });
}

/** A running number set to the right of its column may stand as close to the name as words stand to each other. */
const NUMBER = /^\d{1,4}[.)]?$/u;

export function chunksOf({ texts, size }: PdfLine): Chunk[] {
  const chunks: { from: number; to: number; texts: PdfText[] }[] = [];
  for (const text of texts) {
    const last = chunks.at(-1);
    const end = text.x + text.width;
    const numbered = chunks.length === 1 && last?.texts.length === 1 && NUMBER.test(last.texts[0]!.text);
    if (last !== undefined && !numbered && text.x - last.to <= COLUMN_GAP * size) {
      last.texts.push(text);
      last.to = Math.max(last.to, end);
    } else chunks.push({ from: text.x, to: end, texts: [text] });
  }
  return chunks;
}

/** The words of texts on one line, spaces where there is room for them. */
export function joinTexts(texts: readonly PdfText[], into: RichTextBuilder): void {
  let end: number | null = null;
  for (const { text, x, width, size, font } of texts) {
    if (end !== null && x - end > SPACE * size) into.add(' ', font);
    into.add(text, font);
    end = x + width;
  }
}

/** Lines of a cell below each other. What was cut to fit the column is joined again: "QĐ-|UBND", "an@x.|gov.vn". */
export function cellText(texts: readonly PdfText[]): RichText {
  const rich = new RichTextBuilder();
  let above = '';
  for (const { texts: words } of linesOf(texts)) {
    const first = words[0]!.text;
    if (above !== '' && !wasCut(above, first)) rich.add('\n', words[0]!.font);
    joinTexts(words, rich);
    above = words.at(-1)!.text;
  }
  return rich.take();
}

/** A dash that stands alone joins nothing: "Trung tâm Dịch vụ -|Việc làm". */
const wasCut = (above: string, below: string): boolean =>
  /.[-/@._]$/u.test(above) || /^[@._]/u.test(below) || (above.includes('@') && /^[a-z0-9.-]+$/u.test(below));
