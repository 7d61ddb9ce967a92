import type { Raster } from './raster.ts';

/** Differences of the channels up to this are compression, not colour. */
const COLOURLESS = 14;
/** 0.05 % of an A4 page are 31 mm²: less than any seal, even a faint one. */
const COLOURED_SHARE = 0.0005;
/** Of black-and-white pixels a renderer leaves a few in between. */
const BETWEEN_SHARE = 0.01;

/** Rows enough to see every seal many times over. */
const ROWS_LOOKED_AT = 300;

/** Told from the pixels as they came. A page without any colour can hold no red seal, whatever its file says. */
export function colourOf({ width, height, data }: Raster): 'colour' | 'grey' | 'bilevel' {
  const every = Math.max(1, Math.floor(height / ROWS_LOOKED_AT));
  const pixels = width * Math.ceil(height / every);
  const enough = pixels * COLOURED_SHARE;
  let coloured = 0;
  let between = 0;
  for (let y = 0; y < height; y += every) {
    const end = (y + 1) * width * 3;
    for (let at = y * width * 3; at < end; at += 3) {
      const r = data[at]!;
      const g = data[at + 1]!;
      const b = data[at + 2]!;
      const most = r > g ? (r > b ? r : b) : g > b ? g : b;
      const least = r < g ? (r < b ? r : b) : g < b ? g : b;
      if (most - least > COLOURLESS) coloured++;
      if (most > 30 && least < 225) between++;
    }
    if (coloured > enough) return 'colour';
  }
  return between > pixels * BETWEEN_SHARE ? 'grey' : 'bilevel';
}

/** Levels this far apart are print and paper; nearer ones may be the paper's own. */
const APART = 24;

/** No pixel differs from the others by more than a trace: nothing was printed, or the renderer drew nothing. */
export function isBlank({ width, height, data }: Raster): boolean {
  const counts = new Uint32Array(256);
  // 12 mm² of an A4 page: fewer dark pixels than one line of print. Every second row tells the same.
  const few = width * Math.ceil(height / 2) * 0.0002;
  for (let y = 0; y < height; y += 2) {
    for (let at = y * width * 3 + 1, end = (y + 1) * width * 3; at < end; at += 3) counts[data[at]!]!++;
    // Most pages are known for written on after their heading.
    if (y % 128 === 126 && isWritten(counts, few)) return false;
  }
  const usual = counts.indexOf(counts.reduce((a, b) => Math.max(a, b), 0));
  let unusual = 0;
  counts.forEach((count, level) => {
    if (Math.abs(level - usual) > APART) unusual += count;
  });
  return unusual < few;
}

/** Enough dark and enough bright pixels, far apart: whichever level turns out the usual one, the others are many. */
function isWritten(counts: Uint32Array, enough: number): boolean {
  let [dark, bright] = [0, 0];
  let [low, high] = [0, 255];
  for (; low < 255 && dark < enough; low++) dark += counts[low]!;
  for (; high > 0 && bright < enough; high--) bright += counts[high]!;
  return high - low > 2 * APART;
}
