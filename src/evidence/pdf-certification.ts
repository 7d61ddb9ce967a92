import type { PdfDocument } from './pdf-document.ts';
import { changeBeyond } from './pdf-difference.ts';
import { entry, isArray, isDict, nameAt, PdfError, wholeNumber } from './pdf-values.ts';
import type { PdfDict } from './pdf-values.ts';

/** A signature with the revision it signed. */
export interface SignedRevision {
  readonly dict: PdfDict;
  readonly revision: PdfDocument;
}

/**
 * Certification (ISO 32000-2 §12.8.2.2): the author's signature says what may follow. Returns what is wrong, or null.
 * P 1 forbids all but validation data; 2 and 3 would allow form filling (and annotations), of which only further
 * signatures are allowed here, because filling and annotating are how certified files were forged.
 * @param signed the signatures of the file, innermost first
 */
export function certificationAbuse(current: PdfDocument, signed: readonly SignedRevision[]): string | null {
  const certified = signed.filter(({ dict, revision }) => certificationLevel(revision, dict) !== null);
  const [certification] = certified;
  if (certification === undefined) return danglingPermission(current, signed);
  if (certified.length > 1) return 'the file is certified twice';
  if (certification !== signed[0]) return 'the certification is not the first signature';
  if (certification.revision.end === current.end) return null;
  const level = certificationLevel(certification.revision, certification.dict);
  const change = changeBeyond(certification.revision, current, level === 1 ? 'validation' : 'signatures');
  return change === null ? null : `the certification (P ${level ?? 2}) does not allow that ${change}`;
}

/** A catalog that claims a certification which no signature of the form gives. */
function danglingPermission(current: PdfDocument, signed: readonly SignedRevision[]): string | null {
  const named = permitted(current);
  if (named === null || signed.some(({ dict }) => dict.place.start === named.place.start)) return null;
  return 'the catalog names a certification that is not among the signatures';
}

function permitted(document: PdfDocument): PdfDict | null {
  const permissions = document.dictAt(document.catalog(), 'Perms');
  return permissions === null ? null : document.dictAt(permissions, 'DocMDP');
}

/** 1, 2 or 3 when this signature certifies the revision it signed, else null (an approval signature). */
function certificationLevel(revision: PdfDocument, dict: PdfDict): number | null {
  if (permitted(revision)?.place.start !== dict.place.start) return null;
  const references = revision.get(dict, 'Reference');
  for (const item of isArray(references) ? references.items : []) {
    const reference = revision.resolve(item);
    if (!isDict(reference) || nameAt(reference, 'TransformMethod') !== 'DocMDP') continue;
    const parameters = revision.dictAt(reference, 'TransformParams');
    const level = parameters === null ? 2 : revision.resolve(entry(parameters, 'P') ?? 2);
    const known = wholeNumber(level, 1, 3);
    if (known === null) throw new PdfError('a certification of unknown level');
    return known;
  }
  return null;
}
