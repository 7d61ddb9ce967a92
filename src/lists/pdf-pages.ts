import { getDocument, OPS, type PDFPageProxy } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { GlyphReader, numbersOf, product, type FontFact, type Matrix, type PdfText } from './pdf-glyphs.ts';
import { wordsOf } from './pdf-lines.ts';
import { rulingsOf, type Ruling } from './pdf-rulings.ts';
import { ListError } from './port.ts';

export interface PdfPage {
  readonly height: number;
  readonly words: readonly PdfText[];
  readonly rulings: readonly Ruling[];
}

/** Lists longer than this come as spreadsheets. */
export const MOST_PAGES = 20;
/** A page set in the smallest print holds some 10,000 signs. */
const MOST_GLYPHS = 20_000;
/** A table of 60 rows and 10 columns whose cells are drawn one by one has some 2,500. */
const MOST_RULINGS = 20_000;

/** Nothing in the file is executed or repaired. */
export const SAFE = {
  isEvalSupported: false,
  stopAtErrors: true,
  enableXfa: false,
  useSystemFonts: false,
  verbosity: 0,
} as const;

/** Words and ruling lines of every page, as they stand on paper. */
export async function readPages(bytes: Uint8Array): Promise<PdfPage[]> {
  // pdf.js takes the array for itself.
  const task = getDocument({ data: new Uint8Array(bytes), ...SAFE });
  try {
    const document = await task.promise;
    const pages: PdfPage[] = [];
    for (let n = 1; n <= Math.min(document.numPages, MOST_PAGES); n++)
      pages.push(await readPage(await document.getPage(n)));
    return pages;
  } catch (error) {
    // stopAtErrors: whatever pdf.js cannot read as it stands ends the reading.
    throw error instanceof ListError ? error : new ListError('malformed', String(error));
  } finally {
    await task.destroy();
  }
}

async function readPage(page: PDFPageProxy): Promise<PdfPage> {
  const view = page.getViewport({ scale: 1 });
  const { fnArray, argsArray } = await page.getOperatorList();
  const operands = argsArray as (readonly unknown[] | null)[];
  const reader = new GlyphReader((id) => fontFact(page, id));
  const rulings: Ruling[] = [];
  const base = view.transform as Matrix;
  const saved: Matrix[] = [];
  let matrix = base;
  fnArray.forEach((operator, i) => {
    const args = operands[i] ?? [];
    if (operator === OPS.save) saved.push(matrix);
    else if (operator === OPS.restore) matrix = saved.pop() ?? base;
    else if (operator === OPS.transform) matrix = product(matrix, numbersOf(args));
    else if (operator === OPS.paintFormXObjectBegin) {
      saved.push(matrix);
      if (args[0] !== null && args[0] !== undefined) matrix = product(matrix, numbersOf([args[0]]));
    } else if (operator === OPS.paintFormXObjectEnd) matrix = saved.pop() ?? base;
    else if (operator === OPS.constructPath) rulings.push(...rulingsOf(args, matrix));
    reader.follow(operator, args, matrix);
    if (reader.glyphs.length > MOST_GLYPHS || rulings.length > MOST_RULINGS)
      throw new ListError('too_large', 'a page with more on it than any list has');
  });
  return { height: view.height, words: wordsOf(reader.glyphs), rulings };
}

/** "BAAAAA+.VnTime" → ".VnTime": subsets carry a tag (ISO 32000-1 §9.6.4). */
function fontFact(page: PDFPageProxy, id: string): FontFact {
  const objects = id.startsWith('g_') ? page.commonObjs : page.objs;
  const font = (objects.has(id) ? objects.get(id) : null) as {
    readonly name?: unknown;
    readonly fontMatrix?: readonly number[];
  } | null;
  const name = typeof font?.name === 'string' ? font.name.replace(/^[A-Z]{6}\+/u, '') : undefined;
  return { name, unit: font?.fontMatrix?.[0] ?? 0.001 };
}
