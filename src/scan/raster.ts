/** Pixels of a page: RGB, 3 bytes a pixel, rows from the top. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** One value a pixel. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Resolution at which seals are looked for: a ring is 2 to 4 pixels wide; more costs time and carries noise. */
const WORKING_PX_PER_MM = 4;

/** The page at about working resolution (never enlarged) and the pixels a millimetre it then has. */
export function toWorkingSize(page: Raster, pxPerMm: number): { page: Raster; pxPerMm: number } {
  const factor = pxPerMm / WORKING_PX_PER_MM;
  if (factor < 1.2) return { page, pxPerMm };
  const whole = Math.round(factor);
  // 200 dpi is 1.97 times the working resolution: whole blocks are averaged three times as fast.
  if (Math.abs(factor - whole) < 0.08 * whole) return { page: shrink(page, whole), pxPerMm: pxPerMm / whole };
  return { page: resample(page, factor), pxPerMm: WORKING_PX_PER_MM };
}

/** Averages blocks of `factor` × `factor` pixels. */
export function shrink(raster: Raster, factor: number): Raster {
  return factor === 2 ? halve(raster) : shrinkBy(raster, factor);
}

/** The same for 200 dpi, the usual resolution: without the sums in between it takes a third of the time. */
function halve({ width, height, data }: Raster): Raster {
  const [w, h] = [width >> 1, height >> 1];
  const small = new Uint8Array(w * h * 3);
  const line = width * 3;
  for (let y = 0, to = 0; y < h; y++)
    for (let x = 0, from = y * 2 * line; x < w; x++, from += 6, to += 3) {
      const below = from + line;
      small[to] = (data[from]! + data[from + 3]! + data[below]! + data[below + 3]!) >> 2;
      small[to + 1] = (data[from + 1]! + data[from + 4]! + data[below + 1]! + data[below + 4]!) >> 2;
      small[to + 2] = (data[from + 2]! + data[from + 5]! + data[below + 2]! + data[below + 5]!) >> 2;
    }
  return { width: w, height: h, data: small };
}

function shrinkBy({ width, height, data }: Raster, factor: number): Raster {
  const [w, h] = [Math.floor(width / factor), Math.floor(height / factor)];
  const small = new Uint8Array(w * h * 3);
  const sums = new Uint32Array(w * 3);
  const area = factor * factor;
  for (let y = 0; y < h; y++) {
    sums.fill(0);
    for (let row = 0; row < factor; row++) {
      let from = (y * factor + row) * width * 3;
      for (let to = 0; to < sums.length; to += 3)
        for (let n = 0; n < factor; n++, from += 3) {
          sums[to]! += data[from]!;
          sums[to + 1]! += data[from + 1]!;
          sums[to + 2]! += data[from + 2]!;
        }
    }
    const at = y * w * 3;
    for (let i = 0; i < sums.length; i++) small[at + i] = sums[i]! / area;
  }
  return { width: w, height: h, data: small };
}

/** Area average for factors that are no whole number; a source pixel on a border is shared by both sides. */
function resample({ width, height, data }: Raster, factor: number): Raster {
  const [w, h] = [Math.floor(width / factor), Math.floor(height / factor)];
  const small = new Uint8Array(w * h * 3);
  const line = new Float32Array(w * 3);
  const above = new Float32Array(w * 3);
  const below = new Float32Array(w * 3);
  const area = factor * factor;
  for (let y = 0, row = 0; y < height && row < h; y++) {
    averageAcross(data.subarray(y * width * 3, (y + 1) * width * 3), line, factor);
    const inNext = Math.max(0, y + 1 - (row + 1) * factor);
    for (let i = 0; i < line.length; i++) {
      above[i]! += line[i]! * (1 - inNext);
      below[i]! += line[i]! * inNext;
    }
    if (y + 1 < (row + 1) * factor) continue;
    for (let i = 0, at = row * w * 3; i < line.length; i++, at++) small[at] = above[i]! / area;
    above.set(below);
    below.fill(0);
    row++;
  }
  return { width: w, height: h, data: small };
}

function averageAcross(row: Uint8Array, line: Float32Array, factor: number): void {
  line.fill(0);
  for (let x = 0, from = 0, to = 0; to < line.length && from < row.length; x++, from += 3) {
    const inNext = Math.max(0, x + 1 - (to / 3 + 1) * factor);
    for (let c = 0; c < 3; c++) {
      line[to + c]! += row[from + c]! * (1 - inNext);
      if (inNext > 0 && to + 3 < line.length) line[to + 3 + c]! += row[from + c]! * inNext;
    }
    if (x + 1 >= (to / 3 + 1) * factor) to += 3;
  }
}

/** A rectangle in pixels; `crop` keeps what lies inside the picture. */
export interface PixelBox {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export function crop(raster: Raster, box: PixelBox): Raster {
  const left = Math.max(0, Math.floor(box.left));
  const top = Math.max(0, Math.floor(box.top));
  const width = Math.max(1, Math.min(raster.width, Math.ceil(box.right)) - left);
  const height = Math.max(1, Math.min(raster.height, Math.ceil(box.bottom)) - top);
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * raster.width + left) * 3;
    data.set(raster.data.subarray(from, from + width * 3), y * width * 3);
  }
  return { width, height, data };
}
