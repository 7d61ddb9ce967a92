import type { PixelBox } from './raster.ts';
import { runsOf } from './red-fields.ts';
import type { RedMap } from './red.ts';

/** A place where a round ring may stand; pixels of the red map. */
export interface RingGuess {
  readonly x: number;
  readonly y: number;
  readonly r: number;
}

/** More edges than this are no seal on paper but a red picture; the strongest are taken. */
const MAX_EDGES = 40_000;
const MAX_GUESSES = 24;

/**
 * Hough transform by gradients (Kimme et al. 1975): every edge of red votes for the centres it would belong to, at
 * half the resolution of the map. `low` and `high`: radii in pixels of the map.
 */
export function guessRings(map: RedMap, low: number, high: number): RingGuess[] {
  const half = halved(map);
  const edges = strongest(edgesOf(half, map.threshold));
  if (edges.count === 0) return [];
  const votes = vote(edges, half.width, half.height, Math.floor(low / 2), Math.ceil(high / 2));
  return peaks(votes).map(({ x, y, r }) => ({ x: x * 2 + 1, y: y * 2 + 1, r: r * 2 }));
}

interface Half {
  readonly width: number;
  readonly height: number;
  readonly data: Int16Array;
  /** Elsewhere there is nothing red. */
  readonly boxes: readonly PixelBox[];
}

function halved({ width, height, data, fields }: RedMap): Half {
  const [w, h] = [width >> 1, height >> 1];
  const out = new Int16Array(w * h);
  const boxes = runsOf(fields, width, height).map(({ left, right, top, bottom }) => ({
    left: left >> 1,
    right: right >> 1,
    top: top >> 1,
    bottom: bottom >> 1,
  }));
  for (const { left, right, top, bottom } of boxes)
    for (let y = top; y < bottom; y++)
      for (let x = left, at = y * 2 * width + left * 2; x < right; x++, at += 2)
        out[y * w + x] = data[at]! + data[at + 1]! + data[at + width]! + data[at + width + 1]!;
  return { width: w, height: h, data: out, boxes };
}

interface Edges {
  readonly count: number;
  readonly x: Int16Array;
  readonly y: Int16Array;
  /** Direction across the edge, a unit vector. */
  readonly dx: Float32Array;
  readonly dy: Float32Array;
  readonly strength: Float32Array;
}

/** Sobel gradients that are stronger than a thin line at the threshold of ink. */
function edgesOf({ width, height, data, boxes }: Half, threshold: number): Edges {
  const places = boxes.reduce((sum, box) => sum + (box.right - box.left) * (box.bottom - box.top), 0);
  const [x, y] = [new Int16Array(places), new Int16Array(places)];
  const [dx, dy, strength] = [new Float32Array(places), new Float32Array(places), new Float32Array(places)];
  const least = threshold * 6;
  let count = 0;
  for (const { left, right, top, bottom } of boxes)
    for (let j = Math.max(1, top); j < Math.min(bottom, height - 1); j++)
      for (let i = Math.max(1, left); i < Math.min(right, width - 1); i++) {
        const at = j * width + i;
        const a = data[at - width - 1]!;
        const c = data[at - width + 1]!;
        const f = data[at + width - 1]!;
        const h = data[at + width + 1]!;
        const gx = c + 2 * data[at + 1]! + h - a - 2 * data[at - 1]! - f;
        const gy = f + 2 * data[at + width]! + h - a - 2 * data[at - width]! - c;
        if (gx < least && gx > -least && gy < least && gy > -least) continue;
        const length = Math.sqrt(gx * gx + gy * gy);
        x[count] = i;
        y[count] = j;
        dx[count] = gx / length;
        dy[count] = gy / length;
        strength[count++] = length;
      }
  return { count, x, y, dx, dy, strength: strength.subarray(0, count) };
}

function strongest(edges: Edges): Edges {
  if (edges.count <= MAX_EDGES) return edges;
  const least = edges.strength.toSorted()[edges.count - MAX_EDGES]!;
  const kept = [...edges.strength.keys()].filter((n) => edges.strength[n]! >= least).slice(0, MAX_EDGES);
  return {
    count: kept.length,
    x: Int16Array.from(kept, (n) => edges.x[n]!),
    y: Int16Array.from(kept, (n) => edges.y[n]!),
    dx: Float32Array.from(kept, (n) => edges.dx[n]!),
    dy: Float32Array.from(kept, (n) => edges.dy[n]!),
    strength: Float32Array.from(kept, (n) => edges.strength[n]!),
  };
}

