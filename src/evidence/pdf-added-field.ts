import type { Comparison } from './pdf-difference.ts';
import { signatureKind } from './pdf-signatures.ts';
import { entry, isArray, isDict, isName, isRef, nameAt, PdfError } from './pdf-values.ts';
import type { PdfDict, PdfValue } from './pdf-values.ts';

/**
 * The one thing a later revision may add to pages and form: a signature field with its widget (ISO 32000-2 §12.7.5.5).
 * A field with actions, children or another type is a published way to paint over a signed page.
 */
const WIDGET_KEYS: ReadonlySet<string> = new Set([
  ...['Type', 'Subtype', 'FT', 'T', 'TU', 'TM', 'V', 'F', 'Ff', 'Rect', 'P', 'AP', 'AS', 'Lock', 'SV'],
  ...['MK', 'DA', 'DR', 'Border', 'BS', 'NM', 'M', 'Q', 'H', 'Contents'],
]);

/** What a signature may write into a field that stood empty in the signed revision. */
const FILLED_KEYS: ReadonlySet<string> = new Set(['V', 'AP', 'M', 'F', 'Ff', 'MK', 'Lock', 'P']);

const NONE: ReadonlySet<string> = new Set();

/** Throws PdfError unless `value` is a signature field that may be added; `path` says where it was found. */
export function addedField(comparison: Comparison, value: PdfValue, path: string): void {
  if (!isDict(value) || value.repeated.length > 0) throw new PdfError(`${path} gained something unreadable`);
  const stranger = [...value.entries.keys()].find((key) => !WIDGET_KEYS.has(key));
  if (nameAt(value, 'FT') !== 'Sig' || stranger !== undefined) {
    throw new PdfError(`${path} gained something else than a signature field`);
  }
  const subtype = nameAt(value, 'Subtype');
  if (subtype !== null && subtype !== 'Widget') throw new PdfError(`${path} gained an annotation`);
  if (comparison.permitted === 'validation') timestampOnly(comparison, value, path);
}

/**
 * The keys in which a signature field may differ because it was empty and is now signed; none for anything else.
 * What the new values refer to is taken into the comparison.
 */
export function filledField(comparison: Comparison, before: PdfDict, after: PdfDict): ReadonlySet<string> {
  if (nameAt(before, 'FT') !== 'Sig' || nameAt(after, 'FT') !== 'Sig') return NONE;
  if (comparison.before.get(before, 'V') !== null || entry(after, 'V') === null) return NONE;
  if (comparison.permitted === 'validation') timestampOnly(comparison, after, 'a signature field');
  for (const key of FILLED_KEYS) comparison.takeIn(entry(after, key));
  return FILLED_KEYS;
}

/** A document timestamp has nothing to show, so its widget must be too small to show anything. */
function timestampOnly(comparison: Comparison, field: PdfDict, path: string): void {
  const value = comparison.after.get(field, 'V');
  if (!isDict(value) || signatureKind(value) !== 'ETSI.RFC3161') {
    throw new PdfError(`${path} gained a signature that is no document timestamp`);
  }
  const rect = comparison.after.get(field, 'Rect');
  const corners = isArray(rect) ? rect.items.map((item) => comparison.after.resolve(item)) : [];
  const empty = corners.length === 4 && (corners[0] === corners[2] || corners[1] === corners[3]);
  const widget = isName(entry(field, 'Subtype')) || isRef(entry(field, 'P')) || rect !== null;
  if (widget && !empty)
    throw new PdfError(`${path} gained a document timestamp that covers part of the page`);
}
