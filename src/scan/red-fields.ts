import type { Light } from './light.ts';
import type { PixelBox, Raster } from './raster.ts';
import { LEAST_INK, redness } from './redness.ts';

/** The fields of a page in which something red may stand. */
export interface RedFields {
  readonly side: number;
  readonly columns: number;
  readonly rows: number;
  /** 1 = look here. */
  readonly on: Uint8Array;
}

/**
 * So many red ones among every fourth pixel of a field (256 of 8 × 8 mm): a ring's line that crosses it leaves some
 * twenty, compression one or two.
 */
const ENOUGH = 3;

/**
 * A first look at every fourth pixel. On most pages nine tenths of the paper carry nothing red, and all that follows
 * need not touch them. What borders on a red field is looked at too: a line may just reach into it.
 */
export function redFields({ width, height, data }: Raster, { side, columns, rows, gain }: Light): RedFields {
  const red = new Uint8Array(columns * rows);
  for (let j = 0; j < rows; j++)
    for (let i = 0; i < columns; i++) {
      const n = j * columns + i;
      const [r, g, b] = [gain[n * 3]!, gain[n * 3 + 1]!, gain[n * 3 + 2]!];
      const endX = i === columns - 1 ? width : (i + 1) * side;
      const endY = j === rows - 1 ? height : (j + 1) * side;
      let found = 0;
      for (let y = j * side; y < endY && found < ENOUGH; y += 2)
        for (let at = (y * width + i * side) * 3, end = (y * width + endX) * 3; at < end; at += 6) {
          const bright = data[at]! * r;
          const green = data[at + 1]! * g;
          // Nearly every pixel ends here.
          if (bright - green < LEAST_INK) continue;
          const blue = data[at + 2]! * b;
          if (redness(Math.min(255, bright), Math.min(255, green), Math.min(255, blue)) >= LEAST_INK) found++;
        }
      if (found >= ENOUGH) red[n] = 1;
    }
  return { side, columns, rows, on: withNeighbours(red, columns, rows) };
}

function withNeighbours(red: Uint8Array, columns: number, rows: number): Uint8Array {
  const on = new Uint8Array(red.length);
  for (let j = 0; j < rows; j++)
    for (let i = 0; i < columns; i++) {
      if (red[j * columns + i] === 0) continue;
      for (let nj = Math.max(0, j - 1); nj <= Math.min(rows - 1, j + 1); nj++)
        on.fill(1, nj * columns + Math.max(0, i - 1), nj * columns + Math.min(columns, i + 2));
    }
  return on;
}

/** The red fields as boxes: those side by side in one row are one. `width`, `height`: pixels of the page. */
export function runsOf({ side, columns, rows, on }: RedFields, width: number, height: number): PixelBox[] {
  const boxes: PixelBox[] = [];
  for (let j = 0; j < rows; j++)
    for (let i = 0; i < columns; i++) {
      if (on[j * columns + i] === 0) continue;
      const first = i;
      while (i < columns && on[j * columns + i] === 1) i++;
      boxes.push({
        left: first * side,
        right: i === columns ? width : i * side,
        top: j * side,
        bottom: j === rows - 1 ? height : (j + 1) * side,
      });
    }
  return boxes;
}
