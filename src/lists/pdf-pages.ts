import { getDocument, OPS, Util, type PDFPageProxy } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { ListError } from './port.ts';

/** A piece of text; y counts downwards from the top of the page to the base line, in points (1/72 inch). */
export interface PdfText {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly size: number;
  readonly font?: string;
}

/** A ruling line, upright or level. */
export interface Ruling {
  readonly upright: boolean;
  /** Where it stands: x of an upright line, y of a level one. */
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

export interface PdfPage {
  readonly height: number;
  readonly texts: readonly PdfText[];
  readonly rulings: readonly Ruling[];
}

/** Lists longer than this come as spreadsheets. */
export const MOST_PAGES = 20;
/** A page set in the smallest print holds some 10,000 letters. */
const MOST_TEXTS = 20_000;
/** A table of 60 rows and 10 columns whose cells are drawn one by one has some 2,500. */
const MOST_RULINGS = 20_000;

/** Nothing in the file is executed or repaired; pdf.js 5 has no other way to meet forms than the two switches. */
export const SAFE = {
  isEvalSupported: false,
  stopAtErrors: true,
  enableXfa: false,
  useSystemFonts: false,
  verbosity: 0,
} as const;

/** Texts and ruling lines of every page, as they stand on paper. */
export async function readPages(bytes: Uint8Array): Promise<PdfPage[]> {
  // pdf.js takes the array for itself.
  const task = getDocument({ data: new Uint8Array(bytes), ...SAFE });
  try {
    const document = await task.promise;
    const pages: PdfPage[] = [];
    for (let n = 1; n <= Math.min(document.numPages, MOST_PAGES); n++)
      pages.push(await readPage(await document.getPage(n)));
    return pages;
  } finally {
    await task.destroy();
  }
}

type Matrix = readonly number[];

async function readPage(page: PDFPageProxy): Promise<PdfPage> {
  const view = page.getViewport({ scale: 1 });
  // Fonts are known by name only after the drawing operators were read.
  const { fnArray, argsArray } = await page.getOperatorList();
  const rulings = rulingsOf(fnArray, argsArray as unknown[][], view.transform);
  const { items } = await page.getTextContent();
  const texts: PdfText[] = [];
  for (const item of items) {
    if (!('str' in item) || item.str.trim() === '') continue;
    const place: Matrix = Util.transform(view.transform, item.transform) as number[];
    const [, tilt, , up, x, y] = place;
    // Text that does not run from left to right is a stamp or a water mark.
    if (Math.abs(tilt!) > Math.abs(up!) / 10) continue;
    if (texts.length >= MOST_TEXTS)
      throw new ListError('too_large', `more than ${MOST_TEXTS} texts on a page`);
    const font = fontName(page, item.fontName);
    texts.push({
      text: item.str,
      x: x!,
      y: y!,
      width: item.width,
      size: Math.abs(up!),
      ...(font === undefined ? {} : { font }),
    });
  }
  return { height: view.height, texts, rulings };
}

/** "BAAAAA+.VnTime" → ".VnTime": subsets carry a tag (ISO 32000-1 §9.6.4). */
function fontName(page: PDFPageProxy, id: string): string | undefined {
  if (!page.commonObjs.has(id)) return undefined;
  const font = page.commonObjs.get(id) as { readonly name?: unknown } | null;
  return typeof font?.name === 'string' ? font.name.replace(/^[A-Z]{6}\+/u, '') : undefined;
}

const STROKES = new Set<number>([
  OPS.stroke,
  OPS.closeStroke,
  OPS.fillStroke,
  OPS.eoFillStroke,
  OPS.closeFillStroke,
  OPS.closeEOFillStroke,
]);
const FILLS = new Set<number>([OPS.fill, OPS.eoFill]);

/** LibreOffice strokes ruling lines, Word fills rectangles as thin as a line. */
function rulingsOf(operators: readonly number[], operands: readonly unknown[][], base: Matrix): Ruling[] {
  const found: Ruling[] = [];
  const stack: Matrix[] = [];
  let matrix = base;
  operators.forEach((operator, i) => {
    const args = operands[i] ?? [];
    if (operator === OPS.save) stack.push(matrix);
    else if (operator === OPS.restore) matrix = stack.pop() ?? base;
    else if (operator === OPS.transform) matrix = product(matrix, args as number[]);
    else if (operator === OPS.paintFormXObjectBegin) {
      stack.push(matrix);
      if (Array.isArray(args[0])) matrix = product(matrix, args[0] as number[]);
    } else if (operator === OPS.paintFormXObjectEnd) matrix = stack.pop() ?? base;
    else if (operator === OPS.constructPath && found.length < MOST_RULINGS) {
      const [painted, paths] = args as [number, readonly unknown[]];
      for (const path of subpaths(paths[0]))
        found.push(
          ...linesOf(
            path.map((point) => moved(matrix, point)),
            painted,
          ),
        );
    }
  });
  return found;
}

const product = (a: Matrix, b: Matrix): Matrix => Util.transform([...a], [...b]) as number[];

type Point = readonly [x: number, y: number];

const moved = (m: Matrix, [x, y]: Point): Point => [
  m[0]! * x + m[2]! * y + m[4]!,
  m[1]! * x + m[3]! * y + m[5]!,
];

/** Number of operands by drawing operator of pdf.js: move, line, curve, close. */
const OPERANDS = [2, 2, 6, 0];

/** Corner points of each subpath; curves end a path, they rule nothing. */
function subpaths(data: unknown): Point[][] {
  const paths: Point[][] = [];
  if (!(data instanceof Float32Array) && !Array.isArray(data)) return paths;
  const numbers = data as ArrayLike<number>;
  for (let at = 0; at < numbers.length;) {
    const operator = numbers[at]!;
    const operands = OPERANDS[operator];
    if (operands === undefined) break;
    const point: Point = [numbers[at + 1]!, numbers[at + 2]!];
    const path = paths.at(-1);
    if (operator === 0) paths.push([point]);
    else if (operator === 1) path?.push(point);
    else if (operator === 3 && path?.[0] !== undefined) path.push(path[0]);
    else if (operator === 2) paths.push([]);
    at += 1 + operands;
  }
  return paths;
}

/** Thicker than this it is a bar or a background. */
const THICKEST = 2.5;
/** Shorter than this it is part of a letter or a dash. */
const SHORTEST = 4;

function linesOf(path: readonly Point[], painted: number): Ruling[] {
  if (path.length < 2) return [];
  if (STROKES.has(painted)) return path.slice(1).flatMap((point, i) => lineOf(path[i]!, point));
  if (!FILLS.has(painted)) return [];
  const [xs, ys] = [path.map(([x]) => x), path.map(([, y]) => y)];
  return lineOf([Math.min(...xs), Math.min(...ys)], [Math.max(...xs), Math.max(...ys)]);
}

function lineOf([x1, y1]: Point, [x2, y2]: Point): Ruling[] {
  const [wide, high] = [Math.abs(x2 - x1), Math.abs(y2 - y1)];
  if (wide <= THICKEST && high >= SHORTEST)
    return [{ upright: true, at: (x1 + x2) / 2, from: Math.min(y1, y2), to: Math.max(y1, y2) }];
  if (high <= THICKEST && wide >= SHORTEST)
    return [{ upright: false, at: (y1 + y2) / 2, from: Math.min(x1, x2), to: Math.max(x1, x2) }];
  return [];
}
