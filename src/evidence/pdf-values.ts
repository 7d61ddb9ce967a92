/**
 * The values of a PDF file (ISO 32000-2 §7.3) as plain data. Strings, arrays and dictionaries remember where they
 * stand, because a signature is judged by positions: the gap of /ByteRange must be one /Contents string.
 */

/** Anything wrong with a PDF that a stranger sent; the only error the readers throw. */
export class PdfError extends Error {
  override name = 'PdfError';
}

/** Where a value was read: `source` is the file itself, or the inflated bytes of an object stream. */
export interface PdfPlace {
  readonly source: Uint8Array;
  readonly start: number;
  /** First byte after the value. */
  readonly end: number;
}

export interface PdfName {
  readonly kind: 'name';
  readonly name: string;
}
export interface PdfString {
  readonly kind: 'string';
  readonly bytes: Uint8Array;
  /** Written as `<…>` rather than `(…)`. */
  readonly hex: boolean;
  readonly place: PdfPlace;
}
export interface PdfArray {
  readonly kind: 'array';
  readonly items: readonly PdfValue[];
}
export interface PdfDict {
  readonly kind: 'dict';
  readonly entries: ReadonlyMap<string, PdfValue>;
  /** Keys written more than once with different values: readers disagree about which one counts. */
  readonly repeated: readonly string[];
  readonly place: PdfPlace;
}
export interface PdfRef {
  readonly kind: 'ref';
  readonly num: number;
  readonly gen: number;
}
export interface PdfStream {
  readonly kind: 'stream';
  readonly dict: PdfDict;
  /** The bytes as stored, before any filter. */
  readonly raw: Uint8Array;
}
export type PdfValue =
  null | boolean | number | PdfName | PdfString | PdfArray | PdfDict | PdfRef | PdfStream;

const isKind = (value: PdfValue, kind: string): boolean =>
  typeof value === 'object' && value !== null && value.kind === kind;

export const isName = (value: PdfValue): value is PdfName => isKind(value, 'name');
export const isString = (value: PdfValue): value is PdfString => isKind(value, 'string');
export const isArray = (value: PdfValue): value is PdfArray => isKind(value, 'array');
export const isDict = (value: PdfValue): value is PdfDict => isKind(value, 'dict');
export const isRef = (value: PdfValue): value is PdfRef => isKind(value, 'ref');
export const isStream = (value: PdfValue): value is PdfStream => isKind(value, 'stream');

/** The entry of a dictionary as written (a reference stays a reference); null when absent (§7.3.7). */
export function entry(dict: PdfDict, key: string): PdfValue {
  return dict.entries.get(key) ?? null;
}

/** The name standing under `key`, or null. */
export function nameAt(dict: PdfDict, key: string): string | null {
  const value = entry(dict, key);
  return isName(value) ? value.name : null;
}

/** A whole number within [min, max], or null. */
export function wholeNumber(value: PdfValue, min = 0, max = Number.MAX_SAFE_INTEGER): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max ? value : null;
}

/** Same bytes. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** The same value however it is written; references count by their number, not by what they lead to. */
export function sameValue(a: PdfValue, b: PdfValue): boolean {
  if (isString(a) && isString(b)) return sameBytes(a.bytes, b.bytes);
  if (isName(a) && isName(b)) return a.name === b.name;
  if (isRef(a) && isRef(b)) return a.num === b.num && a.gen === b.gen;
  if (isArray(a) && isArray(b))
    return (
      a.items.length === b.items.length && a.items.every((item, index) => sameValue(item, b.items[index]!))
    );
  if (isDict(a) && isDict(b))
    return (
      a.entries.size === b.entries.size &&
      [...a.entries].every(([key, value]) => b.entries.has(key) && sameValue(value, b.entries.get(key)!))
    );
  return a === b;
}
