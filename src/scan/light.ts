import type { PixelBox, Raster } from './raster.ts';

/** The side of the fields whose paper colour is measured: light changes slowly, and a field must hold some paper. */
const FIELD_MM = 8;
/** Share of a field's pixels that may be brighter than what counts as its paper (speckles, glare). */
const BRIGHTER = 0.1;

/** What the pixels of each field must be multiplied with so that its paper is white. */
export interface Light {
  /** Pixels a field is wide and high; the last column and row take what is left over. */
  readonly side: number;
  readonly columns: number;
  readonly rows: number;
  /** Red, green and blue of each field, row by row; holds in the field's middle. */
  readonly gain: Float32Array;
}

/** How the light falls on the page: lamps, the shade of a telephone, yellow paper. */
export function lightOf(page: Raster, pxPerMm: number): Light {
  const side = Math.max(4, Math.round(FIELD_MM * pxPerMm));
  const columns = Math.max(1, Math.round(page.width / side));
  const rows = Math.max(1, Math.round(page.height / side));
  return { side, columns, rows, gain: gains(paperColours(page, side, columns, rows), columns, rows) };
}

/** Of each field the brightness in red, green and blue that only a tenth of it exceeds. */
function paperColours(page: Raster, side: number, columns: number, rows: number): Float32Array {
  const paper = new Float32Array(columns * rows * 3);
  const counts = new Uint16Array(256 * 3);
  const { width, height, data } = page;
  for (let j = 0; j < rows; j++)
    for (let i = 0; i < columns; i++) {
      counts.fill(0);
      let seen = 0;
      const [endY, endX] = [Math.min(height, (j + 1) * side), Math.min(width, (i + 1) * side)];
      // Every second pixel of every second row tells the same.
      for (let y = j * side; y < endY; y += 2) {
        const end = (y * width + endX) * 3;
        for (let at = (y * width + i * side) * 3; at < end; at += 6, seen++) {
          counts[data[at]!]!++;
          counts[256 + data[at + 1]!]!++;
          counts[512 + data[at + 2]!]!++;
        }
      }
      for (let c = 0; c < 3; c++) {
        let brighter = 0;
        let level = 255;
        while (level > 0 && (brighter += counts[c * 256 + level]!) <= seen * BRIGHTER) level--;
        paper[(j * columns + i) * 3 + c] = level;
      }
    }
  return paper;
}

/** How far the paper's tone may change across a page. */
const MOST_TONE = 0.9;

/**
 * A field full of print borrows its paper from the brightest neighbour. One whose paper seems coloured otherwise than
 * the rest of the page lies inside a printed red disc: whitened by itself the disc would look hollow.
 */
function gains(paper: Float32Array, columns: number, rows: number): Float32Array {
  const tone = usualTone(paper);
  const gain = new Float32Array(paper.length);
  for (let j = 0, n = 0; j < rows; j++)
    for (let i = 0; i < columns; i++)
      for (let c = 0; c < 3; c++, n++) {
        let [best, light] = [0, 40];
        for (let nj = Math.max(0, j - 1); nj <= Math.min(rows - 1, j + 1); nj++)
          for (let ni = Math.max(0, i - 1); ni <= Math.min(columns - 1, i + 1); ni++) {
            const at = (nj * columns + ni) * 3;
            best = Math.max(best, paper[at + c]!);
            light = Math.max(light, paper[at]!, paper[at + 1]!, paper[at + 2]!);
          }
        gain[n] = 255 / Math.max(best, light * tone[c]! * MOST_TONE);
      }
  return gain;
}

/** Each channel's usual share of the brightest one: 1, 0.97, 0.9 is yellowish paper. */
function usualTone(paper: Float32Array): number[] {
  return [0, 1, 2].map((c) => {
    const shares = new Float32Array(paper.length / 3);
    for (let n = 0, at = 0; n < shares.length; n++, at += 3)
      shares[n] = paper[at + c]! / Math.max(1, paper[at]!, paper[at + 1]!, paper[at + 2]!);
    return shares.sort()[shares.length >> 1]!;
  });
}

/**
 * A part of the page (whole pixels inside it) as if its paper were white, so that yellow paper and lamps do not turn
 * into colour. Between the middles of the fields the light is interpolated.
 */
export function whiten(page: Raster, light: Light, box: PixelBox): Raster {
  const [width, height] = [box.right - box.left, box.bottom - box.top];
  const white = new Uint8Array(width * height * 3);
  const { side, columns, rows, gain } = light;
  const row = new Float32Array(columns * 3);
  for (let y = box.top, to = 0; y < box.bottom; y++) {
    const down = Math.max(0, Math.min(rows - 1, y / side - 0.5));
    const above = Math.floor(down);
    lineBetween(gain, above * row.length, Math.min(rows - 1, above + 1) * row.length, down - above, row);
    let from = (y * page.width + box.left) * 3;
    for (let x = box.left; x < box.right; x++, from += 3, to += 3) {
      let place = x / side - 0.5;
      place = place < 0 ? 0 : place > columns - 1 ? columns - 1 : place;
      const left = place | 0;
      const l = left * 3;
      const r = left < columns - 1 ? l + 3 : l;
      const s = place - left;
      const red = page.data[from]! * (row[l]! + (row[r]! - row[l]!) * s);
      const green = page.data[from + 1]! * (row[l + 1]! + (row[r + 1]! - row[l + 1]!) * s);
      const blue = page.data[from + 2]! * (row[l + 2]! + (row[r + 2]! - row[l + 2]!) * s);
      white[to] = red > 255 ? 255 : red;
      white[to + 1] = green > 255 ? 255 : green;
      white[to + 2] = blue > 255 ? 255 : blue;
    }
  }
  return { width, height, data: white };
}

function lineBetween(
  gain: Float32Array,
  above: number,
  below: number,
  share: number,
  line: Float32Array,
): void {
  for (let i = 0; i < line.length; i++) line[i] = gain[above + i]! * (1 - share) + gain[below + i]! * share;
}
