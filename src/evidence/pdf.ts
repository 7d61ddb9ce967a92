import { failed, indeterminate, NO_SIGNATURE, type Verdict } from '../rules/verdict.ts';
import type { ValidationContext } from './path.ts';
import { ambiguity } from './pdf-ambiguity.ts';
import { certificationAbuse } from './pdf-certification.ts';
import { changeBeyond } from './pdf-difference.ts';
import { PdfDocument } from './pdf-document.ts';
import { checkSignature, unreadableFact, type CheckedSignature } from './pdf-signature-check.ts';
import { placeSignature, type PlacedSignature } from './pdf-signature-place.ts';
import { countByteRanges, findSignatures } from './pdf-signatures.ts';
import { documentTimestamps } from './pdf-timestamps.ts';
import { PdfError } from './pdf-values.ts';
import type { Evidence, SignatureFact } from './port.ts';

export interface PdfFinding {
  readonly evidence: Evidence;
  /** Exactly the bytes of the outermost signed revision, from which text and lists are read; null without one. */
  readonly signedRevision: Uint8Array | null;
  readonly encrypted: boolean;
  /** Addresses of revocation data that would change the answer. */
  readonly wanted: readonly string[];
}

/**
 * What the signatures of a PDF prove (ISO 32000-2 §12.8, ETSI EN 319 142-1). The outermost signature decides: it must
 * cover the whole file, or be followed by nothing but validation data. Document timestamps are proof of time, not of
 * a signer, so they are not among `signatures` but among the `timestamps` of each signature they cover. Never throws on hostile input.
 */
export function examinePdf(bytes: Uint8Array, context: ValidationContext): PdfFinding {
  let document: PdfDocument | null = null;
  try {
    requireHeader(bytes);
    document = new PdfDocument(bytes);
    return document.encrypted ? encryptedFinding(bytes) : examine(document, context);
  } catch (error) {
    if (error instanceof PdfError) return unreadable(bytes, error.message, document?.encrypted ?? false);
    throw error;
  }
}

/** §7.5.2: offsets count from the header, so a header elsewhere gives every offset two meanings. */
function requireHeader(bytes: Uint8Array): void {
  if (Buffer.from(bytes.subarray(0, 5)).toString('latin1') !== '%PDF-') {
    throw new PdfError('the file does not begin with %PDF-');
  }
}

function examine(document: PdfDocument, context: ValidationContext): PdfFinding {
  const placed = findSignatures(document)
    .map((signature) => placeSignature(document, signature))
    .toSorted((a, b) => end(a) - end(b));
  const stamps = documentTimestamps(document, placed, context);
  const signers = placed
    .filter((one) => one.kind !== 'ETSI.RFC3161')
    .map((one) => {
      const around = stamps.filter((stamp) => stamp.end > end(one)).map(({ finding }) => finding);
      return checkSignature(document, one, context, around);
    });
  const outermost = signers.at(-1);
  if (outermost === undefined) return withoutSignature(document, placed.length > 0);
  const abuse = structureAbuse(document, placed);
  const facts = signers.map((one) =>
    one === outermost ? decidingFact(document, one, abuse) : earlierFact(document, one),
  );
  const { verdict, reason, explanation } = facts.at(-1)!;
  return {
    evidence: { format: 'pdf', verdict, signatures: facts, reason, explanation },
    signedRevision: outermost.revision === null ? null : document.bytes.subarray(0, outermost.revision.end),
    encrypted: false,
    wanted: [...new Set(signers.flatMap((one) => one.wanted))],
  };
}

/** A signature without a sound byte range counts as the outermost: nothing says that it is not. */
const end = ({ place }: PlacedSignature): number => place?.revision.end ?? Number.MAX_SAFE_INTEGER;

/** Faults of the file as a whole, or null. */
function structureAbuse(document: PdfDocument, placed: readonly PlacedSignature[]): string | null {
  const signed = placed.flatMap(({ dict, place }) =>
    place === null ? [] : [{ dict, revision: place.revision }],
  );
  const ends = signed.map(({ revision }) => revision.end);
  if (new Set(ends).size !== ends.length) return 'two signatures claim the same bytes';
  return certificationAbuse(document, signed);
}

