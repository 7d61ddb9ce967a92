import { createRequire } from 'node:module';
import path from 'node:path';
import type { Canvas, SKRSContext2D } from '@napi-rs/canvas';
import { getDocument, type PDFDocumentProxy, type PDFPageProxy } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { fromRgba, MAX_PIXELS } from './picture-file.ts';
import { ShapeReader, type Operators, type PageImage, type PageShape } from './page-shape.ts';
import type { Raster } from './raster.ts';

/** Structure of a PDF by pdfjs, and its pixels where no pdftoppm is installed. Runs in the parsing child only. */

const PDFJS = path.dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json'));

export async function openPdf(bytes: Uint8Array): Promise<PDFDocumentProxy> {
  return getDocument({
    // pdfjs takes the buffer for itself.
    data: Uint8Array.from(bytes),
    isEvalSupported: false,
    stopAtErrors: true,
    enableXfa: false,
    maxImageSize: MAX_PIXELS,
    useSystemFonts: false,
    disableFontFace: true,
    verbosity: 0,
    // Without its decoders a JPX scan would be drawn as white paper.
    wasmUrl: `${PDFJS}/wasm/`,
    standardFontDataUrl: `${PDFJS}/standard_fonts/`,
    cMapUrl: `${PDFJS}/cmaps/`,
    iccUrl: `${PDFJS}/iccs/`,
    cMapPacked: true,
  }).promise;
}

export interface PageSize {
  readonly widthMm: number;
  readonly heightMm: number;
}

export function sizeOf(page: PDFPageProxy): PageSize {
  const { width, height } = page.getViewport({ scale: 1 });
  return { widthMm: (width * 25.4) / 72, heightMm: (height * 25.4) / 72 };
}

export async function shapeOf(page: PDFPageProxy): Promise<PageShape> {
  const operators = (await page.getOperatorList()) as Operators;
  const viewport = page.getViewport({ scale: 1 });
  const [a, b, c, d, e, f] = viewport.transform as [number, number, number, number, number, number];
  const [w, h] = [viewport.width, viewport.height];
  return new ShapeReader([a / w, b / h, c / w, d / h, e / w, f / h], (id) => imageOf(page, id)).read(
    operators,
  );
}

/** Null for a picture that pdfjs could not decode or that is larger than the bound. */
function imageOf(page: PDFPageProxy, id: string): PageImage | null {
  const store = (id.startsWith('g_') ? page.commonObjs : page.objs) as {
    has(id: string): boolean;
    get(id: string): unknown;
  };
  return store.has(id) ? (store.get(id) as PageImage | null) : null;
}

/** What pdfjs makes under Node: a canvas of @napi-rs/canvas. Its own types speak of the browser's. */
interface CanvasMaker {
  create(width: number, height: number): { readonly canvas: Canvas; readonly context: SKRSContext2D };
  destroy(made: object): void;
}

/** Drawn by pdfjs on the canvas it brings along. */
export async function drawByPdfjs(pdf: PDFDocumentProxy, page: PDFPageProxy, dpi: number): Promise<Raster> {
  const viewport = page.getViewport({ scale: dpi / 72 });
  const [width, height] = [Math.ceil(viewport.width), Math.ceil(viewport.height)];
  const maker = pdf.canvasFactory as CanvasMaker;
  const made = maker.create(width, height);
  try {
    await page.render({ canvas: null, canvasContext: made.context, viewport }).promise;
    return fromRgba(width, height, made.context.getImageData(0, 0, width, height).data);
  } finally {
    maker.destroy(made);
  }
}
