import type { Plane, Raster } from './raster.ts';

/** How red each pixel of a whitened page is. */
export interface RedMap extends Plane {
  /** From here on red is ink and not noise. */
  readonly threshold: number;
}

/** Hues from 36° on the blue side (pinkish pads, scanners) to 21° on the yellow side; brown and orange lie beyond. */
const TO_BLUE = 0.6;
const TO_YELLOW = 0.35;
/** Strong ink must not count for more than three times as much as faint ink. */
const CAP = 90;

/** `onPaper` tells of each pixel whether it is paper; where it is not, nothing counts. */
export function redMap({ width, height, data }: Raster, onPaper?: Uint8Array): RedMap {
  const red = new Uint8Array(width * height);
  for (let n = 0, at = 0; n < red.length; n++, at += 3) {
    const r = data[at]!;
    const g = data[at + 1]!;
    const b = data[at + 2]!;
    const value = r - (g + b) / 2;
    if (value <= 4 || (onPaper !== undefined && onPaper[n] === 0)) continue;
    if (b > g ? b - g <= TO_BLUE * (r - g) : g - b <= TO_YELLOW * (r - b)) red[n] = value > CAP ? CAP : value;
  }
  const smooth = blur({ width, height, data: red });
  return { ...smooth, threshold: threshold(smooth, onPaper) };
}

/** Mean of 3 × 3 pixels. */
function blur({ width, height, data }: Plane): Plane {
  const across = new Uint16Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let x = 1; x < width - 1; x++)
      across[row + x] = data[row + x - 1]! + data[row + x]! + data[row + x + 1]!;
  }
  const out = new Uint8Array(width * height);
  for (let y = 1; y < height - 1; y++) {
    const row = y * width;
    for (let x = 0; x < width; x++)
      out[row + x] = (across[row + x - width]! + across[row + x]! + across[row + x + width]!) / 9;
  }
  return { width, height, data: out };
}

/** Most of any page is no red ink: three times what four fifths of its pixels stay below is more than noise. */
function threshold({ data }: Plane, onPaper?: Uint8Array): number {
  const counts = new Uint32Array(256);
  for (let n = 0; n < data.length; n++) if (onPaper === undefined || onPaper[n] === 1) counts[data[n]!]!++;
  const paper = counts.reduce((sum, count) => sum + count, 0);
  let level = 0;
  for (let seen = counts[0]!; seen < paper * 0.8; seen += counts[level]!) level++;
  return Math.max(9, Math.min(40, level * 3));
}
