import { inflateSync } from 'node:zlib';
import { entry, isArray, isDict, isName, PdfError, wholeNumber } from './pdf-values.ts';
import type { PdfDict, PdfStream, PdfValue } from './pdf-values.ts';

/**
 * The filters needed to find objects: none, and FlateDecode with a predictor (ISO 32000-2 §7.4.4).
 * Cross-reference and object streams are written with nothing else; other filters are for pages, which are not read here.
 */

/** A cross-reference of 2 million objects fits in this; more is a bomb. */
export const MAX_INFLATED_STREAM = 32 * 1024 * 1024;

/**
 * The decoded bytes of a stream.
 * @param resolve follows references inside the stream dictionary (identity where references are not allowed)
 */
export function decodeStream(stream: PdfStream, resolve: (value: PdfValue) => PdfValue): Uint8Array {
  const filter = single(resolve(entry(stream.dict, 'Filter')), resolve);
  if (filter === null) return stream.raw;
  if (!isName(filter) || (filter.name !== 'FlateDecode' && filter.name !== 'Fl')) {
    throw new PdfError('a stream needed for the structure uses another filter than FlateDecode');
  }
  const inflated = inflate(stream.raw);
  const parameters = single(resolve(entry(stream.dict, 'DecodeParms')), resolve);
  return isDict(parameters) ? unpredict(inflated, parameters) : inflated;
}

/** A filter may be written alone or as an array of one. */
function single(value: PdfValue, resolve: (value: PdfValue) => PdfValue): PdfValue {
  if (!isArray(value)) return value;
  if (value.items.length > 1) throw new PdfError('a stream needed for the structure uses several filters');
  return resolve(value.items[0] ?? null);
}

function inflate(raw: Uint8Array): Uint8Array {
  try {
    return inflateSync(raw, { maxOutputLength: MAX_INFLATED_STREAM });
  } catch (cause) {
    throw new PdfError('a compressed stream is damaged or too large', { cause });
  }
}

const parameter = (dict: PdfDict, key: string, fallback: number, max: number): number => {
  const value = entry(dict, key);
  if (value === null) return fallback;
  const number = wholeNumber(value, 1, max);
  if (number === null) throw new PdfError(`/${key} is out of range`);
  return number;
};

/** PNG predictors 10–15 (§7.4.4.4): each row names its own filter in its first byte. */
function unpredict(data: Uint8Array, parameters: PdfDict): Uint8Array {
  const predictor = parameter(parameters, 'Predictor', 1, 15);
  if (predictor === 1) return data;
  if (predictor < 10) throw new PdfError('the TIFF predictor is not used by cross-reference streams');
  const colors = parameter(parameters, 'Colors', 1, 32);
  const bits = parameter(parameters, 'BitsPerComponent', 8, 16);
  const columns = parameter(parameters, 'Columns', 1, 65_536);
  const step = Math.max(1, (colors * bits) >> 3);
  const width = Math.ceil((colors * bits * columns) / 8);
  const rows = Math.ceil(data.length / (width + 1));
  const out = new Uint8Array(rows * width);
  for (let row = 0; row < rows; row += 1) {
    const from = row * (width + 1);
    unfilterRow(data.subarray(from + 1, from + 1 + width), data[from]!, out, row * width, width, step);
  }
  return out;
}

/** PNG (RFC 2083 §6): 0 none, 1 left, 2 above, 3 average, 4 Paeth. */
function unfilterRow(
  row: Uint8Array,
  type: number,
  out: Uint8Array,
  base: number,
  width: number,
  step: number,
): void {
  for (let index = 0; index < row.length; index += 1) {
    const left = index >= step ? out[base + index - step]! : 0;
    const above = base > 0 ? out[base + index - width]! : 0;
    const corner = base > 0 && index >= step ? out[base + index - width - step]! : 0;
    out[base + index] = row[index]! + guess(type, left, above, corner);
  }
}

function guess(type: number, left: number, above: number, corner: number): number {
  switch (type) {
    case 0:
      return 0;
    case 1:
      return left;
    case 2:
      return above;
    case 3:
      return (left + above) >> 1;
    case 4:
      return paeth(left, above, corner);
    default:
      throw new PdfError('unknown predictor in a stream');
  }
}

function paeth(left: number, above: number, corner: number): number {
  const estimate = left + above - corner;
  const byLeft = Math.abs(estimate - left);
  const byAbove = Math.abs(estimate - above);
  const byCorner = Math.abs(estimate - corner);
  if (byLeft <= byAbove && byLeft <= byCorner) return left;
  return byAbove <= byCorner ? above : corner;
}
