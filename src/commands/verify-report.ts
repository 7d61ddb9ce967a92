import { causeText } from '../errors.ts';
import type { Evidence, SignatureFact } from '../evidence/port.ts';
import type { FileVerified } from '../parser-process/protocol.ts';
import { adviceOn } from '../rules/verdict-advice.ts';
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
export const errorLine = (file: string, error: unknown): VerifyLine => ({
  file,
  format: 'none',
  verdict: 'INDETERMINATE',
  subIndication: 'GENERIC',
  signatures: [],
  reason: causeText(error),
  explanation: unreadable(error),
});

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'không có tệp này',
  EACCES: 'không được phép đọc tệp này',
  ELOOP: 'đường dẫn tới tệp đi vòng tròn',
  ENAMETOOLONG: 'tên tệp quá dài',
};

function unreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return UNREADABLE[code] ?? 'không đọc được tệp';
}

const WORDS = {
  vi: {
    'TOTAL-PASSED': 'HỢP LỆ',
    'TOTAL-FAILED': 'KHÔNG HỢP LỆ',
    INDETERMINATE: 'CHƯA XÁC ĐỊNH',
    NONE: 'KHÔNG CÓ CHỮ KÝ SỐ',
    signer: 'người ký',
    next: 'việc tiếp theo',
  },
  en: {
    'TOTAL-PASSED': 'VALID',
    'TOTAL-FAILED': 'INVALID',
    INDETERMINATE: 'CANNOT TELL',
    NONE: 'NOT SIGNED',
    signer: 'signer',
    next: 'what to do',
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
    `${indent}${shown(name)}: ${words[found.verdict.verdict]} (${why(found, language)})`,
    ...next(found, language).map((advice) => `${indent}  ${words.next}: ${advice}`),
    ...found.signatures.map(
      ({ signer }) =>
        `${indent}  ${words.signer}: ${shown(signer?.commonName ?? '?')} <${shown(signer?.email ?? '?')}>`,
    ),
  ];
  const parts = documents.flatMap((document) => one(document.filename, document.evidence, '  '));
  return [...one(file, evidence, ''), ...parts].join('\n');
}

export const unexamined = (file: string, error: unknown, language: ReportLanguage): string =>
  `${shown(file)}: ${WORDS[language].INDETERMINATE} (${language === 'vi' ? unreadable(error) : 'cannot be examined'}: ${shown(causeText(error))})`;

/** In English the exact reason, as the log has it. */
function why({ verdict, reason, explanation }: Evidence, language: ReportLanguage): string {
  if (language === 'vi') return explanation;
  return 'subIndication' in verdict ? `${verdict.subIndication}: ${reason}` : reason;
}

function next({ verdict }: Evidence, language: ReportLanguage): string[] {
  const advice = adviceOn(verdict);
  return advice === null ? [] : [advice[language]];
}

/** A name of a stranger's file must not begin a line of its own, nor steer the terminal. */
export const shown = (name: string): string =>
  name.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (sign) => `\\u{${sign.codePointAt(0)!.toString(16)}}`);
