import { causeText } from '../errors.ts';
import type { PageBox, ScanFact, ScanPage, ScanPicture } from '../rules/scan-facts.ts';
import { A4_MM, lookAt, type Sight } from './look.ts';
import type { PageShape } from './page-shape.ts';
import { drawByPdfjs, openPdf, shapeOf, sizeOf, type PageSize } from './pdf.ts';
import { drawByPdftoppm, programAt } from './pdftoppm.ts';
import { readPicture, tiffPages, writeJpeg } from './picture-file.ts';
import { recognisePage, type RecognisedPage } from './recognise.ts';
import { crop, type PixelBox, type Raster } from './raster.ts';

/** What is found on a possible scan, and pictures of it for the officer. */
export interface ScanFinding {
  readonly fact: ScanFact;
  readonly pictures: readonly ScanPicture[];
}

/** A công văn with its list; more pages are looked at by people (evidence.md). */
export const MAX_PAGES = 20;
/** The resolution scans are judged at; larger pages are drawn coarser, so that no page takes more than 48 MB. */
const DPI = 200;
const MAX_SIDE_PIXELS = 4000;
/** From a stamp's slip to A0; what lies beyond is no paper, and drawing 1 × 14,400,000 units would take all memory. */
const PAGE_MM = { least: 20, most: 1200 };
/** Pages between A5 and A3 show paper at its own size; others were placed carelessly and tell no millimetres. */
const PAPER_MM = { least: 180, most: 440 };

/** The page image: 150 dpi of an A4 page, enough to read 8 pt. */
const PAGE_PICTURE = { quality: 72, longest: 1754 };
const CROP_PICTURE = { quality: 88, longest: 900 };

/**
 * Examines a PDF or a page picture. Never throws on what the file holds: a fault or bound stands in `limit`, and the
 * facts found before it are kept. It may take long and much memory: the parsing child's parent kills it.
 */
export async function examineScan(
  bytes: Buffer,
  mediaType: string,
  programs: { readonly pdftoppm: string | null } = { pdftoppm: programAt('pdftoppm') },
): Promise<ScanFinding> {
  const found: Collected = { pages: [], pictures: [], images: new Set(), pageCount: null, renderer: null };
  let limit: string | null;
  try {
    limit =
      mediaType === 'application/pdf'
        ? await readPdf(bytes, programs.pdftoppm, found)
        : await readPictures(bytes, mediaType, found);
  } catch (error) {
    limit = causeText(error);
  }
  const { pages, pictures, pageCount, renderer } = found;
  // A file of no page says nothing; without this it would be one without anything to doubt.
  if (pages.length === 0) limit ??= 'no page of the file could be read';
  const fact = { pageCount, pages, images: [...found.images], seenBefore: [], renderer, limit };
  return { fact, pictures };
}

interface Collected {
  readonly pages: ScanPage[];
  readonly pictures: ScanPicture[];
  readonly images: Set<string>;
  pageCount: number | null;
  renderer: ScanFact['renderer'];
}

async function readPdf(bytes: Buffer, program: string | null, found: Collected): Promise<string | null> {
  const pdf = await openPdf(bytes);
  try {
    found.pageCount = pdf.numPages;
    found.renderer = program === null ? 'pdfjs' : 'pdftoppm';
    for (let n = 1; n <= Math.min(pdf.numPages, MAX_PAGES); n++) {
      const page = await pdf.getPage(n);
      const size = sizeOf(page);
      const sides = [size.widthMm, size.heightMm];
      if (sides.some((side) => !(side >= PAGE_MM.least && side <= PAGE_MM.most)))
        return `page ${n} measures ${sides.map((side) => side.toFixed(0)).join(' × ')} mm`;
      const shape = await shapeOf(page);
      const dpi = Math.min(DPI, Math.floor((MAX_SIDE_PIXELS * 25.4) / Math.max(...sides)));
      const raster =
        program === null ? await drawByPdfjs(pdf, page, dpi) : await drawByPdftoppm(program, bytes, n, dpi);
      const isPaper = Math.max(...sides) >= PAPER_MM.least && Math.max(...sides) <= PAPER_MM.most;
      note(found, n, raster, isPaper ? dpi / 25.4 : null, size, shape);
      page.cleanup();
    }
    return pdf.numPages > MAX_PAGES ? `only ${MAX_PAGES} of ${pdf.numPages} pages were looked at` : null;
  } finally {
    await pdf.destroy();
  }
}

