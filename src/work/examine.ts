import { createHash } from 'node:crypto';
import type { ExaminedLetter } from '../evidence/port.ts';
import { evidenceFound, letterDuplicate } from '../mail-log/events.ts';
import { letterBySignedDigest, rawLetter, type Letter } from '../store/letters.ts';
import type { Step } from './step.ts';

/** A report of bad mail carries that mail: it is kept sealed and never opened (ST-9.4, BH-8.7). */
export const isAbuseReport = ({ kinds }: Pick<Letter, 'kinds'>): boolean =>
  kinds.length > 0 && kinds.every((kind) => kind === 'ABUSE_REPORT');

const UNOPENED: ExaminedLetter = {
  letter: {
    format: 'none',
    verdict: { verdict: 'NONE' },
    signatures: [],
    reason: 'report of bad mail, not opened',
    explanation: 'thư báo nội dung xấu, không mở',
  },
  subject: '',
  bodyText: '',
  documents: [],
  limit: null,
};

/** Establishes what the signatures prove. Facts only; `approve` judges them. */
export const examine: Step<ExaminedLetter> = {
  name: 'examine',
  async look({ letter }, deps) {
    if (isAbuseReport(letter)) return UNOPENED;
    return deps.examine(await rawLetter(deps.db, letter.id), letter.receivedAt);
  },
  async act(tx, { letter }, examined) {
    const { verdict } = examined.letter;
    const about = { letter: letter.id, unit: letter.unit, sender: letter.sender };
    const log = [
      evidenceFound({
        ...about,
        verdict: 'subIndication' in verdict ? `${verdict.verdict} ${verdict.subIndication}` : verdict.verdict,
        detail: [
          examined.letter.reason,
          ...examined.documents.map((d) => `${d.filename}: ${d.evidence.verdict.verdict}`),
        ].join('; '),
      }),
    ];
    if (examined.limit !== null) {
      return {
        course: 'quarantine',
        finding: examined,
        reason: `Vượt giới hạn kiểm tra: ${examined.limit}`,
        log,
      };
    }
    const digest = signedDigest(letter.sender, examined);
    const first = digest === null ? null : await letterBySignedDigest(tx.orm, digest);
    if (first !== null && first.id !== letter.id) {
      return {
        course: 'duplicate',
        finding: examined,
        reason: `Nội dung đã ký trùng với thư đã nhận (${first.dossier ?? first.id})`,
        ...(first.dossier === null ? {} : { dossier: first.dossier }),
        log: [...log, letterDuplicate({ ...about, dossier: first.dossier })],
      };
    }
    return { course: 'on', finding: examined, signedDigest: digest, log };
  },
};

/** The signature itself identifies signed content: a replay in a new envelope carries the same one. */
function signedDigest(sender: string, examined: ExaminedLetter): Buffer | null {
  const [signature] = examined.letter.signatures;
  if (examined.letter.verdict.verdict !== 'TOTAL-PASSED' || signature === undefined) return null;
  const content = [
    sender,
    signature.signer?.sha256,
    signature.signedAt,
    examined.subject,
    examined.bodyText,
    ...examined.documents.map((d) => d.sha256),
  ];
  return createHash('sha256').update(JSON.stringify(content)).digest();
}
