import type { PdfText } from './pdf-pages.ts';
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

export function chunksOf({ texts, size }: PdfLine): Chunk[] {
  const chunks: { from: number; to: number; texts: PdfText[] }[] = [];
  for (const text of texts) {
    const last = chunks.at(-1);
    const end = text.x + text.width;
    if (last !== undefined && text.x - last.to <= COLUMN_GAP * size) {
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

/** Lines of a cell below each other. */
export function cellText(texts: readonly PdfText[]): RichText {
  const rich = new RichTextBuilder();
  linesOf(texts).forEach((line, i) => {
    if (i > 0) rich.add('\n', line.texts[0]?.font);
    joinTexts(line.texts, rich);
  });
  return rich.take();
}