async function readPictures(bytes: Buffer, mediaType: string, found: Collected): Promise<string | null> {
  found.renderer = 'canvas';
  if (mediaType !== 'image/tiff') {
    const raster = await readPicture(bytes, mediaType);
    found.pageCount = 1;
    note(found, 1, raster, null, null, WHOLE_PAGE);
    return null;
  }
  const tiff = tiffPages(bytes);
  const { count } = tiff;
  found.pageCount = count;
  for (let n = 1; n <= Math.min(count, MAX_PAGES); n++) note(found, n, tiff.read(n), null, null, WHOLE_PAGE);
  return count > MAX_PAGES ? `only ${MAX_PAGES} of ${count} pages were looked at` : null;
}

/** A picture file is nothing but its picture. */
const WHOLE_PAGE: PageShape = {
  imageCoverage: 1,
  dpi: null,
  visibleText: 0,
  hiddenText: 0,
  overlays: [],
  images: [],
};

function note(
  found: Collected,
  page: number,
  raster: Raster,
  pxPerMm: number | null,
  size: PageSize | null,
  shape: PageShape,
): void {
  const sight = lookAt(raster, pxPerMm);
  for (const image of shape.images) found.images.add(image);
  found.pages.push(pageFact(page, raster, sight, pxPerMm, size, shape));
  found.pictures.push({
    kind: 'page',
    page,
    number: 0,
    ...writeJpeg(raster, PAGE_PICTURE.quality, PAGE_PICTURE.longest),
  });
  const cut = (kind: ScanPicture['kind'], number: number, box: PixelBox): void => {
    const margin = 3 * sight.pxPerMm;
    const wide = {
      left: box.left - margin,
      top: box.top - margin,
      right: box.right + margin,
      bottom: box.bottom + margin,
    };
    const picture = writeJpeg(crop(raster, wide), CROP_PICTURE.quality, CROP_PICTURE.longest);
    found.pictures.push({ kind, page, number, ...picture });
  };
  sight.seals.forEach(({ box }, number) => {
    cut('seal', number, box);
  });
  sight.strokes.forEach(({ box }, number) => {
    cut('strokes', number, box);
  });
}

function pageFact(
  page: number,
  raster: Raster,
  sight: Sight,
  pxPerMm: number | null,
  size: PageSize | null,
  shape: PageShape,
): ScanPage {
  const share = (box: PixelBox): PageBox => ({
    x: box.left / raster.width,
    y: box.top / raster.height,
    width: (box.right - box.left) / raster.width,
    height: (box.bottom - box.top) / raster.height,
  });
  const { images: _, dpi, ...shown } = shape;
  return {
    page,
    widthMm: size?.widthMm ?? raster.width / sight.pxPerMm,
    heightMm: size?.heightMm ?? raster.height / sight.pxPerMm,
    scale: pxPerMm === null ? 'assumed' : 'placement',
    // A picture that is the page has the resolution its paper has in it.
    dpi: pxPerMm === null ? Math.round(sight.pxPerMm * 25.4) : dpi,
    colour: sight.colour,
    blank: sight.blank,
    ...shown,
    seals: sight.seals.map(({ box, ...seal }) => ({ ...seal, box: share(box) })),
    strokes: sight.strokes.map(({ box, ...stroke }) => ({ ...stroke, box: share(box) })),
  };
}

/** Recognition wants more pixels than seals do; an A4 page then has 8.7 million. */
const READING_DPI = 300;

/** Words on one page (from 1). Null where no recogniser is installed. @throws on damaged files and reached bounds */
export async function recogniseScan(
  bytes: Buffer,
  mediaType: string,
  page: number,
): Promise<RecognisedPage | null> {
  if (mediaType === 'application/pdf') return recognisePdf(bytes, page);
  const raster =
    mediaType === 'image/tiff' ? tiffPages(bytes).read(page) : await readPicture(bytes, mediaType);
  return recognisePage(raster, Math.round((Math.max(raster.width, raster.height) * 25.4) / A4_MM));
}

async function recognisePdf(bytes: Buffer, number: number): Promise<RecognisedPage | null> {
  const pdf = await openPdf(bytes);
  try {
    const page = await pdf.getPage(number);
    const { widthMm, heightMm } = sizeOf(page);
    const dpi = Math.min(READING_DPI, Math.floor((MAX_SIDE_PIXELS * 25.4) / Math.max(widthMm, heightMm)));
    const program = programAt('pdftoppm');
    const raster =
      program === null
        ? await drawByPdfjs(pdf, page, dpi)
        : await drawByPdftoppm(program, bytes, number, dpi);
    return await recognisePage(raster, dpi);
  } finally {
    await pdf.destroy();
  }
}
