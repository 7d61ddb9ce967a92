import type { Raster } from './raster.ts';

/** Where the paper lies in a photograph, in fields of `side` pixels. */
export interface Sheet {
  readonly side: number;
  readonly columns: number;
  /** 1 = paper. */
  readonly paper: Uint8Array;
  /** The longer side of the paper in pixels. */
  readonly longSide: number;
}

/** Fields along the longer side: 3 mm each on an A4 page that fills the picture. */
const FIELDS = 100;
/** Paper is at least so much brighter than the desk below it; else the paper is taken to fill the picture. */
const BRIGHTER = 1.35;

/** Parts the paper from what it lies on: by brightness (Otsu 1979), the largest connected bright part. */
export function findSheet(photo: Raster): Sheet {
  const longest = Math.max(photo.width, photo.height);
  const side = Math.max(1, Math.floor(longest / FIELDS));
  const [columns, rows] = [Math.ceil(photo.width / side), Math.ceil(photo.height / side)];
  const bright = brightness(photo, side, columns, rows);
  const level = otsu(bright);
  const paper = level === null ? null : largest(bright, level, columns, rows);
  if (level === null || paper === null) {
    return { side, columns, paper: new Uint8Array(columns * rows).fill(1), longSide: longest };
  }
  return {
    side,
    columns,
    paper,
    longSide: side * Math.max(usualRun(paper, columns, rows, true), usualRun(paper, columns, rows, false)),
  };
}

/** The brightest of some pixels of each field: print does not darken it. */
function brightness(
  { width, height, data }: Raster,
  side: number,
  columns: number,
  rows: number,
): Uint8Array {
  const out = new Uint8Array(columns * rows);
  const step = Math.max(1, side >> 2);
  for (let y = 0; y < height; y += step)
    for (let x = 0; x < width; x += step) {
      const at = (y * width + x) * 3;
      const value = (data[at]! + 2 * data[at + 1]! + data[at + 2]!) >> 2;
      const field = Math.floor(y / side) * columns + Math.floor(x / side);
      if (value > out[field]!) out[field] = value;
    }
  return out;
}

function otsu(values: Uint8Array): number | null {
  const counts = new Uint32Array(256);
  for (const value of values) counts[value]!++;
  const total = values.reduce((sum, value) => sum + value, 0);
  let [below, sumBelow, best, level, ratio] = [0, 0, -1, 0, 1];
  for (let t = 0; t < 255; t++) {
    below += counts[t]!;
    sumBelow += t * counts[t]!;
    const above = values.length - below;
    if (below === 0 || above === 0) continue;
    const [dark, bright] = [sumBelow / below, (total - sumBelow) / above];
    const between = below * above * (bright - dark) ** 2;
    if (between > best) [best, level, ratio] = [between, t, bright / Math.max(1, dark)];
  }
  return ratio < BRIGHTER ? null : level;
}

/**
 * The largest connected bright part with its holes: a red picture or a dark heading lies on the paper. Null when it is
 * too small to be the page.
 */
function largest(bright: Uint8Array, level: number, columns: number, rows: number): Uint8Array | null {
  const isBright = Uint8Array.from(bright, (value) => (value > level ? 1 : 0));
  const best = connected(isBright, 1, columns, rows).reduce<number[]>(
    (most, { fields }) => (fields.length > most.length ? fields : most),
    [],
  );
  if (best.length < bright.length * 0.3) return null;
  const paper = new Uint8Array(bright.length);
  for (const at of best) paper[at] = 1;
  for (const { fields, atEdge } of connected(paper, 0, columns, rows))
    if (!atEdge) for (const at of fields) paper[at] = 1;
  return paper;
}

/** The connected parts of the fields that hold `value`. */
function connected(fields: Uint8Array, value: number, columns: number, rows: number) {
  const seen = new Uint8Array(fields.length);
  const parts: { readonly fields: number[]; readonly atEdge: boolean }[] = [];
  for (let start = 0; start < fields.length; start++) {
    if (seen[start] === 1 || fields[start] !== value) continue;
    const part = [start];
    let atEdge = false;
    seen[start] = 1;
    for (let n = 0; n < part.length; n++) {
      const [x, y] = [part[n]! % columns, Math.floor(part[n]! / columns)];
      for (const [i, j] of [
        [x - 1, y],
        [x + 1, y],
        [x, y - 1],
        [x, y + 1],
      ] as const) {
        if (i < 0 || j < 0 || i >= columns || j >= rows) {
          atEdge = true;
          continue;
        }
        const at = j * columns + i;
        if (seen[at] === 1 || fields[at] !== value) continue;
        seen[at] = 1;
        part.push(at);
      }
    }
    parts.push({ fields: part, atEdge });
  }
  return parts;
}

/** How far the paper reaches in the middle one of its rows or columns, in fields: a corner folded over counts little. */
function usualRun(paper: Uint8Array, columns: number, rows: number, byRow: boolean): number {
  const [lines, length] = byRow ? [rows, columns] : [columns, rows];
  const runs: number[] = [];
  for (let line = 0; line < lines; line++) {
    let [first, last] = [-1, -1];
    for (let n = 0; n < length; n++) {
      if (paper[byRow ? line * columns + n : n * columns + line] === 0) continue;
      if (first === -1) first = n;
      last = n;
    }
    if (first !== -1) runs.push(last - first + 1);
  }
  runs.sort((a, b) => a - b);
  return runs[Math.floor(runs.length / 2)] ?? length;
}

/** Of each pixel of the picture made smaller by `factor`: 1 where it and the fields around it are paper. */
export function paperMask(sheet: Sheet, width: number, height: number, factor: number): Uint8Array {
  const side = sheet.side / factor;
  const rows = sheet.paper.length / sheet.columns;
  const inner = sheet.paper.map((_, n) => {
    const [i, j] = [n % sheet.columns, Math.floor(n / sheet.columns)];
    const around = [
      [i, j],
      [i - 1, j],
      [i + 1, j],
      [i, j - 1],
      [i, j + 1],
    ] as const;
    return around.every(([x, y]) => isPaper(sheet, rows, x, y)) ? 1 : 0;
  });
  const mask = new Uint8Array(width * height);
  for (let y = 0, at = 0; y < height; y++) {
    const row = Math.min(rows - 1, Math.floor(y / side)) * sheet.columns;
    for (let x = 0; x < width; x++, at++)
      mask[at] = inner[row + Math.min(sheet.columns - 1, Math.floor(x / side))]!;
  }
  return mask;
}

/** The picture's own edge is no edge of the paper. */
function isPaper({ columns, paper }: Sheet, rows: number, i: number, j: number): boolean {
  const [x, y] = [Math.max(0, Math.min(columns - 1, i)), Math.max(0, Math.min(rows - 1, j))];
  return paper[y * columns + x] === 1;
}
