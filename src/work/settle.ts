import type { LogEvent } from '../mail-log/event.ts';
import { decision, MACHINE } from '../mail-log/events.ts';
import { longDate } from '../notices/dates.ts';
import type { Hole } from '../notices/render.ts';
import { dossierStateOf, mayCarryOut, type DossierState } from '../rules/dossier.ts';
import type { Course } from '../rules/letter.ts';
import type { Problem } from '../rules/mailbox-list.ts';
import type { RequestKind } from '../rules/regulation.ts';
import type { Tx } from '../store/database.ts';
import {
  dossierByNumber,
  lockDossier,
  setDossierState,
  standingRows,
  type Dossier,
  type DossierRow,
} from '../store/dossiers.ts';
import { lettersOfDossier, type Letter } from '../store/letters.ts';
import { openDraftsOf } from '../store/documents.ts';
import { unitByCode } from '../store/registry.ts';
import { carryOut, checkedRow, openActivations, type Done } from './carry-out.ts';
import { restClock } from './clock.ts';
import { isForeign, tellAffected } from './affected-units.ts';
import { correctionList } from './correction-list.ts';
import { orderRows } from './order-rows.ts';
import { issueReply, needsReplyDocument, type Issued } from './reply-document.ts';
import { doneTable, faultyTable, passwordText, problemLines, two } from './result-tables.ts';
import { finishLetters } from './finish-letters.ts';
import type { ActDeps, Case } from './step.ts';
import { writeNotice, type NoticeTemplate } from './write-notice.ts';

/** Where a dossier stands after everything that could be done now was done. */
export interface Settled {
  readonly state: DossierState;
  readonly done: number;
  /** Vietnamese, for officers; empty unless something waits for them. */
  readonly reason: string;
  readonly log: readonly LogEvent[];
}

/** Why a dossier is looked at. */
export type Turn =
  /** A letter has just been checked. */
  | { readonly turn: 'letter' }
  /** Somebody else moved it on; `done` are rows the caller closed, which the unit has not been told of. */
  | { readonly turn: 'later'; readonly done: readonly Done[] };

/** The letter's course that a dossier's state means. */
export const COURSE_OF: Readonly<Record<DossierState, Course>> = {
  open: 'scheduled',
  officer: 'officer',
  awaiting_paper: 'awaiting_paper',
  correction: 'correction',
  executor: 'executor',
  document: 'officer',
  completed: 'on',
  refused: 'refused',
};

/**
 * THE ONE VERB of a dossier: carries out what may be carried out, orders what others carry out, tells the unit, and
 * says where the dossier stands. Called by the step `provision`, by an officer's decision on a row, by the executor's
 * answer and by the job for rows that waited for their day; each call does only what is left.
 */
export async function settle(tx: Tx, work: Case, deps: ActDeps, turn: Turn): Promise<Settled> {
  const number = work.letter.dossier!;
  await lockDossier(tx, number);
  const letters = await lettersOfDossier(tx.orm, number);
  const problems = standingProblems(letters);
  const log: LogEvent[] = [];
  const rows = await standingRows(tx.orm, number);
  const done = turn.turn === 'later' ? [...turn.done] : [];
  let ordered: readonly DossierRow[] = [];
  if (
    mayCarryOut(
      { rows: rows.map(({ state }) => state), problems: problems.length },
      work.regulation.list.partialAcceptance,
    )
  ) {
    const valid = rows.filter(({ state }) => state === 'valid');
    if (work.regulation.identity.mode === 'execute') {
      for (const row of valid) {
        const result = await carryOut(tx, work, row, deps);
        done.push(result.done);
        log.push(result.log);
      }
    } else if (valid.length > 0) {
      ordered = valid;
      log.push(...(await orderRows(tx, work, valid, deps)));
    }
  }
  const dossier = (await dossierByNumber(tx.orm, number))!;
  const reply = needsReplyDocument(work.regulation, done)
    ? await issueReply(tx, work, dossier, done, deps)
    : null;
  log.push(...(reply?.log ?? []));
  const after = await standingRows(tx.orm, number);
  const owed = (await openDraftsOf(tx.orm, number)).length > 0;
  const state = dossierStateOf({
    rows: after.map((row) => row.state),
    problems: problems.length,
    documentOwed: owed,
    rowsExpected: dossier.kinds.length === 0 || !dossier.kinds.every((kind) => RECORDED.includes(kind)),
  });
  const situation = { turn, work, dossier, letters, rows: after, done, ordered, problems, reply, state };
  log.push(...(await tell(tx, situation, deps)));
  await setDossierState(tx, number, state, deps.clock.now());
  log.push(...(await restClock(tx, dossier, state, deps.clock.now())));
  await finishLetters(tx, letters, after, state, deps.clock.now());
  const counted = `${done.length} done, ${count(after, 'faulty')} back, ${count(after, 'officer', 'failed')} with an officer`;
  const about = { letter: work.letter.id, dossier: number, unit: work.letter.unit };
  log.push(decision({ ...about, outcome: state, detail: counted, actor: MACHINE }));
  return { state, done: done.length, reason: reasonOf(state, after), log };
}

