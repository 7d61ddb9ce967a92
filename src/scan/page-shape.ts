import { createHash } from 'node:crypto';
import { OPS } from 'pdfjs-dist/legacy/build/pdf.mjs';
import type { OverlayFact, PageBox } from '../rules/scan-facts.ts';

/** A picture as the interpreter hands it over. */
export interface PageImage {
  readonly width: number;
  readonly height: number;
  /** pdfjs ImageKind: 1 = one bit, 2 = RGB, 3 = RGBA (a picture with a soft mask). */
  readonly kind: number;
  readonly data: Uint8Array | Uint8ClampedArray | null;
}

export interface PageShape {
  readonly imageCoverage: number;
  readonly dpi: number | null;
  readonly visibleText: number;
  readonly hiddenText: number;
  readonly overlays: readonly OverlayFact[];
  readonly images: readonly string[];
}

export interface Operators {
  readonly fnArray: readonly number[];
  readonly argsArray: readonly unknown[];
}

/** [a b c d e f] of ISO 32000-1 §8.3.3. */
type Matrix = readonly [number, number, number, number, number, number];

const times = (m: Matrix, n: Matrix): Matrix => [
  n[0] * m[0] + n[1] * m[2],
  n[0] * m[1] + n[1] * m[3],
  n[2] * m[0] + n[3] * m[2],
  n[2] * m[1] + n[3] * m[3],
  n[4] * m[0] + n[5] * m[2] + m[4],
  n[4] * m[1] + n[5] * m[3] + m[5],
];

/** Overlays beyond this are told once; an officer sees the page anyway. */
const MAX_OVERLAYS = 40;
/** A picture that covers so much of the page hides what was painted before it. */
const COVERS = 0.8;
/** Pictures smaller than this (mm) are dots and rules, not seals or logos. */
const SMALLEST_MM = 10;
const MM_PER_UNIT = 25.4 / 72;
const IDENTITY: Matrix = [1, 0, 0, 1, 0, 0];

/** Walks over what a page paints, in order. `toPage`: from PDF units to fractions of the page as shown. */
export class ShapeReader {
  readonly #toPage: Matrix;
  readonly #image: (id: string) => PageImage | null;
  #matrix: Matrix = IDENTITY;
  readonly #saved: { matrix: Matrix; mode: number }[] = [];
  #text: Matrix = IDENTITY;
  #mode = 0;
  #annotations = 0;
  #visible = 0;
  #hidden = 0;
  #overlays: OverlayFact[] = [];
  readonly #cover = new Cover();
  readonly #images = new Set<string>();
  #largest = { area: 0, dpi: 0 };

  constructor(toPage: Matrix, image: (id: string) => PageImage | null) {
    this.#toPage = toPage;
    this.#image = image;
  }

