import type { RingGuess } from './circles.ts';
import type { RedMap } from './red.ts';

/** A ring as measured around one guess. Lengths in pixels of the map, shares from 0 to 1. */
export interface Ring {
  readonly x: number;
  readonly y: number;
  /** Mean radius of the ring's outer edge. */
  readonly r: number;
  /** How far the red of the outermost line reaches inwards without a gap, in the middle one of all directions. */
  readonly thickness: number;
  /** Share of the directions inside the picture in which the line is there. */
  readonly coverage: number;
  /** Share of all directions that lie inside the picture. */
  readonly inside: number;
  /** Standard deviation of the line from an ellipse, and how far from a circle that ellipse is (0 = circle). */
  readonly wobble: number;
  readonly flattening: number;
  /** Mean redness of the line. */
  readonly strength: number;
  /** Share of red in the band where a seal carries words, in the middle, and just outside. */
  readonly band: number;
  readonly middle: number;
  readonly outside: number;
  /** How often the word band changes between red and not red, once round. */
  readonly changes: number;
}

const ANGLES = 180;
const COS = Float32Array.from({ length: ANGLES }, (_, n) => Math.cos((n * 2 * Math.PI) / ANGLES));
const SIN = Float32Array.from({ length: ANGLES }, (_, n) => Math.sin((n * 2 * Math.PI) / ANGLES));

/**
 * Moves each guess to the centre and radius where the ring is clearest, then measures it; several guesses that end in
 * one place are one ring.
 */
export function measureRings(map: RedMap, guesses: readonly RingGuess[], low: number, high: number): Ring[] {
  const polar = new Polar(map);
  const centred = new Map<string, RingGuess>();
  for (const guess of guesses) {
    const place = climb(polar, guess, low, high);
    centred.set(`${place.x} ${place.y} ${place.r}`, place);
  }
  return [...centred.values()].map((place) => describe(polar, followLine(polar, place)));
}

/** Reads the map around a centre. Outside the picture nothing is known: -1. */
class Polar {
  readonly #map: RedMap;
  readonly threshold: number;
  constructor(map: RedMap) {
    this.#map = map;
    this.threshold = map.threshold;
  }

  at(x: number, y: number, r: number, angle: number): number {
    const { width, height, data } = this.#map;
    const px = (x + r * COS[angle]! + 0.5) | 0;
    const py = (y + r * SIN[angle]! + 0.5) | 0;
    return px < 0 || py < 0 || px >= width || py >= height ? -1 : data[py * width + px]!;
  }

  /** Mean redness, each place counted up to the cap, over the directions inside the picture. */
  meanOn(x: number, y: number, r: number, cap: number): number {
    let sum = 0;
    let seen = 0;
    for (let angle = 0; angle < ANGLES; angle += 2) {
      const value = this.at(x, y, r, angle);
      if (value < 0) continue;
      seen++;
      sum += value > cap ? cap : value;
    }
    return seen < ANGLES / 5 ? 0 : sum / seen;
  }
}

const STEPS = [4, 2, 1];

function climb(polar: Polar, guess: RingGuess, low: number, high: number): RingGuess {
  const cap = polar.threshold * 3;
  const best = { ...guess, score: -1 };
  const tryAt = (x: number, y: number, r: number): void => {
    if (r < low - 2 || r > high + 2) return;
    const score = polar.meanOn(x, y, r, cap);
    if (score > best.score) Object.assign(best, { x, y, r, score });
  };
  for (let r = guess.r - 5; r <= guess.r + 5; r++) tryAt(guess.x, guess.y, r);
  for (const step of STEPS)
    for (let round = 0; round < 4; round++) {
      const { x, y, r, score } = best;
      for (const [dx, dy] of [
        [step, 0],
        [-step, 0],
        [0, step],
        [0, -step],
      ] as const)
        for (let dr = -step; dr <= step; dr += step) tryAt(x + dx, y + dy, r + dr);
      if (best.score === score) break;
    }
  return outermost(polar, best, high, cap);
}

