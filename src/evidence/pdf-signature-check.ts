import { failed } from '../rules/verdict.ts';
import { verifySignedData } from './cms.ts';
import { DerError, readFirst } from './der.ts';
import type { ValidationContext } from './path.ts';
import { PdfDocument } from './pdf-document.ts';
import { coveredBytes, findSignatures, signatureKind } from './pdf-signatures.ts';
import type { Covered, PdfSignature, SignatureKind } from './pdf-signatures.ts';
import { withDss } from './pdf-validation-material.ts';
import { PdfError } from './pdf-values.ts';
import type { PdfDict } from './pdf-values.ts';
import type { SignatureFact } from './port.ts';

/** One signature by itself: what it says about the bytes of its own revision. */
export interface CheckedSignature {
  readonly dict: PdfDict;
  readonly kind: SignatureKind | null;
  /** The revision that was signed; null when the byte range is unsound. */
  readonly revision: PdfDocument | null;
  readonly fact: SignatureFact;
  readonly wanted: readonly string[];
}

/** Checks byte range, revision and CMS of one signature found in the form of `document`. */
export function checkSignature(
  document: PdfDocument,
  signature: PdfSignature,
  context: ValidationContext,
): CheckedSignature {
  const { dict } = signature;
  let kind: SignatureKind | null = null;
  try {
    kind = signatureKind(dict);
    const covered = coveredBytes(document, signature);
    const revision = signedRevision(document, signature, covered);
    const found = verify(document, covered, context);
    return { dict, kind, revision, fact: found.fact, wanted: found.wanted };
  } catch (error) {
    if (!(error instanceof PdfError || error instanceof DerError)) throw error;
    const explanation = 'chữ ký số trong tệp PDF không đúng chuẩn hoặc không bao trùm toàn bộ tệp';
    return { dict, kind, revision: null, fact: unreadableFact(error.message, explanation), wanted: [] };
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

function verify(
  document: PdfDocument,
  covered: Covered,
  context: ValidationContext,
): ReturnType<typeof verifySignedData> {
  const signedData = withoutPadding(covered.contents);
  const alone = verifySignedData(signedData, covered.pieces, context);
  if (!lacksMaterial(alone.fact)) return alone;
  const trust = withDss(context.trust, document);
  return trust === context.trust
    ? alone
    : verifySignedData(signedData, covered.pieces, { ...context, trust });
}

/** The file's own material is asked only where ours is silent, so that an old answer in it cannot outvote a newer one. */
function lacksMaterial({ verdict }: SignatureFact): boolean {
  if (verdict.verdict !== 'INDETERMINATE') return false;
  return verdict.subIndication === 'TRY_LATER' || verdict.subIndication === 'NO_CERTIFICATE_CHAIN_FOUND';
}

/** §12.8.1: /Contents is reserved before the signature is made and filled up with zeros. */
function withoutPadding(contents: Uint8Array): Uint8Array {
  const { whole } = readFirst(contents);
  if (contents.subarray(whole.length).some((byte) => byte !== 0)) {
    throw new PdfError('something stands behind the signature in /Contents');
  }
  return whole;
}

/** The fact about a signature that could not even be read. */
export function unreadableFact(reason: string, explanation: string): SignatureFact {
  return {
    intact: false,
    coversAll: false,
    chain: 'unknown',
    signer: null,
    signedAt: null,
    timestamp: null,
    decidedAt: '',
    digestAlgorithm: null,
    signatureAlgorithm: null,
    path: [],
    revocation: [],
    verdict: failed('FORMAT_FAILURE'),
    reason,
    explanation,
  };
}
