import { whiten, type Light } from './light.ts';
import type { Plane, Raster } from './raster.ts';
import { LEAST_INK, redness } from './redness.ts';
import { redFields, runsOf, type RedFields } from './red-fields.ts';

/** How red each pixel of a page is once its paper is white. */
export interface RedMap extends Plane {
  /** From here on red is ink and not noise. */
  readonly threshold: number;
  /** Where anything red was seen; elsewhere the map is 0. */
  readonly fields: RedFields;
}

/** `onPaper` tells of each pixel whether it is paper; where it is not, nothing counts. */
export function redMap(page: Raster, light: Light, onPaper?: Uint8Array): RedMap {
  const { width, height } = page;
  const fields = redFields(page, light);
  const red = new Uint8Array(width * height);
  for (const box of runsOf(fields, width, height)) {
    const { data } = whiten(page, light, box);
    for (let y = box.top, at = 0; y < box.bottom; y++)
      for (let n = y * width + box.left, end = y * width + box.right; n < end; n++, at += 3)
        if (onPaper === undefined || onPaper[n] === 1)
          red[n] = redness(data[at]!, data[at + 1]!, data[at + 2]!);
  }
  const smooth = blur({ width, height, data: red }, fields);
  return { ...smooth, fields, threshold: threshold(smooth, fields, onPaper) };
}

/** Mean of 3 × 3 pixels. */
function blur({ width, height, data }: Plane, fields: RedFields): Plane {
  const across = new Uint16Array(width * height);
  for (const { left, right, top, bottom } of runsOf(fields, width, height))
    for (let y = top; y < bottom; y++) {
      const end = y * width + Math.min(right, width - 1);
      for (let n = y * width + Math.max(left, 1); n < end; n++)
        across[n] = data[n - 1]! + data[n]! + data[n + 1]!;
    }
  const out = new Uint8Array(width * height);
  for (const { left, right, top, bottom } of runsOf(fields, width, height))
    for (let y = Math.max(top, 1); y < Math.min(bottom, height - 1); y++)
      for (let n = y * width + left, end = y * width + right; n < end; n++)
        out[n] = (across[n - width]! + across[n]! + across[n + width]!) / 9;
  return { width, height, data: out };
}

/** Most of any page is no red ink: three times what four fifths of its pixels stay below is more than noise. */
function threshold({ width, height, data }: Plane, fields: RedFields, onPaper?: Uint8Array): number {
  const counts = new Uint32Array(256);
  let looked = 0;
  for (const { left, right, top, bottom } of runsOf(fields, width, height)) {
    looked += (right - left) * (bottom - top);
    for (let y = top; y < bottom; y++)
      for (let n = y * width + left, end = y * width + right; n < end; n++)
        if (onPaper === undefined || onPaper[n] === 1) counts[data[n]!]!++;
  }
  // What was not looked at is as good as 0.
  counts[0]! += width * height - looked;
  const paper = counts.reduce((sum, count) => sum + count, 0);
  let level = 0;
  for (let seen = counts[0]!; seen < paper * 0.8; seen += counts[level]!) level++;
  return Math.max(LEAST_INK, Math.min(40, level * 3));
}