  read({ fnArray, argsArray }: Operators): PageShape {
    fnArray.forEach((fn, n) => {
      this.#operator(fn, (argsArray[n] ?? []) as unknown[]);
    });
    return {
      imageCoverage: this.#cover.share(),
      dpi: this.#largest.area === 0 ? null : Math.round(this.#largest.dpi),
      visibleText: this.#visible,
      hiddenText: this.#hidden,
      overlays: this.#overlays.slice(0, MAX_OVERLAYS),
      images: [...this.#images],
    };
  }

  #operator(fn: number, args: unknown[]): void {
    switch (fn) {
      case OPS.save:
        this.#saved.push({ matrix: this.#matrix, mode: this.#mode });
        return;
      case OPS.restore:
      case OPS.paintFormXObjectEnd:
        this.#restore();
        return;
      case OPS.transform:
        this.#matrix = times(this.#matrix, args as unknown as Matrix);
        return;
      case OPS.paintFormXObjectBegin:
        this.#saved.push({ matrix: this.#matrix, mode: this.#mode });
        if (args[0] !== null && args[0] !== undefined) this.#matrix = times(this.#matrix, args[0] as Matrix);
        return;
      case OPS.beginAnnotation:
        this.#annotations++;
        this.#add('annotation', boxOf(IDENTITY, this.#toPage, args[1] as number[] | undefined));
        return;
      case OPS.endAnnotation:
        this.#annotations--;
        return;
      case OPS.beginText:
        this.#text = IDENTITY;
        return;
      case OPS.setTextMatrix:
        this.#text = (Array.isArray(args[0]) || ArrayBuffer.isView(args[0])
          ? args[0]
          : args) as unknown as Matrix;
        return;
      case OPS.moveText:
      case OPS.setLeadingMoveText:
        this.#text = times(this.#text, [1, 0, 0, 1, args[0] as number, args[1] as number]);
        return;
      case OPS.setTextRenderingMode:
        this.#mode = args[0] as number;
        return;
      case OPS.showText:
      case OPS.showSpacedText:
        this.#showText(args[0] as readonly unknown[]);
        return;
      case OPS.constructPath:
        // The path's own bounds come third: [operator, path, [left, bottom, right, top]].
        this.#add('drawing', boxOf(this.#matrix, this.#toPage, args[2] as number[] | undefined));
        return;
      case OPS.paintImageXObject:
        this.#paintImage(this.#image(args[0] as string));
        return;
      case OPS.paintInlineImageXObject:
        this.#paintImage(args[0] as PageImage);
        return;
      case OPS.paintImageMaskXObject:
      case OPS.paintSolidColorImageMask:
        this.#paintImage({ width: 0, height: 0, kind: 3, data: null });
        return;
    }
  }

  #restore(): void {
    const before = this.#saved.pop();
    if (before === undefined) return;
    this.#matrix = before.matrix;
    this.#mode = before.mode;
  }

  /** ISO 32000-1 table 106: modes 3 and 7 paint nothing. */
  #showText(glyphs: readonly unknown[]): void {
    const letters = glyphs.filter(
      (glyph) =>
        typeof glyph === 'object' && glyph !== null && (glyph as { isSpace?: boolean }).isSpace !== true,
    ).length;
    if (letters === 0) return;
    if (this.#mode === 3 || this.#mode === 7) {
      this.#hidden += letters;
      return;
    }
    this.#visible += letters;
    this.#add('text', boxOf(times(this.#matrix, this.#text), this.#toPage, [0, 0, 1, 1]));
  }

  #paintImage(image: PageImage | null): void {
    const box = boxOf(this.#matrix, this.#toPage, [0, 0, 1, 1]);
    const area = box.width * box.height;
    const [a, b, c, d] = this.#matrix;
    const [wide, high] = [Math.hypot(a, b) * MM_PER_UNIT, Math.hypot(c, d) * MM_PER_UNIT];
    if (image !== null && image.data !== null && Math.min(wide, high) >= SMALLEST_MM)
      this.#images.add(digest(image, image.data));
    if (image !== null && image.width > 0 && area > this.#largest.area) {
      this.#largest = { area, dpi: (Math.max(image.width, image.height) / Math.max(wide, high)) * 25.4 };
    }
    const transparent = image?.kind === 3;
    if (!transparent && area >= COVERS) {
      this.#hidden += this.#visible;
      this.#visible = 0;
      this.#overlays = [];
    } else if (transparent || this.#cover.share(box) > 0.5) {
      // An opaque picture beside others is a strip of the scan; one that lies on another was put there.
      this.#add(transparent ? 'transparent_picture' : 'picture', box);
    }
    this.#cover.add(box);
  }

  /** Of texts, drawings and annotations, which come in thousands, one box holds all. */
  #add(kind: OverlayFact['kind'], box: PageBox): void {
    const merges = kind === 'text' || kind === 'drawing';
    const at = merges ? this.#overlays.findIndex((known) => known.kind === kind) : -1;
    if (at === -1) this.#overlays.push({ kind, box });
    else this.#overlays[at] = { kind, box: union(this.#overlays[at]!.box, box) };
  }
}

const digest = ({ width, height, kind }: PageImage, data: Uint8Array | Uint8ClampedArray): string =>
  createHash('sha256').update(`${width} ${height} ${kind} `).update(data).digest('hex');

const clamp = (value: number): number => (value > 0 ? Math.min(1, value) : 0);

function boxOf(matrix: Matrix, toPage: Matrix, bounds: readonly number[] | undefined): PageBox {
  const [left, bottom, right, top] = bounds ?? [0, 0, 0, 0];
  const m = times(toPage, matrix);
  const corners = [
    [left!, bottom!],
    [right!, bottom!],
    [left!, top!],
    [right!, top!],
  ].map(([x, y]) => [clamp(m[0] * x! + m[2] * y! + m[4]), clamp(m[1] * x! + m[3] * y! + m[5])]);
  const xs = corners.map(([x]) => x!);
  const ys = corners.map(([, y]) => y!);
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

function union(a: PageBox, b: PageBox): PageBox {
  const [x, y] = [Math.min(a.x, b.x), Math.min(a.y, b.y)];
  return {
    x,
    y,
    width: Math.max(a.x + a.width, b.x + b.width) - x,
    height: Math.max(a.y + a.height, b.y + b.height) - y,
  };
}

/** What pictures cover, on a grid fine enough for strips of a scan. */
class Cover {
  static readonly SIDE = 64;
  readonly #cells = new Uint8Array(64 * 64);

  add(box: PageBox): void {
    for (const at of this.#within(box)) this.#cells[at] = 1;
  }

  /** Covered part of `box`, or of the page. */
  share(box: PageBox = { x: 0, y: 0, width: 1, height: 1 }): number {
    let [seen, covered] = [0, 0];
    for (const at of this.#within(box)) {
      seen++;
      covered += this.#cells[at]!;
    }
    return seen === 0 ? 0 : covered / seen;
  }

  *#within({ x, y, width, height }: PageBox): Generator<number> {
    const cell = (value: number): number => Math.round(value * Cover.SIDE);
    for (let j = cell(y); j < cell(y + height); j++)
      for (let i = cell(x); i < cell(x + width); i++) yield j * Cover.SIDE + i;
  }
}
