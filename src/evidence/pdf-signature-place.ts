import { DerError, readFirst } from './der.ts';
import { PdfDocument } from './pdf-document.ts';
import { coveredBytes, findSignatures, signatureKind } from './pdf-signatures.ts';
import type { Covered, PdfSignature, SignatureKind } from './pdf-signatures.ts';
import { PdfError } from './pdf-values.ts';
import type { PdfDict } from './pdf-values.ts';

/** A signature whose place in the file has been looked at, its CMS not yet. */
export interface PlacedSignature {
  readonly dict: PdfDict;
  readonly kind: SignatureKind | null;
  /** What it signs; null when the byte range is unsound. */
  readonly place: {
    /** The revision that was signed. */
    readonly revision: PdfDocument;
    /** The signed bytes, in pieces. */
    readonly pieces: Covered['pieces'];
    /** DER of the CMS structure. */
    readonly signedData: Uint8Array;
  } | null;
  /** Why there is no place. */
  readonly fault: string | null;
}

/** Finds byte range, revision and CMS of one signature in the form of `document`. */
export function placeSignature(document: PdfDocument, signature: PdfSignature): PlacedSignature {
  const { dict } = signature;
  let kind: SignatureKind | null = null;
  try {
    kind = signatureKind(dict);
    const covered = coveredBytes(document, signature);
    const revision = signedRevision(document, signature, covered);
    const place = { revision, pieces: covered.pieces, signedData: withoutPadding(covered.contents) };
    return { dict, kind, place, fault: null };
  } catch (error) {
    if (!(error instanceof PdfError || error instanceof DerError)) throw error;
    return { dict, kind, place: null, fault: error.message };
  }
}

/**
 * The revision that the byte range ends must be a PDF of its own that shows this very signature. Otherwise the
 * signed bytes were moved into another file around them (signature wrapping).
 */
function signedRevision(document: PdfDocument, signature: PdfSignature, covered: Covered): PdfDocument {
  const whole = covered.end === document.end;
  const revision = whole ? document : new PdfDocument(document.bytes, covered.end);
  const { start } = signature.dict.place;
  if (!whole && !findSignatures(revision).some((one) => one.dict.place.start === start)) {
    throw new PdfError('the signed revision does not show this signature');
  }
  const { num } = signature;
  const place = num === null ? undefined : document.place(num);
  if (place?.kind === 'offset' && place.offset >= covered.end) {
    throw new PdfError('the signature was rewritten after signing');
  }
  return revision;
}

/** §12.8.1: /Contents is reserved before the signature is made and filled up with zeros. */
function withoutPadding(contents: Uint8Array): Uint8Array {
  const { whole } = readFirst(contents);
  if (contents.subarray(whole.length).some((byte) => byte !== 0)) {
    throw new PdfError('something stands behind the signature in /Contents');
  }
  return whole;
}
