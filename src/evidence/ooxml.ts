import { failed, indeterminate, NO_SIGNATURE, type Verdict } from '../rules/verdict.ts';
import { DerError } from './der.ts';
import { checkOfficeSignature, unreadableSignature } from './ooxml-fact.ts';
import { readOrigin, type SignatureOrigin } from './ooxml-origin.ts';
import { CONTENT_TYPE, OfficePackage } from './ooxml-package.ts';
import type { ValidationContext } from './path.ts';
import type { Evidence, SignatureFact } from './port.ts';
import { XmlError } from './xml.ts';
import { ZipError } from '../zip.ts';

export interface OfficeFinding {
  readonly evidence: Evidence;
  /** Addresses of revocation data that would change the answer. */
  readonly wanted: readonly string[];
}

/**
 * What the signatures of a docx, xlsx or pptx prove (ECMA-376 part 2 §10, [MS-OFFCRYPTO] §2.5). Every signature is
 * reported; the file passes when one passes and none has failed. Never throws on hostile input.
 */
export function examineOffice(bytes: Uint8Array, context: ValidationContext): OfficeFinding {
  try {
    const office = new OfficePackage(bytes);
    const origin = readOrigin(office);
    return origin.signatures.length === 0 ? unsigned(office) : examine(office, origin, context);
  } catch (error) {
    if (error instanceof ZipError || error instanceof XmlError || error instanceof DerError) {
      return unreadable(bytes, error.message, context);
    }
    throw error;
  }
}

function examine(office: OfficePackage, origin: SignatureOrigin, context: ValidationContext): OfficeFinding {
  const found = origin.signatures.map((part) => checkOfficeSignature(office, origin, part, context));
  const facts = inOrder(found.map((one) => one.fact));
  const { verdict, reason, explanation } = facts.at(-1)!;
  return {
    evidence: { format: 'ooxml', verdict, signatures: facts, reason, explanation },
    wanted: [...new Set(found.flatMap((one) => one.wanted))],
  };
}

/** Rising weight for the file. */
const WEIGHT = { NONE: 0, INDETERMINATE: 1, 'TOTAL-PASSED': 2, 'TOTAL-FAILED': 3 } as const;

/**
 * The port promises that the last signature decides, and whose signature it is is asked of that one. All signatures
 * of a package are over the same parts and their order is not signed, so the order of the file may not choose: an
 * untrusted certificate with somebody's address would be taken for the signer that made the file pass.
 */
const inOrder = (facts: readonly SignatureFact[]): SignatureFact[] =>
  facts.toSorted((a, b) => WEIGHT[a.verdict.verdict] - WEIGHT[b.verdict.verdict]);

const finding = (verdict: Verdict, reason: string, explanation: string): OfficeFinding => ({
  evidence: { format: 'ooxml', verdict, signatures: [], reason, explanation },
  wanted: [],
});

/** A signature part that the package does not lead to: Office shows none, another reader may. */
function unsigned(office: OfficePackage): OfficeFinding {
  const stray = office.partNames().find((part) => office.contentType(part) === CONTENT_TYPE.signature);
  if (stray === undefined) return finding(NO_SIGNATURE, 'the file is not signed', 'không có chữ ký số');
  return finding(
    indeterminate('SIGNED_DATA_NOT_FOUND'),
    `the package does not lead to its signature ${stray}`,
    'tệp có dấu vết chữ ký số nhưng không đọc được chữ ký',
  );
}

/** A damaged file without any trace of a signature is simply unsigned; with one it is a broken signature. */
function unreadable(bytes: Uint8Array, reason: string, context: ValidationContext): OfficeFinding {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  // Names stand in the clear in a zip: the folder of Office, and the extension .NET gives to signatures.
  if (!['_xmlsignatures', '.psdsxs'].some((trace) => text.includes(trace)))
    return finding(NO_SIGNATURE, `unsigned, and damaged: ${reason}`, 'không có chữ ký số');
  const explanation = 'cấu trúc tệp văn phòng không đúng chuẩn nên không kiểm tra được chữ ký số';
  const found = finding(failed('FORMAT_FAILURE'), reason, explanation);
  const fact = unreadableSignature(reason, explanation, context);
  return { ...found, evidence: { ...found.evidence, signatures: [fact] } };
}
