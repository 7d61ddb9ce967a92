import type { ExaminedLetter } from '../evidence/port.ts';
import { decision, letterQuarantined, MACHINE } from '../mail-log/events.ts';
import { yearOf } from '../notices/dates.ts';
import { answeredPerHour } from '../rules/automatic-answers.ts';
import { dossierNumberIn, type DossierState } from '../rules/dossier.ts';
import { localTime } from '../rules/calendar.ts';
import type { Regulation, RequestKind } from '../rules/regulation.ts';
import { governs } from '../rules/regulations.ts';
import { detectKinds } from '../rules/request-kinds.ts';
import type { Tx } from '../store/database.ts';
import {
  dossierByNumber,
  openDossier,
  setDossierState,
  updateDossier,
  type Dossier,
} from '../store/dossiers.ts';
import { bareLettersSince } from '../store/letters.ts';
import { unitByCode } from '../store/registry.ts';
import { answerQuestion, questionOf } from './answer-question.ts';
import { clocksFrom, runClock } from './clock.ts';
import { readOrderAnswer, takeOrderAnswer, type OrderAnswer } from './executor-answer.ts';
import { isAbuseReport } from './examine.ts';
import type { Case, Step, StepDeps, StepResult } from './step.ts';
import { dossierOfSameFiles, tellResent } from './resent.ts';
import { writeNotice, type NoticeTemplate } from './write-notice.ts';

/**
 * Gives the request its number and due date (NĐ 30/2020 Đ22), or joins the dossier it completes, and says so. Letters
 * that are no requests end here: questions to the gateway, an executor's answer, reports of bad mail and of faults.
 */
export const register: Step<OrderAnswer | null> = {
  name: 'register',
  look: readOrderAnswer,
  async act(tx, work, answer, deps) {
    if (answer !== null) return takeOrderAnswer(tx, work, answer, deps);
    const question = questionOf(work);
    if (question !== null) return answerQuestion(tx, work, question, deps);
    const bare = await bareness(tx, work, deps);
    if (bare === 'too many') return inSilence(work);
    return registered(tx, work, bare === 'some', deps);
  },
};

const HOUR_MS = 3_600_000;

/** Whether the letter may be an automaton's, and whether its sender has written too many of the kind. */
async function bareness(
  tx: Tx,
  { letter }: Case,
  { clock, notices }: StepDeps,
): Promise<'no' | 'some' | 'too many'> {
  if (letter.facts.proof.method === 'paper' || isAbuseReport(letter)) return 'no';
  const examined = letter.findings['examine'] as ExaminedLetter;
  const limit = answeredPerHour({
    repliesToUs: letter.facts.inReplyTo.some((id) => id.endsWith(`@${notices.hostname}>`)),
    files: examined.documents.length,
    proven: examined.letter.verdict.verdict === 'TOTAL-PASSED',
  });
  if (limit === null) return 'no';
  const since = new Date(clock.now().getTime() - HOUR_MS);
  return (await bareLettersSince(tx, letter.sender, since)) < limit ? 'some' : 'too many';
}

/** No dossier, no notice: an officer sees who it is and has it tried again, or not. */
function inSilence({ letter }: Case): StepResult {
  const reason =
    'Nhiều thư liên tiếp không kèm văn bản trong một giờ, có thể do phần mềm tự động gửi: chưa trả lời';
  return {
    course: 'officer',
    reason,
    finding: { kinds: [], bare: true },
    log: [
      decision({
        letter: letter.id,
        unit: letter.unit,
        actor: MACHINE,
        outcome: 'not answered',
        detail: reason,
      }),
    ],
  };
}

