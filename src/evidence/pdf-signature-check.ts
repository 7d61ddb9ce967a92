import { failed } from '../rules/verdict.ts';
import { verifySignedData } from './cms.ts';
import type { ValidationContext } from './path.ts';
import type { PdfDocument } from './pdf-document.ts';
import type { PlacedSignature } from './pdf-signature-place.ts';
import { withMaterialOf } from './pdf-validation-material.ts';
import type { PdfDict } from './pdf-values.ts';
import type { SignatureFact } from './port.ts';
import type { TimestampFinding } from './timestamp.ts';

/** One signature by itself: what it says about the bytes of its own revision. */
export interface CheckedSignature {
  readonly dict: PdfDict;
  /** The revision that was signed; null when the byte range is unsound. */
  readonly revision: PdfDocument | null;
  readonly fact: SignatureFact;
  readonly wanted: readonly string[];
}

/**
 * Checks the CMS of a placed signature.
 * @param around document timestamps that cover this signature
 */
export function checkSignature(
  document: PdfDocument,
  { dict, place, fault }: PlacedSignature,
  context: ValidationContext,
  around: readonly TimestampFinding[],
): CheckedSignature {
  if (place === null) {
    const explanation = 'chữ ký số trong tệp PDF không đúng chuẩn hoặc không bao trùm toàn bộ tệp';
    return { dict, revision: null, fact: unreadableFact(fault ?? '', explanation), wanted: [] };
  }
  const { fact, wanted } = withMaterialOf(
    document,
    context,
    (asked) => verifySignedData(place.signedData, place.pieces, asked, around),
    (found) => [found.fact.verdict, ...found.fact.timestamps.map((one) => one.verdict)],
  );
  return { dict, revision: place.revision, fact, wanted };
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
    timestamps: [],
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