interface Votes {
  /** In bins of 2 × 2 pixels. */
  readonly columns: number;
  readonly rows: number;
  readonly low: number;
  readonly layers: readonly Uint16Array[];
  /** The bins that can hold votes at all. */
  readonly box: PixelBox;
}

/** Radii two pixels apart share a layer: a ring's two edges then meet in it. */
const LAYER = 3;

/** Two edges' centres rarely fall on one pixel, and what is guessed is measured afterwards: bins do. */
function vote(edges: Edges, width: number, height: number, low: number, high: number): Votes {
  const [columns, rows] = [(width + 1) >> 1, (height + 1) >> 1];
  const layers = Array.from(
    { length: Math.ceil((high - low + 1) / LAYER) },
    () => new Uint16Array(columns * rows),
  );
  for (let r = low; r <= high; r++) {
    const layer = layers[((r - low) / LAYER) | 0]!;
    for (let n = 0; n < edges.count; n++) {
      const [x, y, dx, dy] = [edges.x[n]! + 0.5, edges.y[n]! + 0.5, r * edges.dx[n]!, r * edges.dy[n]!];
      if (x + dx >= 0 && y + dy >= 0 && x + dx < width && y + dy < height)
        layer[((y + dy) >> 1) * columns + ((x + dx) >> 1)]!++;
      if (x - dx >= 0 && y - dy >= 0 && x - dx < width && y - dy < height)
        layer[((y - dy) >> 1) * columns + ((x - dx) >> 1)]!++;
    }
  }
  return { columns, rows, low, layers, box: reach(edges, columns, rows, high) };
}

function reach(edges: Edges, columns: number, rows: number, high: number): PixelBox {
  let [left, right, top, bottom] = [Infinity, 0, Infinity, 0];
  for (let n = 0; n < edges.count; n++) {
    left = Math.min(left, edges.x[n]!);
    right = Math.max(right, edges.x[n]!);
    top = Math.min(top, edges.y[n]!);
    bottom = Math.max(bottom, edges.y[n]!);
  }
  return {
    left: Math.max(1, (left - high) >> 1),
    right: Math.min(columns - 1, (right + high + 4) >> 1),
    top: Math.max(1, (top - high) >> 1),
    bottom: Math.min(rows - 1, (bottom + high + 4) >> 1),
  };
}

/** So many votes for each pixel of the radius, at least: a twentieth of a clear ring's. */
const LEAST_SCORE = 0.6;

/** Edges of a ring point past its centre by some degrees, so the votes of a bin and the eight around it are one sum. */
function peaks({ columns, rows, low, layers, box }: Votes): RingGuess[] {
  const found: (RingGuess & { score: number })[] = [];
  const sums = new Uint32Array(columns * rows);
  layers.forEach((layer, n) => {
    const r = low + n * LAYER + (LAYER - 1) / 2;
    gather(layer, columns, box, sums);
    for (let y = box.top; y < box.bottom; y++)
      for (let x = box.left; x < box.right; x++) {
        const score = sums[y * columns + x]! / r;
        if (score > LEAST_SCORE && isPeak(sums, columns, y * columns + x))
          found.push({ x: 2 * x + 0.5, y: 2 * y + 0.5, r, score });
      }
  });
  found.sort((a, b) => b.score - a.score);
  const kept: RingGuess[] = [];
  for (const guess of found) {
    if (kept.length === MAX_GUESSES) break;
    const near = ({ x, y, r }: RingGuess): boolean =>
      Math.hypot(x - guess.x, y - guess.y) < 5 && Math.abs(r - guess.r) < 4;
    if (!kept.some(near)) kept.push(guess);
  }
  return kept;
}

/** Among the eight places around; of equal ones the first. */
function isPeak(sums: Uint32Array, columns: number, at: number): boolean {
  const own = sums[at]!;
  if (sums[at - 1]! >= own || sums[at + 1]! > own) return false;
  for (let step = columns - 1; step <= columns + 1; step++)
    if (sums[at - step]! >= own || sums[at + step]! > own) return false;
  return true;
}

function gather(
  layer: Uint16Array,
  columns: number,
  { left, right, top, bottom }: PixelBox,
  sums: Uint32Array,
): void {
  for (let y = top; y < bottom; y++) {
    const row = y * columns;
    const down = (x: number): number =>
      layer[row - columns + x]! + layer[row + x]! + layer[row + columns + x]!;
    let [before, here] = [down(left - 1), down(left)];
    for (let x = left; x < right; x++) {
      const next = down(x + 1);
      sums[row + x] = before + here + next;
      before = here;
      here = next;
    }
  }
}
