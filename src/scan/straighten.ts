import type { PageBox } from '../rules/scan-facts.ts';
import type { Raster } from './raster.ts';

/** A page in grey, its red ink gone and its lines level, and the way back to the page as it came. */
export interface Straight {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
  onPage(box: { left: number; top: number; right: number; bottom: number }): PageBox;
}

/** Scanners feed paper no more askew than this, in degrees. */
const MOST = 4;
const STEP = 0.25;

export function straighten(page: Raster, pxPerMm: number): Straight {
  const grey = withoutRed(page);
  const angle = (skew(grey, page.width, page.height, Math.max(1, Math.round(pxPerMm / 3))) * Math.PI) / 180;
  const { width, height } = page;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [cx, cy] = [width / 2, height / 2];
  const data = angle === 0 ? grey : turned(grey, width, height, cos, sin);
  return {
    width,
    height,
    data,
    onPage({ left, top, right, bottom }) {
      const [dx, dy] = [(left + right) / 2 - cx, (top + bottom) / 2 - cy];
      const [x, y] = [cx + dx * cos - dy * sin, cy + dx * sin + dy * cos];
      const [w, h] = [right - left, bottom - top];
      return { x: (x - w / 2) / width, y: (y - h / 2) / height, width: w / width, height: h / height };
    },
  };
}

/** In the red channel red ink is as bright as paper, so a seal hides no words; blue and black ink stay dark. */
function withoutRed({ data }: Raster): Uint8Array {
  const grey = new Uint8Array(data.length / 3);
  for (let n = 0, at = 0; n < grey.length; n++, at += 3) grey[n] = data[at]!;
  return grey;
}

/** The angle (degrees, clockwise) at which dark pixels gather in the fewest rows. */
function skew(grey: Uint8Array, width: number, height: number, step: number): number {
  const xs: number[] = [];
  const ys: number[] = [];
  for (let y = 0; y < height; y += step)
    for (let x = 0; x < width; x += step)
      if (grey[y * width + x]! < 110) {
        xs.push((x - width / 2) / step);
        ys.push(y / step);
      }
  let best = { angle: 0, score: rowsScore(xs, ys, 0, height / step) };
  for (let angle = -MOST; angle <= MOST; angle += STEP) {
    const score = rowsScore(xs, ys, Math.tan((angle * Math.PI) / 180), height / step);
    // A level page must not be turned for a trace of difference.
    if (score > best.score * 1.02) best = { angle, score };
  }
  return best.angle;
}

function rowsScore(xs: readonly number[], ys: readonly number[], slope: number, height: number): number {
  const rows = new Float64Array(Math.ceil(height) * 2 + 2);
  const middle = Math.ceil(height / 2);
  for (let n = 0; n < xs.length; n++) {
    const row = Math.round(ys[n]! - xs[n]! * slope) + middle;
    if (row >= 0 && row < rows.length) rows[row]!++;
  }
  return rows.reduce((sum, count) => sum + count * count, 0);
}

/** Turned about the middle; each place takes the mean of the four pixels it falls between. */
function turned(grey: Uint8Array, width: number, height: number, cos: number, sin: number): Uint8Array {
  const out = new Uint8Array(grey.length).fill(255);
  const [cx, cy] = [width / 2, height / 2];
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++, at++) {
      const u = cx + (x - cx) * cos - (y - cy) * sin;
      const v = cy + (x - cx) * sin + (y - cy) * cos;
      const [i, j] = [Math.floor(u), Math.floor(v)];
      if (i < 0 || j < 0 || i + 1 >= width || j + 1 >= height) continue;
      const [s, t] = [u - i, v - j];
      const from = j * width + i;
      const top = grey[from]! * (1 - s) + grey[from + 1]! * s;
      const bottom = grey[from + width]! * (1 - s) + grey[from + width + 1]! * s;
      out[at] = top * (1 - t) + bottom * t;
    }
  return out;
}