/** Reports that are complete once they are recorded. */
const RECORDED: readonly RequestKind[] = ['QUARTERLY_DECLARATION', 'USAGE_REPORT'];
const count = (rows: readonly DossierRow[], ...states: DossierRow['state'][]): number =>
  rows.filter(({ state }) => states.includes(state)).length;

/** Faults of the request as the latest letter that was checked left them. */
export function standingProblems(letters: readonly Letter[]): readonly Problem[] {
  const checked = letters.findLast(({ findings }) => findings['check'] !== undefined);
  return (checked?.findings['check'] as { problems: readonly Problem[] } | undefined)?.problems ?? [];
}

function reasonOf(state: DossierState, rows: readonly DossierRow[]): string {
  if (state === 'document') return 'Ban hành văn bản phúc đáp có chữ ký số';
  if (state !== 'officer') return '';
  return rows
    .filter(({ state: at }) => at === 'officer' || at === 'failed')
    .map((row) => `${checkedRow(row).fullName}: ${row.result ?? 'cán bộ kiểm tra'}`)
    .join('; ');
}

interface Situation {
  readonly turn: Turn;
  readonly work: Case;
  readonly dossier: Dossier;
  readonly letters: readonly Letter[];
  readonly rows: readonly DossierRow[];
  readonly done: readonly Done[];
  readonly ordered: readonly DossierRow[];
  readonly problems: readonly Problem[];
  readonly reply: Issued | null;
  readonly state: DossierState;
}

/** Which notice this turn of events calls for; null when the unit knows all of it already. */
function templateFor({ turn, rows, work, done, ordered, problems, state }: Situation): NoticeTemplate | null {
  if (turn.turn === 'letter' && goesBack(rows, problems)) return 'correction';
  if (done.some(({ refused }) => !refused)) return 'completed';
  if (done.length > 0) return 'officer';
  if (ordered.length > 0) return 'ordered';
  if (turn.turn === 'later') return null;
  const mine = rows.filter(({ letter }) => letter === work.letter.id);
  if (count(mine, 'waiting') > 0) return 'scheduled';
  return state === 'officer' ? 'officer' : null;
}

/** Rows that go back are told at once, also beside rows an officer has to look at. */
const goesBack = (rows: readonly DossierRow[], problems: readonly Problem[]): boolean =>
  problems.length > 0 || count(rows, 'faulty') > 0;

async function tell(tx: Tx, situation: Situation, deps: ActDeps): Promise<LogEvent[]> {
  const template = templateFor(situation);
  if (template === null) return [];
  // The result goes out with its signed document, not before (QB-4.2).
  if (template === 'completed' && situation.reply?.signed === null) return [];
  const { work, dossier, rows, done, letters } = situation;
  const faulty = rows.filter(({ state }) => state === 'faulty');
  const list = template === 'correction' ? correctionList(letters, faulty, dossier.number, deps) : null;
  const attachments = [list, situation.reply?.signed ?? null].filter((attachment) => attachment !== null);
  // One letter can have its result in several parts; the first row of a part names it.
  const key = template === 'completed' ? `completed/${done[0]!.row.id}` : template;
  const told = situation.reply?.signed === null ? [] : done;
  return tellResult(tx, work, dossier, told, deps, { template, key, attachments, holes: holesOf(situation) });
}

/**
 * A notice that tells what was done, with the links its owners need. Where the mailbox of whoever wrote is the very
 * one whose password was withdrawn, the link goes to somebody who can still read it.
 */