/** Of several rings round one centre the outermost clear one is the seal's edge. */
function outermost(polar: Polar, best: RingGuess & { score: number }, high: number, cap: number): RingGuess {
  for (let r = Math.floor(high); r > best.r + 1; r--) {
    const score = polar.meanOn(best.x, best.y, r, cap);
    const isLine =
      score >= polar.meanOn(best.x, best.y, r + 1, cap) && score >= polar.meanOn(best.x, best.y, r - 1, cap);
    if (isLine && score > best.score * 0.72) return { x: best.x, y: best.y, r };
  }
  return best;
}

interface Line {
  readonly x: number;
  readonly y: number;
  readonly r: number;
  /** Radius of the fitted curve in each direction. */
  readonly curve: Float32Array;
  readonly flattening: number;
  readonly wobble: number;
}

/** Finds the line near the circle in each direction and fits r(θ) = r₀ + centre shift + second harmonic (an ellipse). */
function followLine(polar: Polar, { x, y, r }: RingGuess): Line {
  const reach = Math.max(4, r * 0.09);
  const radii = new Float32Array(ANGLES).fill(NaN);
  for (let angle = 0; angle < ANGLES; angle++) {
    let [sum, weight] = [0, 0];
    let top = polar.threshold;
    for (let d = -reach; d <= reach; d++) top = Math.max(top, polar.at(x, y, r + d, angle));
    for (let d = -reach; d <= reach; d++) {
      const value = polar.at(x, y, r + d, angle);
      if (value < top * 0.7) continue;
      // Nearer to the circle counts more: beside the line stand words and a second ring.
      const w = value / (1 + (d * d) / 4);
      sum += w * (r + d);
      weight += w;
    }
    if (weight > 0) radii[angle] = sum / weight;
  }
  const fit = fitHarmonics(radii, r);
  const curve = Float32Array.from({ length: ANGLES }, (_, n) => valueOf(fit.terms, n));
  const [r0, , , a2, b2] = fit.terms;
  return { x, y, r: r0!, curve, flattening: (2 * Math.hypot(a2!, b2!)) / r0!, wobble: fit.deviation };
}

const TERMS = 5;
/** Of each direction: 1, cos θ, sin θ, cos 2θ, sin 2θ. */
const BASIS = Float64Array.from({ length: ANGLES * TERMS }, (_, at) => {
  const n = Math.floor(at / TERMS);
  return [1, COS[n]!, SIN[n]!, COS[(2 * n) % ANGLES]!, SIN[(2 * n) % ANGLES]!][at % TERMS]!;
});

function valueOf(terms: Float64Array, n: number): number {
  let value = 0;
  for (let k = 0; k < TERMS; k++) value += BASIS[n * TERMS + k]! * terms[k]!;
  return value;
}

/** Least squares, repeated with the places that lie far off counting less (Tukey's biweight). */
function fitHarmonics(radii: Float32Array, start: number): { terms: Float64Array; deviation: number } {
  let terms = new Float64Array(TERMS);
  terms[0] = start;
  let deviation = start * 0.06;
  for (let round = 0; round < 4; round++) {
    const limit = Math.max(1.5, deviation * 3);
    const matrix = Array.from({ length: TERMS }, () => new Float64Array(TERMS + 1));
    let [weights, squares] = [0, 0];
    for (let n = 0; n < ANGLES; n++) {
      const radius = radii[n]!;
      const off = radius - valueOf(terms, n);
      // Where no line was found the radius is not a number, and no comparison holds.
      if (!(Math.abs(off) < limit)) continue;
      const w = (1 - (off / limit) ** 2) ** 2;
      weights += w;
      squares += w * off * off;
      for (let i = 0; i < TERMS; i++) {
        const share = w * BASIS[n * TERMS + i]!;
        const line = matrix[i]!;
        for (let j = 0; j < TERMS; j++) line[j]! += share * BASIS[n * TERMS + j]!;
        line[TERMS]! += share * radius;
      }
    }
    if (weights < 20) return { terms, deviation: start };
    deviation = Math.sqrt(squares / weights);
    // A little ridge keeps the bend small where most of the line is missing.
    for (let i = 1; i < TERMS; i++) matrix[i]![i]! += weights * 0.01;
    terms = solve(matrix);
  }
  return { terms, deviation };
}

