/** Chance of a known seed (mulberry32): the same page on every machine. */
export interface Chance {
  /** 0 ≤ x < 1 */
  next(): number;
  between(low: number, high: number): number;
  whole(low: number, high: number): number;
  yes(probability: number): boolean;
  pick<T>(from: readonly T[]): T;
  /** Mean 0, standard deviation 1. */
  normal(): number;
}

export function chance(seed: number): Chance {
  let state = Math.imul(seed, 0x9e3779b1) >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const between = (low: number, high: number): number => low + (high - low) * next();
  return {
    next,
    between,
    whole: (low, high) => Math.floor(between(low, high + 1)),
    yes: (probability) => next() < probability,
    pick: (from) => from[Math.floor(next() * from.length)]!,
    normal: () => Math.sqrt(-2 * Math.log(next() + 1e-12)) * Math.cos(2 * Math.PI * next()),
  };
}

/** Smooth noise of 0 to 1 over a plane, `cell` units from bump to bump. */
export function cloud(random: Chance, cell: number): (x: number, y: number) => number {
  const SIDE = 64;
  const lattice = Float32Array.from({ length: SIDE * SIDE }, () => random.next());
  const at = (i: number, j: number): number => lattice[(j & (SIDE - 1)) * SIDE + (i & (SIDE - 1))]!;
  return (x, y) => {
    const [u, v] = [x / cell, y / cell];
    const [i, j] = [Math.floor(u), Math.floor(v)];
    const [s, t] = [ease(u - i), ease(v - j)];
    const top = at(i, j) * (1 - s) + at(i + 1, j) * s;
    const bottom = at(i, j + 1) * (1 - s) + at(i + 1, j + 1) * s;
    return top * (1 - t) + bottom * t;
  };
}

const ease = (t: number): number => t * t * (3 - 2 * t);