/** The outermost signature: everything behind it must be validation data, and the file as a whole must be in order. */
function decidingFact(document: PdfDocument, one: CheckedSignature, abuse: string | null): SignatureFact {
  if (one.revision === null) return one.fact;
  const change =
    one.revision.end === document.end ? null : changeBeyond(one.revision, document, 'validation');
  if (change !== null) {
    return uncovered(one.fact, change, 'tệp có phần được thêm hoặc sửa sau khi ký, chữ ký số không bao trùm');
  }
  const unclear = ambiguity(document) ?? (one.revision === document ? null : ambiguity(one.revision));
  if (unclear !== null) {
    const explanation = 'tệp PDF có lỗi cấu trúc hoặc thành phần động, mỗi phần mềm có thể hiển thị một khác';
    return uncovered(one.fact, unclear, explanation);
  }
  return abuse === null
    ? one.fact
    : uncovered(one.fact, abuse, 'tệp có thay đổi mà chữ ký chứng thực của tệp không cho phép');
}

/** Earlier signatures are reported: later ones may stand over them with their appearance, nothing else. */
function earlierFact(document: PdfDocument, one: CheckedSignature): SignatureFact {
  if (one.revision === null) return one.fact;
  const change = changeBeyond(one.revision, document, 'signatures');
  return change === null
    ? one.fact
    : uncovered(one.fact, change, 'nội dung tệp có thay đổi sau chữ ký này, trước chữ ký sau cùng');
}

/** A failed signature stays failed; any other can no longer pass. */
function uncovered(fact: SignatureFact, reason: string, explanation: string): SignatureFact {
  if (fact.verdict.verdict === 'TOTAL-FAILED') return { ...fact, coversAll: false };
  const verdict = indeterminate('SIG_CONSTRAINTS_FAILURE');
  return { ...fact, coversAll: false, verdict, reason, explanation };
}

const finding = (verdict: Verdict, reason: string, explanation: string, encrypted = false): PdfFinding => ({
  evidence: { format: 'pdf', verdict, signatures: [], reason, explanation },
  signedRevision: null,
  encrypted,
  wanted: [],
});

function withoutSignature(document: PdfDocument, timestamped: boolean): PdfFinding {
  if (timestamped) {
    return finding(
      NO_SIGNATURE,
      'the file carries only a document timestamp',
      'tệp chỉ có dấu thời gian, không có chữ ký số',
    );
  }
  if (countByteRanges(document.bytes) === 0)
    return finding(NO_SIGNATURE, 'the file is not signed', 'không có chữ ký số');
  return finding(
    indeterminate('SIGNED_DATA_NOT_FOUND'),
    'a /ByteRange stands in the file, but its form shows no signature',
    'tệp có dấu vết chữ ký số nhưng không đọc được chữ ký',
  );
}

function encryptedFinding(bytes: Uint8Array): PdfFinding {
  const [reason, explanation] = [
    'the file is encrypted',
    'tệp được đặt mật khẩu nên không kiểm tra được chữ ký số',
  ];
  const verdict = countByteRanges(bytes) === 0 ? NO_SIGNATURE : indeterminate('SIG_CONSTRAINTS_FAILURE');
  return finding(verdict, reason, explanation, true);
}

/** A damaged file without any trace of a signature is simply unsigned; with one it is a broken signature. */
function unreadable(bytes: Uint8Array, reason: string, encrypted: boolean): PdfFinding {
  if (countByteRanges(bytes) === 0) {
    return finding(NO_SIGNATURE, `unsigned, and damaged: ${reason}`, 'không có chữ ký số', encrypted);
  }
  const explanation = 'cấu trúc tệp PDF không đúng chuẩn nên không kiểm tra được chữ ký số';
  const found = finding(failed('FORMAT_FAILURE'), reason, explanation, encrypted);
  const fact = unreadableFact(reason, explanation);
  return { ...found, evidence: { ...found.evidence, signatures: [fact] } };
}
