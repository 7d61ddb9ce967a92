/** Hues from 36° on the blue side (pinkish pads, scanners) to 21° on the yellow side; brown and orange lie beyond. */
const TO_BLUE = 0.6;
const TO_YELLOW = 0.35;
/** Strong ink must not count for more than three times as much as faint ink. */
const CAP = 90;

/** Redness of one whitened pixel: 0 for every other colour. */
export function redness(r: number, g: number, b: number): number {
  const value = r - (g + b) / 2;
  if (value <= 4) return 0;
  if (b > g ? b - g > TO_BLUE * (r - g) : g - b > TO_YELLOW * (r - b)) return 0;
  return value > CAP ? CAP : value;
}

/** Red below this is never taken for ink, on however clean a page. */
export const LEAST_INK = 9;
