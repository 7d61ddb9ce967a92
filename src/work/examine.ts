import { createHash } from 'node:crypto';
import type { ExaminedLetter } from '../evidence/port.ts';
import { causeText } from '../errors.ts';
import { evidenceFound, letterDuplicate, letterQuarantined } from '../mail-log/events.ts';
import type { OfficerFindings } from '../rules/approval.ts';
import { scanSummary } from '../rules/scan.ts';
import { secrecyMark, type SecrecyMark } from '../rules/secrecy.ts';
import { dossierByNumber } from '../store/dossiers.ts';
import { rawLetter } from '../store/letter-bytes.ts';
import { letterBySignedDigest, type Letter } from '../store/letters.ts';
import { examineScans, keepScans, type Examination } from './examine-scans.ts';
import { tellResent } from './resent.ts';
import { KillsItsParser, Postpone, type Step, type StepDeps } from './step.ts';

/** A report of bad mail carries that mail: it is kept sealed and never opened (ST-9.4, BH-8.7). */
export const isAbuseReport = ({ kinds }: Pick<Letter, 'kinds'>): boolean =>
  kinds.length > 0 && kinds.every((kind) => kind === 'ABUSE_REPORT');

const unopened = (reason: string, explanation: string): ExaminedLetter => ({
  letter: { format: 'none', verdict: { verdict: 'NONE' }, signatures: [], reason, explanation },
  subject: '',
  bodyText: '',
  documents: [],
  limit: null,
});
const ABUSE = unopened('report of bad mail, not opened', 'thư báo nội dung xấu, không mở');

/** What the scanner found; such a letter is opened by nobody. */
interface Infected {
  readonly virus: string;
}

/** Packed beyond our bounds: the scanner has not seen all of it. */
interface Unscanned {
  readonly unscanned: string;
}

/** A mark of secrecy in the words or inside a file; only that it is there is told. */
interface Secret {
  readonly secret: SecrecyMark;
}

/** A scanner that is away is asked again soon; the letter waits, however long (threats.md "virus"). */
const SCANNER_RETRY_MS = 60_000;

async function virusIn(
  raw: Buffer,
  letter: Letter,
  { scanForVirus, clock }: StepDeps,
): Promise<Infected | Unscanned | null> {
  if (scanForVirus === null) return null;
  try {
    const { found, limit } = await scanForVirus(raw);
    if (found !== null) return { virus: found };
    return limit === null ? null : { unscanned: limit };
  } catch (error) {
    // Not the scanner is in trouble but the child that takes the letter apart for it.
    if (error instanceof KillsItsParser) return { unscanned: finallyKilled(error, letter) };
    throw new Postpone(new Date(clock.now().getTime() + SCANNER_RETRY_MS), causeText(error));
  }
}

/** Dead children, with minutes between them, before the letter that killed them is given up: it must end some day. */
const KILLS = 3;

const unexaminable = (limit: string): ExaminedLetter => ({
  letter: {
    format: 'none',
    verdict: { verdict: 'INDETERMINATE', subIndication: 'GENERIC' },
    signatures: [],
    reason: limit,
    explanation: 'chưa kiểm tra được thư',
  },
  subject: '',
  bodyText: '',
  documents: [],
  limit,
});

/**
 * The bound they died of, when this was the last child it may kill; other trouble on the way does not count. A rehearsal
 * claims nothing (attempt 0) and has no second try.
 */
function finallyKilled(error: KillsItsParser, { attempts, kills }: Letter): string {
  if (attempts > 0 && kills + 1 < KILLS) throw error;
  return error.message;
}

/** What a job in the parsing child says of this letter, or what is to be said when none survives it. */
async function unlessKilled<T>(
  letter: Letter,
  job: () => Promise<T>,
  given: (limit: string) => T,
): Promise<T> {
  try {
    return await job();
  } catch (error) {
    if (!(error instanceof KillsItsParser)) throw error;
    return given(finallyKilled(error, letter));
  }
}

/** Some signature waits for revocation data: to be examined again. */
export const waitsForRevocation = (examined: ExaminedLetter): boolean =>
  [examined.letter, ...examined.documents.map(({ evidence }) => evidence)].some(({ verdict }) =>
    isTryLater(verdict),
  );

const isTryLater = (verdict: ExaminedLetter['letter']['verdict']): boolean =>
  verdict.verdict === 'INDETERMINATE' && verdict.subIndication === 'TRY_LATER';

