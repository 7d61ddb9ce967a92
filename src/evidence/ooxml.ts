import { failed, indeterminate, NO_SIGNATURE, type Verdict } from '../rules/verdict.ts';
import { DerError } from './der.ts';
import { checkOfficeSignature } from './ooxml-fact.ts';
import { OfficePackage, RELATIONSHIP, SIGNATURE_CONTENT_TYPE, targetPart } from './ooxml-package.ts';
import type { ValidationContext } from './path.ts';
import type { Evidence, SignatureFact } from './port.ts';
import { XmlError } from './xml.ts';
import { ZipError } from '../zip.ts';

export interface OfficeFinding {
  readonly evidence: Evidence;
  /** Addresses of revocation data that would change the answer. */
  readonly wanted: readonly string[];
}

/** A document is signed by a few people; each signature costs reading the whole package. */
const MAX_SIGNATURES = 16;

/**
 * What the signatures of a docx, xlsx or pptx prove (ECMA-376 part 2 §10, [MS-OFFCRYPTO] §2.5). Every signature is
 * reported; the file passes when one passes and none has failed. Never throws on hostile input.
 */
export function examineOffice(bytes: Uint8Array, context: ValidationContext): OfficeFinding {
  try {
    const office = new OfficePackage(bytes);
    const parts = signatureParts(office);
    return parts.length === 0 ? unsigned(office) : examine(office, parts, context);
  } catch (error) {
    if (error instanceof ZipError || error instanceof XmlError || error instanceof DerError) {
      return unreadable(bytes, error.message);
    }
    throw error;
  }
}

/** The signature parts in the order of their origin: package → origin → signatures (§10.4). */
function signatureParts(office: OfficePackage): string[] {
  const origins = office.relationships('/').filter(({ type }) => type === RELATIONSHIP.origin);
  if (origins.length > 1) throw new XmlError('the package has two signature origins');
  const origin = origins[0] === undefined ? null : targetPart('/', origins[0].target);
  if (origin === null) return [];
  const parts = office
    .relationships(origin)
    .filter(({ type, external }) => type === RELATIONSHIP.signature && !external)
    .map(({ target }) => targetPart(origin, target));
  const found = [...new Set(parts)].filter((part) => part !== null && office.has(part)) as string[];
  if (found.length < parts.length) throw new XmlError('a signature is missing or listed twice');
  if (found.length > MAX_SIGNATURES) throw new XmlError(`more than ${MAX_SIGNATURES} signatures`);
  return found;
}

function examine(office: OfficePackage, parts: readonly string[], context: ValidationContext): OfficeFinding {
  const found = parts.map((part) => checkOfficeSignature(office, part, context));
  const facts = found.map((one) => one.fact);
  const { verdict, reason, explanation } = deciding(facts);
  return {
    evidence: { format: 'ooxml', verdict, signatures: facts, reason, explanation },
    wanted: [...new Set(found.flatMap((one) => one.wanted))],
  };
}

function deciding(facts: readonly SignatureFact[]): SignatureFact {
  const rank = (fact: SignatureFact): number =>
    ({ 'TOTAL-FAILED': 0, 'TOTAL-PASSED': 1, INDETERMINATE: 2, NONE: 3 })[fact.verdict.verdict];
  return facts.toSorted((a, b) => rank(a) - rank(b))[0]!;
}

const finding = (verdict: Verdict, reason: string, explanation: string): OfficeFinding => ({
  evidence: { format: 'ooxml', verdict, signatures: [], reason, explanation },
  wanted: [],
});

/** A signature part that the package does not lead to: Office shows none, another reader may. */
function unsigned(office: OfficePackage): OfficeFinding {
  const stray = office.partNames().find((part) => office.contentType(part) === SIGNATURE_CONTENT_TYPE);
  if (stray === undefined) return finding(NO_SIGNATURE, 'the file is not signed', 'không có chữ ký số');
  return finding(
    indeterminate('SIGNED_DATA_NOT_FOUND'),
    `the package does not lead to its signature ${stray}`,
    'tệp có dấu vết chữ ký số nhưng không đọc được chữ ký',
  );
}

/** A damaged file without any trace of a signature is simply unsigned; with one it is a broken signature. */
function unreadable(bytes: Uint8Array, reason: string): OfficeFinding {
  const traces = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes('_xmlsignatures');
  if (!traces) return finding(NO_SIGNATURE, `unsigned, and damaged: ${reason}`, 'không có chữ ký số');
  const explanation = 'cấu trúc tệp văn phòng không đúng chuẩn nên không kiểm tra được chữ ký số';
  return finding(failed('FORMAT_FAILURE'), reason, explanation);
}
