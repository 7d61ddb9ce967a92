import type { ValidationContext } from './path.ts';
import type { PdfDocument } from './pdf-document.ts';
import type { PlacedSignature } from './pdf-signature-place.ts';
import { withMaterialOf } from './pdf-validation-material.ts';
import { checkTimestamp, type TimestampFinding } from './timestamp.ts';

/** A document timestamp (ISO 32000-2 §12.8.5) and how far into the file it reaches. */
export interface DocumentTimestamp {
  readonly end: number;
  readonly finding: TimestampFinding;
}

/**
 * What the document timestamps among `placed` prove about everything before their ends. Outermost first: a later one
 * proves that the earlier one existed, so that it still counts when its authority's certificate has ended since.
 */
export function documentTimestamps(
  document: PdfDocument,
  placed: readonly PlacedSignature[],
  context: ValidationContext,
): DocumentTimestamp[] {
  const found: DocumentTimestamp[] = [];
  let known: Date | null = null;
  const stamps = placed.flatMap(({ kind, place }) =>
    kind === 'ETSI.RFC3161' && place !== null ? [place] : [],
  );
  for (const { revision, pieces, signedData } of stamps.toSorted((a, b) => b.revision.end - a.revision.end)) {
    const seen: ValidationContext = known === null ? context : { ...context, existedAt: known };
    const finding: TimestampFinding = withMaterialOf(
      document,
      seen,
      (asked) => checkTimestamp(signedData, pieces, asked),
      ({ fact }) => [fact.verdict],
    );
    found.push({ end: revision.end, finding });
    if (finding.provenAt !== null && (known === null || finding.provenAt < known)) known = finding.provenAt;
  }
  return found;
}
