import type { StrokeFact } from '../rules/scan-facts.ts';
import { whiten, type Light } from './light.ts';
import type { PixelBox, Raster } from './raster.ts';

/** Connected ink of one colour that is larger and thinner than print. Pixels of the page it was found on. */
export interface FoundStroke {
  readonly colour: StrokeFact['colour'];
  readonly overSeal: boolean;
  readonly sizeMm: number;
  readonly box: PixelBox;
}

interface Round {
  readonly x: number;
  readonly y: number;
  readonly r: number;
}

/** A signature begins beside the seal and ends on it (NĐ 30/2020 Phụ lục I: the seal covers a third of it). */
const BESIDE_MM = 22;
const ABOVE_MM = 8;
const MAX_STROKES = 8;

/** Looks around one seal. */
export function findStrokes(page: Raster, light: Light, pxPerMm: number, seal: Round): FoundStroke[] {
  const window = {
    left: Math.max(0, Math.floor(seal.x - seal.r - BESIDE_MM * pxPerMm)),
    right: Math.min(page.width, Math.ceil(seal.x + seal.r + BESIDE_MM * pxPerMm)),
    top: Math.max(0, Math.floor(seal.y - seal.r - ABOVE_MM * pxPerMm)),
    bottom: Math.min(page.height, Math.ceil(seal.y + seal.r + ABOVE_MM * pxPerMm)),
  };
  const ink = inkIn(whiten(page, light, window));
  return parts(ink, window)
    .filter((part) => isStroke(part, pxPerMm))
    .map((part) => ({
      colour: part.blue * 2 > part.pixels.length ? ('blue' as const) : ('black' as const),
      overSeal: part.pixels.some(({ x, y }) => Math.hypot(x - seal.x, y - seal.y) < seal.r),
      sizeMm: Math.max(part.right - part.left, part.bottom - part.top) / pxPerMm,
      box: part,
    }))
    .toSorted((a, b) => b.sizeMm - a.sizeMm)
    .slice(0, MAX_STROKES);
}

const NONE = 0;
const BLACK = 1;
const BLUE = 2;

function inkIn({ data }: Raster): Uint8Array {
  const ink = new Uint8Array(data.length / 3);
  for (let n = 0, at = 0; n < ink.length; n++, at += 3) {
    const r = data[at]!;
    const g = data[at + 1]!;
    const b = data[at + 2]!;
    // Blue ink crossing red is dark and blueish still; red ink alone keeps its red channel.
    if (b - r > 24 && r < 190) ink[n] = BLUE;
    else if (r < 130 && g < 140 && b < 150) ink[n] = BLACK;
  }
  return ink;
}

interface Part extends PixelBox {
  readonly pixels: readonly { readonly x: number; readonly y: number }[];
  readonly blue: number;
}

function parts(ink: Uint8Array, window: PixelBox): Part[] {
  const [w, h] = [window.right - window.left, window.bottom - window.top];
  const left = Uint8Array.from(ink);
  const found: Part[] = [];
  for (let start = 0; start < left.length; start++) {
    if (left[start] === NONE) continue;
    left[start] = NONE;
    const queue = [start];
    for (let n = 0; n < queue.length; n++) {
      const [x, y] = [queue[n]! % w, Math.floor(queue[n]! / w)];
      for (let j = Math.max(0, y - 1); j <= Math.min(h - 1, y + 1); j++)
        for (let i = Math.max(0, x - 1); i <= Math.min(w - 1, x + 1); i++) {
          if (left[j * w + i] === NONE) continue;
          left[j * w + i] = NONE;
          queue.push(j * w + i);
        }
    }
    // A part of a few pixels is dust or a letter; sparing the list saves most of the time.
    if (queue.length >= 40) found.push(partOf(queue, ink, window));
  }
  return found;
}

function partOf(places: readonly number[], ink: Uint8Array, window: PixelBox): Part {
  const w = window.right - window.left;
  const pixels = places.map((at) => ({ x: window.left + (at % w), y: window.top + Math.floor(at / w) }));
  const xs = pixels.map(({ x }) => x);
  const ys = pixels.map(({ y }) => y);
  const least = (values: readonly number[]): number => values.reduce((a, b) => Math.min(a, b));
  const most = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b));
  return {
    pixels,
    blue: places.filter((at) => ink[at] === BLUE).length,
    left: least(xs),
    right: most(xs) + 1,
    top: least(ys),
    bottom: most(ys) + 1,
  };
}

/** Larger than letters, not filled, and no ruled line. */
function isStroke(part: Part, pxPerMm: number): boolean {
  const { left, right, top, bottom, pixels, blue } = part;
  const [width, height] = [(right - left) / pxPerMm, (bottom - top) / pxPerMm];
  // Printed words whose letters touch are as high as their letters (14 pt capitals: 3.5 mm; with marks 5 mm).
  const isBlue = blue * 2 > pixels.length;
  const [size, thinSide] = isBlue ? [6, 2.5] : [9, 6];
  if (Math.max(width, height) < size || Math.min(width, height) < thinSide) return false;
  if (pixels.length > 0.5 * (right - left) * (bottom - top)) return false;
  return !isRuled(part, 8 * pxPerMm);
}

/** Most of its pixels lie in long straight runs: the border of a table or a box. */
function isRuled({ left, right, top, bottom, pixels }: Part, long: number): boolean {
  const [width, height] = [right - left, bottom - top];
  const grid = new Uint8Array(width * height);
  for (const { x, y } of pixels) grid[(y - top) * width + x - left] = 1;
  const inRuns = (lines: number, length: number, at: (line: number, n: number) => number): number => {
    let total = 0;
    for (let line = 0; line < lines; line++)
      for (let n = 0, run = 0; n <= length; n++) {
        if (n < length && grid[at(line, n)] === 1) run++;
        else {
          if (run >= long) total += run;
          run = 0;
        }
      }
    return total;
  };
  const across = inRuns(height, width, (line, n) => line * width + n);
  const down = inRuns(width, height, (line, n) => n * width + line);
  return across + down > pixels.length * 0.6;
}
