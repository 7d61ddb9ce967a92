import type { Evidence, SignatureFact } from '../evidence/port.ts';
import type { FileVerified } from '../parser-process/protocol.ts';
import type { Verdict } from '../rules/verdict.ts';

/** One file's line of `verify`: what it proves, or why it could not be examined. */
export type VerifyLine = { readonly file: string; readonly verdict: Verdict['verdict'] } & Readonly<
  Record<string, unknown>
>;

const flat = (verdict: Verdict) =>
  'subIndication' in verdict
    ? { verdict: verdict.verdict, subIndication: verdict.subIndication }
    : { verdict: verdict.verdict };

const signature = ({ verdict, ...fact }: SignatureFact) => ({ ...flat(verdict), ...fact });

const evidenceLine = ({ format, verdict, signatures, reason, explanation }: Evidence) => ({
  format,
  ...flat(verdict),
  signatures: signatures.map(signature),
  reason,
  explanation,
});

export const fileLine = (file: string, { evidence, documents }: FileVerified): VerifyLine => ({
  file,
  ...evidenceLine(evidence),
  ...(documents.length === 0
    ? {}
    : { documents: documents.map(({ evidence: own, ...facts }) => ({ ...facts, ...evidenceLine(own) })) }),
});

/** A file that could not be examined proves nothing, and says why. */
export const errorLine = (file: string, error: string): VerifyLine => ({
  file,
  format: 'none',
  verdict: 'INDETERMINATE',
  subIndication: 'GENERIC',
  signatures: [],
  error,
});

const WORDS = {
  vi: {
    'TOTAL-PASSED': 'HỢP LỆ',
    'TOTAL-FAILED': 'KHÔNG HỢP LỆ',
    INDETERMINATE: 'CHƯA XÁC ĐỊNH',
    NONE: 'KHÔNG CÓ CHỮ KÝ SỐ',
    signer: 'người ký',
  },
  en: {
    'TOTAL-PASSED': 'VALID',
    'TOTAL-FAILED': 'INVALID',
    INDETERMINATE: 'CANNOT TELL',
    NONE: 'NOT SIGNED',
    signer: 'signer',
  },
} as const;

export type ReportLanguage = keyof typeof WORDS;

export function fileText(
  file: string,
  { evidence, documents }: FileVerified,
  language: ReportLanguage,
): string {
  const words = WORDS[language];
  const one = (name: string, found: Evidence, indent: string): string[] => [
    `${indent}${name}: ${words[found.verdict.verdict]} (${language === 'vi' ? found.explanation : found.reason})`,
    ...found.signatures.map(
      ({ signer }) => `${indent}  ${words.signer}: ${signer?.commonName ?? '?'} <${signer?.email ?? '?'}>`,
    ),
  ];
  const parts = documents.flatMap((document) => one(document.filename, document.evidence, '  '));
  return [...one(file, evidence, ''), ...parts].join('\n');
}
