import { lightOf } from './light.ts';
import { colourOf, isBlank } from './paper.ts';
import { toWorkingSize, type PixelBox, type Raster } from './raster.ts';
import { redMap } from './red.ts';
import { findSeals, type FoundSeal } from './seals.ts';
import { findStrokes, type FoundStroke } from './strokes.ts';
import { findSheet, paperMask } from './sheet.ts';

/** What is seen on one page. Places in pixels of the page that was handed in. */
export interface Sight {
  readonly colour: 'colour' | 'grey' | 'bilevel';
  readonly blank: boolean;
  readonly pxPerMm: number;
  readonly seals: readonly (Omit<FoundSeal, 'x' | 'y' | 'r'> & { readonly box: PixelBox })[];
  /** Near the seals. */
  readonly strokes: readonly FoundStroke[];
}

/** The longer side of the paper every letter is written on. */
export const A4_MM = 297;

/**
 * Looks for red round seals and ink strokes. `pxPerMm` from the placement on the page; null for a photograph, whose
 * scale is then taken from the paper in it. The resolution a JPEG claims is never asked: anybody can write it.
 */
export function lookAt(page: Raster, pxPerMm: number | null): Sight {
  const sheet = pxPerMm === null ? findSheet(page) : null;
  const scale = pxPerMm ?? sheet!.longSide / A4_MM;
  const colour = colourOf(page);
  const blank = isBlank(page);
  if (colour !== 'colour' || blank) return { colour, blank, pxPerMm: scale, seals: [], strokes: [] };
  const working = toWorkingSize(page, scale);
  const { width, height } = working.page;
  const light = lightOf(working.page, working.pxPerMm);
  const factor = scale / working.pxPerMm;
  const onPaper = sheet === null ? undefined : paperMask(sheet, width, height, factor);
  const red = redMap(working.page, light, onPaper);
  const found = findSeals(red, working.pxPerMm, pxPerMm !== null);
  const enlarge = ({ left, top, right, bottom }: PixelBox): PixelBox => ({
    left: left * factor,
    top: top * factor,
    right: right * factor,
    bottom: bottom * factor,
  });
  const seals = found.map(({ x, y, r, ...seal }) => ({
    ...seal,
    box: enlarge({ left: x - r, top: y - r, right: x + r, bottom: y + r }),
  }));
  const strokes = found
    .flatMap((seal) => findStrokes(working.page, light, working.pxPerMm, seal))
    .map((stroke) => ({ ...stroke, box: enlarge(stroke.box) }));
  return { colour, blank, pxPerMm: scale, seals, strokes };
}