/** Gaussian elimination of a 5 × 6 system that is positive definite by its ridge. */
function solve(m: Float64Array[]): Float64Array<ArrayBuffer> {
  for (let i = 0; i < TERMS; i++)
    for (let j = i + 1; j < TERMS; j++) {
      const factor = m[j]![i]! / m[i]![i]!;
      for (let k = i; k <= TERMS; k++) m[j]![k]! -= factor * m[i]![k]!;
    }
  const out = new Float64Array(TERMS);
  for (let i = TERMS - 1; i >= 0; i--) {
    let rest = m[i]![TERMS]!;
    for (let k = i + 1; k < TERMS; k++) rest -= m[i]![k]! * out[k]!;
    out[i] = rest / m[i]![i]!;
  }
  return out;
}

function describe(polar: Polar, line: Line): Ring {
  const { x, y, curve, threshold } = { ...line, threshold: polar.threshold };
  let [inside, covered, strength] = [0, 0, 0];
  const share = { band: [0, 0], middle: [0, 0], outside: [0, 0] };
  const count = (where: number[], value: number): void => {
    if (value < 0) return;
    where[1]!++;
    if (value > threshold) where[0]!++;
  };
  const band: number[] = [];
  const runs: number[] = [];
  for (let angle = 0; angle < ANGLES; angle++) {
    const r = curve[angle]!;
    let top = -1;
    for (let d = -2; d <= 2; d++) top = Math.max(top, polar.at(x, y, r + d, angle));
    if (top < 0) continue;
    inside++;
    strength += top;
    if (top > threshold) {
      covered++;
      runs.push(runInwards(polar, line, angle));
    }
    let red = 0;
    for (let part = 0.7; part < 0.9; part += 0.03) {
      const value = polar.at(x, y, r * part, angle);
      count(share.band, value);
      if (value > threshold) red++;
    }
    band.push(red);
    for (let part = 0.06; part < 0.5; part += 0.05) count(share.middle, polar.at(x, y, r * part, angle));
    for (let part = 1.09; part < 1.2; part += 0.03) count(share.outside, polar.at(x, y, r * part, angle));
  }
  const mean = band.reduce((a, b) => a + b, 0) / Math.max(1, band.length);
  const changes = band.filter((red, n) => red > mean !== band.at(n - 1)! > mean).length;
  const part = ([red, seen]: number[]): number => (seen === 0 ? 0 : red! / seen!);
  return {
    x: x + firstHarmonic(curve, COS),
    y: y + firstHarmonic(curve, SIN),
    r: line.r + edge(polar, line),
    thickness: runs.toSorted((a, b) => a - b)[runs.length >> 1] ?? 0,
    coverage: inside === 0 ? 0 : covered / inside,
    inside: inside / ANGLES,
    wobble: line.wobble,
    flattening: line.flattening,
    strength: inside === 0 ? 0 : strength / inside,
    band: part(share.band),
    middle: part(share.middle),
    outside: part(share.outside),
    changes,
  };
}

function runInwards(polar: Polar, { x, y, curve }: Line, angle: number): number {
  let r = curve[angle]! + 2;
  while (r > 0 && polar.at(x, y, r, angle) <= polar.threshold) r--;
  const start = r;
  while (r > 0 && polar.at(x, y, r, angle) > polar.threshold) r--;
  return start - r;
}

/** From the middle of the line outwards to where its mean redness has fallen to half. */
function edge(polar: Polar, { x, y, curve }: Line): number {
  const profile = Array.from({ length: 8 }, (_, step) => {
    let sum = 0;
    for (let angle = 0; angle < ANGLES; angle++)
      sum += Math.max(0, polar.at(x, y, curve[angle]! + step * 0.5, angle));
    return sum;
  });
  const end = profile.findIndex((value) => value < profile[0]! / 2);
  if (end <= 0) return 0;
  const [before, after] = [profile[end - 1]!, profile[end]!];
  return (end - 1 + (before - profile[0]! / 2) / (before - after)) * 0.5;
}

const firstHarmonic = (curve: Float32Array, wave: Float32Array): number =>
  (2 * curve.reduce((sum, r, n) => sum + r * wave[n]!, 0)) / ANGLES;
