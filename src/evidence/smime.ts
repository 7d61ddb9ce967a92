import { failed, indeterminate, NO_SIGNATURE, type Verdict } from '../rules/verdict.ts';
import { verifySignedData } from './cms.ts';
import { subjectOf } from './examine-parts.ts';
import type { Entity } from './mime.ts';
import { fieldValues, type Field } from './mime-fields.ts';
import type { ValidationContext } from './path.ts';
import type { Evidence, SignatureFact } from './port.ts';
import type { OpenedLetter } from './smime-open.ts';

export interface LetterProof {
  readonly evidence: Evidence;
  /** The payload's bytes are the signed ones and unchanged. */
  readonly covered: boolean;
  /** Revocation data that would change the answer (URLs as certificates name them). */
  readonly wanted: readonly string[];
}

/** What the S/MIME signature of a letter proves. Never throws on hostile input. */
export function proveLetter(root: Entity, opened: OpenedLetter, context: ValidationContext): LetterProof {
  switch (opened.form) {
    case 'unsigned':
      return opened.nested === null
        ? unsigned('the letter carries no S/MIME signature')
        : buried(opened.nested);
    case 'encrypted':
      // Encryption says who may read, never who wrote; compression says nothing.
      return unsigned(
        'the letter is encrypted or compressed only',
        'thư chỉ được mã hóa hoặc nén, không có chữ ký số',
      );
    case 'malformed':
      return broken(opened.fault);
    case 'detached':
      return signed(root, opened, context, opened.signedData, [opened.signedBytes]);
    case 'opaque':
      return signed(root, opened, context, opened.signedData, null);
  }
}

function signed(
  root: Entity,
  opened: OpenedLetter,
  context: ValidationContext,
  signedData: Uint8Array,
  detached: readonly Uint8Array[] | null,
): LetterProof {
  const { fact, wanted } = verifySignedData(signedData, detached, context);
  const decided = fact.verdict.verdict === 'TOTAL-PASSED' ? doubted(fact, root, opened) : fact;
  const reason = [decided.reason, ...remarks(root, opened, fact)].join('; ');
  return {
    evidence: {
      format: 'smime',
      verdict: decided.verdict,
      signatures: [decided],
      reason,
      explanation: decided.explanation,
    },
    covered: decided.intact && decided.coversAll,
    wanted,
  };
}

/** A sound signature over a letter that could still be read in two ways is for an officer. */
function doubted(fact: SignatureFact, root: Entity, opened: OpenedLetter): SignatureFact {
  if (opened.nested !== null) {
    return {
      ...fact,
      verdict: indeterminate('SIG_CONSTRAINTS_FAILURE'),
      reason: `a signature inside a signature: ${opened.nested}`,
      explanation: 'trong thư đã ký còn có một chữ ký số lồng bên trong, cần cán bộ xem xét',
    };
  }
  if (opened.unclear !== null) {
    return {
      ...fact,
      verdict: indeterminate('SIG_CONSTRAINTS_FAILURE'),
      reason: `the signed letter can be read in two ways: ${opened.unclear}`,
      explanation: 'nội dung thư đã ký có thể được mỗi phần mềm đọc một khác, cần cán bộ xem xét',
    };
  }
  if (opened.protectedFields !== null && !sameAuthor(root.fields, opened.protectedFields)) {
    return {
      ...fact,
      verdict: indeterminate('SIG_CONSTRAINTS_FAILURE'),
      reason: `From outside (${author(root.fields) ?? 'none'}) is not From inside the signature (${author(opened.protectedFields) ?? 'none'})`,
      explanation: 'người gửi ghi ngoài thư khác với người gửi trong phần đã ký, cần cán bộ xem xét',
    };
  }
  return fact;
}

/** Facts that decide nothing but belong in the log. */
function remarks(root: Entity, opened: OpenedLetter, fact: SignatureFact): string[] {
  const notes: string[] = [];
  const [outside, inside] = [root.fields, opened.protectedFields ?? root.fields].map(subjectOf);
  if (outside !== inside) notes.push('Subject outside is not the signed Subject, which is the one used');
  if (opened.form === 'detached' && opened.micalg !== null && fact.digestAlgorithm !== null) {
    const declared = opened.micalg.replaceAll(/[^a-z0-9]/g, '');
    if (declared !== fact.digestAlgorithm)
      notes.push(`micalg says ${opened.micalg}, the signature ${fact.digestAlgorithm}`);
  }
  return notes;
}

/** RFC 9788 §4.4: protected headers without From leave the outer one unprotected, which is no contradiction. */
function sameAuthor(outside: readonly Field[], inside: readonly Field[]): boolean {
  return (
    fieldValues(inside, 'from').length === 0 ||
    (author(inside) !== null && author(inside) === author(outside))
  );
}

/** The one addr-spec of the one From field, lower-case; null when there is no such thing. */
export function author(fields: readonly Field[]): string | null {
  const [value, ...more] = fieldValues(fields, 'from');
  if (value === undefined || more.length > 0) return null;
  // A quote that is never closed takes the rest along and leaves no author; without that branch every escaped quote
  // would begin a search of its own through a header of 256 KB.
  const bare = value.replaceAll(/"(?:[^"\\]|\\.)*("|\\?$)/gs, (_, end: string) => (end === '"' ? '' : '<'));
  const match = /^[^<>@,;:]*<([^<>@\s,;:()]+@[^<>@\s,;:()]+)>\s*$|^([^<>@\s,;:()]+@[^<>@\s,;:()]+)$/.exec(
    bare,
  );
  return (match?.[1] ?? match?.[2])?.toLowerCase() ?? null;
}

const none = (
  verdict: Verdict,
  format: 'smime' | 'none',
  reason: string,
  explanation: string,
): LetterProof => ({
  evidence: { format, verdict, signatures: [], reason, explanation },
  covered: false,
  wanted: [],
});

const unsigned = (reason: string, explanation = 'thư không có chữ ký số'): LetterProof =>
  none(NO_SIGNATURE, 'none', reason, explanation);

const buried = (where: string): LetterProof =>
  none(
    indeterminate('SIG_CONSTRAINTS_FAILURE'),
    'smime',
    `the signature does not cover the letter: ${where}`,
    'chữ ký số chỉ nằm ở một phần bên trong thư, không bao trùm toàn bộ thư',
  );

const broken = (fault: string): LetterProof =>
  none(
    failed('FORMAT_FAILURE'),
    'smime',
    fault,
    `cấu trúc thư ký số không hợp lệ, không kiểm tra được chữ ký`,
  );
