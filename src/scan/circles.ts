import type { RedMap } from './red.ts';

/** A place where a round ring may stand; pixels of the red map. */
export interface RingGuess {
  readonly x: number;
  readonly y: number;
  readonly r: number;
}

/** More edges than this are no seal on paper but a red picture; the strongest are taken. */
const MAX_EDGES = 40_000;
const MAX_GUESSES = 14;

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
}

function halved({ width, height, data }: RedMap): Half {
  const [w, h] = [width >> 1, height >> 1];
  const out = new Int16Array(w * h);
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++) {
      const at = y * 2 * width + x * 2;
      out[y * w + x] = data[at]! + data[at + 1]! + data[at + width]! + data[at + width + 1]!;
    }
  return { width: w, height: h, data: out };
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
function edgesOf({ width, height, data }: Half, threshold: number): Edges {
  const places = width * height;
  const [x, y] = [new Int16Array(places), new Int16Array(places)];
  const [dx, dy, strength] = [new Float32Array(places), new Float32Array(places), new Float32Array(places)];
  const least = threshold * 6;
  let count = 0;
  for (let j = 1; j < height - 1; j++)
    for (let i = 1; i < width - 1; i++) {
      const at = j * width + i;
      const [a, b, c] = [data[at - width - 1]!, data[at - width]!, data[at - width + 1]!];
      const [d, e] = [data[at - 1]!, data[at + 1]!];
      const [f, g, h] = [data[at + width - 1]!, data[at + width]!, data[at + width + 1]!];
      const gx = c + 2 * e + h - a - 2 * d - f;
      const gy = f + 2 * g + h - a - 2 * b - c;
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
  readonly width: number;
  readonly height: number;
  readonly low: number;
  readonly layers: readonly Uint16Array[];
}

/** Radii two pixels apart share a layer: a ring's two edges then meet in it. */
const LAYER = 3;

function vote(edges: Edges, width: number, height: number, low: number, high: number): Votes {
  const layers = Array.from(
    { length: Math.ceil((high - low + 1) / LAYER) },
    () => new Uint16Array(width * height),
  );
  for (let n = 0; n < edges.count; n++) {
    const [x, y, dx, dy] = [edges.x[n]!, edges.y[n]!, edges.dx[n]!, edges.dy[n]!];
    for (let r = low; r <= high; r++) {
      const layer = layers[((r - low) / LAYER) | 0]!;
      for (let sign = -1; sign <= 1; sign += 2) {
        const cx = (x + sign * r * dx + 0.5) | 0;
        const cy = (y + sign * r * dy + 0.5) | 0;
        if (cx >= 0 && cy >= 0 && cx < width && cy < height) layer[cy * width + cx]!++;
      }
    }
  }
  return { width, height, low, layers };
}

/** Edges of a ring point past its centre by some degrees, so votes are gathered from this far (pixels). */
const SPREAD = 3;

function peaks({ width, height, low, layers }: Votes): RingGuess[] {
  const found: (RingGuess & { score: number })[] = [];
  const gather = gatherer(width, height);
  layers.forEach((layer, n) => {
    const r = low + n * LAYER + (LAYER - 1) / 2;
    const sums = gather(layer);
    for (let y = SPREAD; y < height - SPREAD; y += 2)
      for (let x = SPREAD; x < width - SPREAD; x += 2) {
        const score = sums[y * width + x]! / r;
        if (score > 0.6 && isPeak(sums, width, y * width + x)) found.push({ x, y, r, score });
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

/** Among the places two pixels away; of equal ones the first. */
function isPeak(sums: Int32Array, width: number, at: number): boolean {
  const own = sums[at]!;
  for (const step of [2, 2 * width - 2, 2 * width, 2 * width + 2])
    if (sums[at - step]! >= own || sums[at + step]! > own) return false;
  return true;
}

/**
 * Sums over squares of 2·SPREAD+1 pixels. The planes are used again for every layer: what a layer does not write (the
 * last columns and rows) no layer writes.
 */
function gatherer(width: number, height: number): (layer: Uint16Array) => Int32Array {
  const [across, out] = [new Int32Array(width * height), new Int32Array(width * height)];
  const sums = new Int32Array(width);
  return (layer) => {
    for (let y = 0; y < height; y++) {
      let sum = 0;
      const row = y * width;
      for (let x = 0; x < width; x++) {
        sum += layer[row + x]! - (x > 2 * SPREAD ? layer[row + x - 2 * SPREAD - 1]! : 0);
        if (x >= SPREAD) across[row + x - SPREAD] = sum;
      }
    }
    // Row by row with one sum for each column: walking down the columns would miss the cache at every step.
    sums.fill(0);
    for (let y = 0; y < height; y++) {
      const row = y * width;
      const gone = y > 2 * SPREAD ? row - (2 * SPREAD + 1) * width : -1;
      for (let x = 0; x < width; x++) {
        sums[x]! += across[row + x]! - (gone < 0 ? 0 : across[gone + x]!);
        if (y >= SPREAD) out[row - SPREAD * width + x] = sums[x]!;
      }
    }
    return out;
  };
}