async function registered(tx: Tx, received: Case, bare: boolean, deps: StepDeps): Promise<StepResult> {
  const { letter } = received;
  const known = await joinable(tx, received, deps);
  // A dossier keeps the version of the rules in force at its receipt.
  const regulation = known?.regulation ?? received.regulation;
  const work = { letter, regulation };
  const asked = kindsOf(work);
  // A reply repeats our own subject, which says nothing about what is asked.
  const standing = known?.dossier ?? null;
  const kinds =
    standing === null || (standing.state !== 'correction' && asked.length > 0) ? asked : standing.kinds;
  const same = standing === null ? await dossierOfSameFiles(tx, work, kinds) : null;
  if (same !== null)
    return {
      course: 'duplicate',
      finding: { kinds, bare },
      dossier: same.number,
      reason: `Trùng tệp với đề nghị đã tiếp nhận (${same.number})`,
      log: await tellResent(tx, work, same, deps),
    };
  const about = { letter: letter.id, unit: letter.unit, actor: MACHINE };
  const restarts = standing === null || RESTARTED.includes(standing.state);
  const complete = letter.person === null ? letter.receivedAt : null;
  const clocks = clocksFrom(regulation, kinds, letter.receivedAt, complete, deps);
  const dossier =
    standing === null
      ? await opened(tx, work, kinds, clocks)
      : restarts
        ? await joined(tx, standing, kinds, clocks)
        : standing;
  const number = dossier.number;
  const log = [
    decision({
      ...about,
      dossier: number,
      outcome: 'registered',
      detail: `${kinds.join(' ')} due ${dossier.dueDate ?? '-'}`,
    }),
  ];
  if (restarts && clocks.completeAt !== null)
    log.push(await runClock(tx, dossier, letter.id, clocks, letter.receivedAt));
  const template = receiptFor(work, kinds);
  if (template !== null) log.push(...(await writeNotice(tx, work, deps, { template, dossier, holes: {} })));
  const result = { finding: { kinds, bare }, dossier: number, regulation: regulation.id };
  if (template === 'abuse') {
    const why = 'Báo thư rác, nội dung xấu: lưu niêm phong, không mở';
    await setDossierState(tx, number, 'completed', deps.clock.now());
    return {
      ...result,
      course: 'quarantine',
      reason: why,
      log: [...log, letterQuarantined({ ...about, why })],
    };
  }
  if (template === 'incident') {
    await setDossierState(tx, number, 'officer', deps.clock.now());
    return { ...result, course: 'officer', reason: 'Báo sự cố: cán bộ kỹ thuật xử lý', log };
  }
  return { ...result, course: 'on', log };
}

/** Which receipt the sender gets the same day (NĐ 30/2020 Đ21.2c), if the regulation wants one. */
function receiptFor({ letter, regulation }: Case, kinds: readonly RequestKind[]): NoticeTemplate | null {
  if (isAbuseReport(letter)) return 'abuse';
  if (kinds.length > 0 && kinds.every((kind) => kind === 'INCIDENT')) return 'incident';
  return regulation.replies.acknowledgement === 'same_day' ? 'received' : null;
}

/** What the signed words ask for; the door's first reading only where they say nothing. */
function kindsOf({ letter }: Case): RequestKind[] {
  if (isAbuseReport(letter)) return letter.kinds;
  // The officer who entered a paper request has read it.
  if (letter.facts.proof.method === 'paper') return letter.kinds;
  const { subject, bodyText } = letter.findings['examine'] as ExaminedLetter;
  const bySubject = detectKinds(`${subject}\n${letter.facts.subject}`);
  if (bySubject.length > 0) return bySubject;
  const byBody = detectKinds(bodyText);
  return byBody.length > 0 ? byBody : letter.kinds;
}

type Clocks = ReturnType<typeof clocksFrom>;

async function opened(tx: Tx, work: Case, kinds: RequestKind[], clocks: Clocks): Promise<Dossier> {
  const values = { regulation: work.regulation.id, unit: work.letter.unit!, kinds, state: 'open' as const };
  return openDossier(tx, yearOf(work.letter.receivedAt), { ...values, ...clocks });
}

/**
 * A number in the subject joins only a dossier of the same unit, or of one it has taken over: the number alone is
 * guessable.
 */
async function joinable(
  tx: Tx,
  { letter, regulation }: Case,
  deps: StepDeps,
): Promise<{ dossier: Dossier; regulation: Regulation } | null> {
  const number = dossierNumberIn(letter.facts.subject);
  const dossier = number === null ? null : await dossierByNumber(tx.orm, number);
  if (dossier === null || dossier.state === 'completed') return null;
  const owner = await unitByCode(tx.orm, dossier.unit);
  if (dossier.unit !== letter.unit && owner?.successor !== letter.unit) return null;
  const on = localTime(letter.receivedAt).date;
  const earlier = deps.regulations.find(({ id }) => id === dossier.regulation);
  if (earlier === undefined || !governs(regulation, earlier.id, on, deps.regulations)) return null;
  return { dossier, regulation: earlier };
}

/** A dossier whose clock stands; one that is at work keeps its time whatever else its unit writes. */
const RESTARTED: readonly DossierState[] = ['correction', 'awaiting_paper', 'refused'];

/** The corrected letter starts the clock anew from its own receipt (requirements.md §6.8). */
async function joined(tx: Tx, known: Dossier, kinds: RequestKind[], clocks: Clocks): Promise<Dossier> {
  const change = { state: 'open' as const, closedAt: null, kinds, ...clocks };
  await updateDossier(tx, known.number, change);
  return { ...known, ...change };
}
