import { entry, isArray, isDict, isName, isStream, nameAt } from './pdf-values.ts';
import type { PdfDict, PdfStream, PdfValue } from './pdf-values.ts';

/**
 * What lets a page show something else tomorrow, in print or in another reader while not one byte changes: the signer
 * need not have seen what the officer sees (ISO 32000-2 §12.8.7 lists them for a signer's attestation). Links, embedded
 * files and ordinary forms are no such things.
 */

/** Actions that change what is shown or run a program (§12.6.4). */
const ACTIONS: ReadonlySet<string> = new Set([
  ...['JavaScript', 'Launch', 'Hide', 'SetOCGState', 'ImportData', 'Rendition', 'Movie', 'RichMediaExecute'],
]);

/** What moves in this one dictionary or stream, in words, or null; `resolve` follows references. */
export function movingPart(
  value: PdfDict | PdfStream,
  resolve: (value: PdfValue) => PdfValue,
): string | null {
  const dict = isStream(value) ? value.dict : value;
  const action = nameAt(dict, 'S');
  if (action !== null && ACTIONS.has(action) && nameAt(dict, 'Type') !== 'StructElem')
    return `holds the action ${action}`;
  if (entry(dict, 'XFA') !== null) return 'holds an XFA form, which other readers do not show';
  if (isStream(value)) return movingStream(dict);
  if (nameAt(dict, 'Type') === 'Catalog' && entry(dict, 'Collection') !== null)
    return 'shows a file inside it in place of its pages';
  const layers = resolve(entry(dict, 'OCProperties'));
  return isDict(layers) && layersMove(layers, resolve) ? 'holds layers that are not always shown' : null;
}

/** §7.3.8.2 a file outside, §8.9.5.4 another picture for printing, §8.10.4 pages of another file. */
function movingStream(dict: PdfDict): string | null {
  if (entry(dict, 'F') !== null) return 'takes its content from another file';
  if (entry(dict, 'Alternates') !== null) return 'has another picture for printing';
  return nameAt(dict, 'Subtype') === 'Form' && entry(dict, 'Ref') !== null
    ? 'shows a page of another file'
    : null;
}

/** §8.11.4: layers that are off, that go by the occasion (view, print), or several configurations to choose from. */
function layersMove(properties: PdfDict, resolve: (value: PdfValue) => PdfValue): boolean {
  const usual = resolve(entry(properties, 'D'));
  const filled = (dict: PdfDict, key: string): boolean => {
    const list = resolve(entry(dict, key));
    return isArray(list) && list.items.length > 0;
  };
  if (!isDict(usual) || filled(properties, 'Configs')) return true;
  const base = resolve(entry(usual, 'BaseState'));
  return filled(usual, 'OFF') || filled(usual, 'AS') || (isName(base) && base.name !== 'ON');
}