const noMark = (): null => null;

const wordsOf = ({ subject, bodyText, documents }: ExaminedLetter): string =>
  [subject, bodyText, ...documents.map(({ filename }) => filename)].join('\n');

/** Establishes what the signatures prove. Facts only; `approve` judges them. */
export const examine: Step<Examination | Infected | Unscanned | Secret> = {
  name: 'examine',
  async look({ letter }, deps) {
    if (isAbuseReport(letter)) return { examined: ABUSE, pictures: [] };
    const raw = await rawLetter(deps.db, letter.id);
    // An officer has looked; the same mark or bound must not seal it for ever. A virus does.
    const officer = letter.findings['officer'] as OfficerFindings | undefined;
    const released = officer?.released === true;
    const trouble = await virusIn(raw, letter, deps);
    if (trouble !== null && ('virus' in trouble || !released)) return trouble;
    const examined = await unlessKilled(letter, () => deps.examine(raw, letter.receivedAt), unexaminable);
    if (released) return examineScans(raw, examined, deps);
    const opened = examined.documents.filter(({ encrypted }) => !encrypted);
    // What kills its reader here does so again where the list is read; then it goes to an officer.
    const screened = () => unlessKilled(letter, () => deps.screenFiles(raw, opened), noMark);
    const mark = secrecyMark(wordsOf(examined)) ?? (await screened());
    // What is secret is not made into pictures either.
    return mark === null ? examineScans(raw, examined, deps) : { secret: mark };
  },
  async act(tx, work, seen, deps) {
    const { letter } = work;
    const about = { letter: letter.id, unit: letter.unit, sender: letter.sender };
    if ('unscanned' in seen) {
      const reason = `Vượt giới hạn kiểm tra: ${seen.unscanned}`;
      return {
        course: 'quarantine',
        finding: unopened(
          `not scanned to its end: ${seen.unscanned}`,
          'thư chưa được quét hết mã độc, không mở',
        ),
        reason,
        log: [letterQuarantined({ ...about, why: reason })],
      };
    }
    if ('virus' in seen) {
      const reason = `Phát hiện mã độc trong thư: ${seen.virus}`;
      return {
        course: 'quarantine',
        finding: unopened(`virus ${seen.virus}`, 'thư có mã độc, không mở'),
        reason,
        log: [letterQuarantined({ ...about, why: reason })],
      };
    }
    if ('secret' in seen) {
      const mark = seen.secret;
      // What was under an opaque signature or encoding was not seen at the door; no word of it,
      // not even a file name, is kept outside the bytes.
      return {
        course: 'quarantine',
        finding: unopened(`secrecy mark ${mark}`, 'thư có dấu chỉ độ mật, không mở'),
        reason: `Thư có dấu chỉ độ mật (${mark})`,
        log: [letterQuarantined({ ...about, why: `secrecy mark ${mark}` })],
      };
    }
    const examined = await keepScans(tx, letter.id, seen);
    const { verdict } = examined.letter;
    const log = [
      evidenceFound({
        ...about,
        verdict: 'subIndication' in verdict ? `${verdict.verdict} ${verdict.subIndication}` : verdict.verdict,
        detail: [
          examined.letter.reason,
          ...examined.documents.map(({ filename, evidence, scan }) =>
            scan === undefined
              ? `${filename}: ${evidence.verdict.verdict}`
              : `${filename}: ${evidence.verdict.verdict}, ${scanSummary(scan)}`,
          ),
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
      const dossier = first.dossier === null ? null : await dossierByNumber(tx.orm, first.dossier);
      return {
        course: 'duplicate',
        finding: examined,
        reason: `Nội dung đã ký trùng với thư đã nhận (${first.dossier ?? first.id})`,
        ...(dossier === null ? {} : { dossier: dossier.number }),
        log: [
          ...log,
          ...(dossier === null
            ? [letterDuplicate({ ...about, dossier: null })]
            : await tellResent(tx, work, dossier, deps)),
        ],
      };
    }
    return { course: 'on', finding: examined, signedDigest: digest, log };
  },
};

/** The signature itself identifies signed content: a replay in a new envelope carries the same one. */
function signedDigest(sender: string, examined: ExaminedLetter): Buffer | null {
  const [signature] = examined.letter.signatures;
  const { verdict } = examined.letter;
  if (signature === undefined || (verdict.verdict !== 'TOTAL-PASSED' && !isTryLater(verdict))) return null;
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
