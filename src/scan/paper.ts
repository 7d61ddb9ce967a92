import type { Raster } from './raster.ts';

/** The side of the fields whose paper colour is measured: light changes slowly, and a field must hold some paper. */
const FIELD_MM = 8;
/** Share of a field's pixels that may be brighter than what counts as its paper (speckles, glare). */
const BRIGHTER = 0.1;

/**
 * The page as if its paper were white everywhere, so that yellow paper, lamps and the shade of a telephone do not
 * turn into colour. Between the fields the paper's colour is interpolated.
 */
export function whiten(page: Raster, pxPerMm: number): Raster {
  const side = Math.max(4, Math.round(FIELD_MM * pxPerMm));
  const { gain, columns, rows } = gains(page, side);
  const { width, height } = page;
  const data = new Uint8Array(page.data.length);
  const between = (n: number, fields: number) => {
    const place = Math.max(0, Math.min(fields - 1, n / side - 0.5));
    const first = Math.floor(place);
    return { first, second: Math.min(fields - 1, first + 1), share: place - first };
  };
  const across = Array.from({ length: width }, (_, x) => between(x, columns));
  const left = Int32Array.from(across, ({ first }) => first * 3);
  const right = Int32Array.from(across, ({ second }) => second * 3);
  const share = Float32Array.from(across, (place) => place.share);
  const row = new Float32Array(columns * 3);
  for (let y = 0, at = 0; y < height; y++) {
    const down = between(y, rows);
    for (let i = 0; i < row.length; i++)
      row[i] =
        gain[down.first * row.length + i]! * (1 - down.share) +
        gain[down.second * row.length + i]! * down.share;
    for (let x = 0; x < width; x++, at += 3) {
      const l = left[x]!;
      const r = right[x]!;
      const s = share[x]!;
      const red = page.data[at]! * (row[l]! + (row[r]! - row[l]!) * s);
      const green = page.data[at + 1]! * (row[l + 1]! + (row[r + 1]! - row[l + 1]!) * s);
      const blue = page.data[at + 2]! * (row[l + 2]! + (row[r + 2]! - row[l + 2]!) * s);
      data[at] = red > 255 ? 255 : red;
      data[at + 1] = green > 255 ? 255 : green;
      data[at + 2] = blue > 255 ? 255 : blue;
    }
  }
  return { width, height, data };
}

/** What each field's red, green and blue must be multiplied with to make its paper white. */
function gains(page: Raster, side: number) {
  const columns = Math.max(1, Math.round(page.width / side));
  const rows = Math.max(1, Math.round(page.height / side));
  const paper = new Float32Array(columns * rows * 3);
  const counts = new Uint16Array(256 * 3);
  for (let j = 0; j < rows; j++)
    for (let i = 0; i < columns; i++) {
      counts.fill(0);
      let seen = 0;
      const [endY, endX] = [Math.min(page.height, (j + 1) * side), Math.min(page.width, (i + 1) * side)];
      // Every second pixel of every second row tells the same.
      for (let y = j * side; y < endY; y += 2)
        for (let x = i * side; x < endX; x += 2, seen++) {
          const at = (y * page.width + x) * 3;
          for (let c = 0; c < 3; c++) counts[c * 256 + page.data[at + c]!]!++;
        }
      for (let c = 0; c < 3; c++) {
        let brighter = 0;
        let level = 255;
        while (level > 0 && (brighter += counts[c * 256 + level]!) <= seen * BRIGHTER) level--;
        paper[(j * columns + i) * 3 + c] = level;
      }
    }
  const tone = usualTone(paper);
  // A field full of print borrows its paper from the brightest neighbour. One whose paper seems coloured otherwise
  // than the rest of the page lies inside a printed red disc: whitened by itself the disc would look hollow.
  const gain = Float32Array.from(paper, (_, n) => {
    const [c, i, j] = [n % 3, Math.floor(n / 3) % columns, Math.floor(n / 3 / columns)];
    let [best, light] = [0, 40];
    for (let dj = -1; dj <= 1; dj++)
      for (let di = -1; di <= 1; di++) {
        const [ni, nj] = [i + di, j + dj];
        if (ni < 0 || nj < 0 || ni >= columns || nj >= rows) continue;
        const at = (nj * columns + ni) * 3;
        best = Math.max(best, paper[at + c]!);
        light = Math.max(light, paper[at]!, paper[at + 1]!, paper[at + 2]!);
      }
    return 255 / Math.max(best, light * tone[c]! * MOST_TONE);
  });
  return { gain, columns, rows };
}

/** How far the paper's tone may change across a page. */
const MOST_TONE = 0.9;

/** Each channel's usual share of the brightest one: 1, 0.97, 0.9 is yellowish paper. */
function usualTone(paper: Float32Array): number[] {
  const shares: number[][] = [[], [], []];
  for (let at = 0; at < paper.length; at += 3) {
    const light = Math.max(1, paper[at]!, paper[at + 1]!, paper[at + 2]!);
    for (let c = 0; c < 3; c++) shares[c]!.push(paper[at + c]! / light);
  }
  return shares.map((values) => values.sort((a, b) => a - b)[values.length >> 1]!);
}

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
  let coloured = 0;
  let between = 0;
  let pixels = 0;
  const every = Math.max(1, Math.floor(height / ROWS_LOOKED_AT));
  for (let y = 0; y < height; y += every) {
    pixels += width;
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
  }
  if (coloured > pixels * COLOURED_SHARE) return 'colour';
  return between > pixels * BETWEEN_SHARE ? 'grey' : 'bilevel';
}

/** No pixel differs from the others by more than a trace: nothing was printed, or the renderer drew nothing. */
export function isBlank({ width, height, data }: Raster): boolean {
  const counts = new Uint32Array(256);
  // Every second row tells the same.
  for (let y = 0; y < height; y += 2)
    for (let at = y * width * 3 + 1, end = (y + 1) * width * 3; at < end; at += 3) counts[data[at]!]!++;
  const pixels = width * Math.ceil(height / 2);
  const usual = counts.indexOf(counts.reduce((a, b) => Math.max(a, b), 0));
  let unusual = 0;
  counts.forEach((count, level) => {
    if (Math.abs(level - usual) > 24) unusual += count;
  });
  // 12 mm² of an A4 page: fewer dark pixels than one line of print.
  return unusual < pixels * 0.0002;
}