export async function tellResult(
  tx: Tx,
  work: Case,
  dossier: Dossier,
  done: readonly Done[],
  deps: ActDeps,
  words: Omit<Parameters<typeof writeNotice>[3], 'dossier'>,
): Promise<LogEvent[]> {
  const unit = await unitByCode(tx.orm, work.letter.unit!);
  const own = work.letter.person ?? unit?.mailbox ?? null;
  const links = await openActivations(tx, work, done, deps);
  const lockedOut = done.filter(({ row, address }) => links.has(row.id) && address === own);
  const log: LogEvent[] = [];
  if (lockedOut.length > 0) {
    const others = [work.letter.person === null ? null : (unit?.mailbox ?? null), ...deps.officers];
    const recipient = others.find((address) => address !== null && address !== own) ?? null;
    const table = doneTable(lockedOut, links);
    if (recipient !== null)
      log.push(
        ...(await writeNotice(tx, work, deps, {
          template: 'handover',
          key: `handover/${lockedOut[0]!.row.id}`,
          dossier,
          recipient,
          holes: { mailbox: own ?? '', done_rows: table },
        })),
      );
  }
  const foreign = done.filter(({ row }) => isForeign(work, row));
  log.push(...(await tellAffected(tx, work, dossier, foreign, links, deps)));
  const elsewhere = new Set([...lockedOut, ...foreign].map(({ row }) => row.id));
  const shown = new Map([...links].filter(([row]) => !elsewhere.has(row)));
  const holes = {
    remaining: '',
    document: '',
    ...words.holes,
    today: longDate(deps.clock.now()),
    done_rows: doneTable(done, shown),
    activation: shown.size > 0 ? passwordText(work.regulation, deps.notices.activationDays) : '',
    locked_out:
      lockedOut.length > 0
        ? `Địa chỉ đặt mật khẩu của hộp thư ${own ?? ''} được bàn giao riêng, không gửi vào chính hộp thư này.`
        : '',
  };
  return [...log, ...(await writeNotice(tx, work, deps, { ...words, dossier, holes }))];
}

function holesOf({ work, rows, done, problems, ordered, reply }: Situation): Record<string, Hole> {
  const faulty = rows.filter(({ state }) => state === 'faulty');
  const held = count(rows, 'valid');
  const officer = rows.filter(({ state }) => state === 'officer' || state === 'failed');
  const waiting = rows.filter(({ state }) => state === 'waiting');
  const open = rows.length - count(rows, 'done') - faulty.length;
  const executor = work.regulation.identity.executor?.name ?? '';
  return {
    row_count: two(rows.length),
    valid_count: two(rows.length - faulty.length),
    valid_fate: held > 0 ? 'hợp lệ, được giải quyết khi hồ sơ đầy đủ' : 'hợp lệ, đã hoặc đang được xử lý',
    faulty_count: two(faulty.length > 0 ? faulty.length : problems.length),
    faulty_rows: faultyTable(faulty),
    list_problems: problemLines(problems),
    list_hint:
      faulty.length > 0
        ? 'Tệp kèm theo chỉ gồm các trường hợp trên, đúng như danh sách của Quý cơ quan, có thêm cột “Nội dung cần sửa”; đề nghị sửa trực tiếp vào tệp này.'
        : '',
    reasons: officer.length > 0 ? officer.map(officerLine) : ['Nội dung đề nghị cần cán bộ xem xét'],
    waiting_rows: waiting.map((row) => `${checkedRow(row).address ?? ''}: từ ngày ${dayOf(row.notBefore)}`),
    ordered_count: two(ordered.length),
    executor,
    remaining:
      done.length > 0 && open > 0
        ? `Còn ${two(open)} trường hợp đang được tiếp tục xử lý; kết quả được thông báo sau.`
        : '',
    document:
      reply === null || reply.signed === null ? '' : 'Văn bản phúc đáp đã ký số được gửi kèm thư này.',
  };
}

const officerLine = (row: DossierRow): string =>
  `${checkedRow(row).fullName}: ${row.state === 'failed' ? 'chưa thực hiện được, cán bộ kiểm tra' : (row.result ?? 'cán bộ kiểm tra')}`;

const dayOf = (iso: string | null): string => (iso ?? '').split('-').reverse().join('/');
