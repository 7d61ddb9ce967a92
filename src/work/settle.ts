import type { LogEvent } from '../mail-log/event.ts';
import { decision, MACHINE } from '../mail-log/events.ts';
import { mayCarryOut, type DossierState } from '../rules/dossier.ts';
import type { Course } from '../rules/letter.ts';
import type { Tx } from '../store/database.ts';
import {
  dossierByNumber,
  lockDossier,
  setDossierState,
  standingRows,
  type DossierRow,
} from '../store/dossiers.ts';
import { lettersOfDossier } from '../store/letters.ts';
import { carryOut, checkedRow, isRecord, type Done } from './carry-out.ts';
import { restClock } from './clock.ts';
import { DOCUMENT_OWED, finishLetters } from './finish-letters.ts';
import { orderRows } from './order-rows.ts';
import { issueReply, needsReplyDocument } from './reply-document.ts';
import { standingProblems, stateByRows } from './standing.ts';
import type { ActDeps, Case } from './step.ts';
import { tellUnit } from './tell-unit.ts';

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
  /**
   * Somebody else moved it on; `done` are rows the caller closed, which the unit has not been told of, `back` one that
   * now goes back to it.
   */
  | { readonly turn: 'later'; readonly done: readonly Done[]; readonly back?: DossierRow };

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
  const rows = await standingRows(tx.orm, number);
  const { partialAcceptance } = work.regulation.list;
  const may = mayCarryOut(
    { rows: rows.map(({ state }) => state), problems: problems.length },
    partialAcceptance,
  );
  const moved = may ? await moveOn(tx, work, rows, deps) : NOTHING_MOVED;
  const done = [...(turn.turn === 'later' ? turn.done : []), ...moved.done];
  const log = [...moved.log];
  const dossier = (await dossierByNumber(tx.orm, number))!;
  const reply = needsReplyDocument(work.regulation, done)
    ? await issueReply(tx, work, dossier, done, deps)
    : null;
  log.push(...(reply?.log ?? []));
  const after = await standingRows(tx.orm, number);
  const state = await stateByRows(tx, dossier, after, problems);
  const fresh = turn.turn === 'letter';
  const situation = {
    fresh,
    back: turn.turn === 'later' ? (turn.back ?? null) : null,
    work,
    dossier,
    letters,
    rows: after,
    done,
    ordered: moved.ordered,
    problems,
    reply,
    state,
  };
  log.push(...(await tellUnit(tx, situation, deps)));
  await setDossierState(tx, number, state, deps.clock.now());
  log.push(...(await restClock(tx, dossier, state, deps.clock.now())));
  await finishLetters(tx, letters, after, state, deps.clock.now());
  const counted = `${done.length} done, ${count(after, 'faulty')} back, ${count(after, 'officer', 'failed')} with an officer`;
  const about = { letter: work.letter.id, dossier: number, unit: work.letter.unit };
  log.push(decision({ ...about, outcome: state, detail: counted, actor: MACHINE }));
  return { state, done: done.length, reason: reasonOf(state, after), log };
}

interface Moved {
  readonly done: readonly Done[];
  readonly ordered: readonly DossierRow[];
  readonly log: readonly LogEvent[];
}
const NOTHING_MOVED: Moved = { done: [], ordered: [], log: [] };

/** Valid rows are carried out here, or ordered from whoever carries them out. */
async function moveOn(tx: Tx, work: Case, rows: readonly DossierRow[], deps: ActDeps): Promise<Moved> {
  // An address that is given out at the end of the day is not known yet (ST-3.4b).
  const valid = rows.filter((row) => row.state === 'valid' && checkedRow(row).allocateAfter === null);
  if (valid.length === 0) return NOTHING_MOVED;
  // What only our own records say is nobody else's to carry out.
  const ordered =
    work.regulation.identity.mode === 'execute' ? [] : valid.filter((row) => !isRecord(checkedRow(row).kind));
  const done: Done[] = [];
  const log: LogEvent[] = ordered.length === 0 ? [] : await orderRows(tx, work, ordered, deps);
  for (const row of valid.filter((one) => !ordered.includes(one))) {
    const result = await carryOut(tx, work, row, deps);
    done.push(result.done);
    log.push(result.log);
  }
  return { done, ordered, log };
}

const count = (rows: readonly DossierRow[], ...states: DossierRow['state'][]): number =>
  rows.filter(({ state }) => states.includes(state)).length;

function reasonOf(state: DossierState, rows: readonly DossierRow[]): string {
  if (state === 'document') return DOCUMENT_OWED;
  if (state !== 'officer') return '';
  return rows
    .filter(({ state: at }) => at === 'officer' || at === 'failed')
    .map((row) => `${checkedRow(row).fullName}: ${row.result ?? 'cán bộ kiểm tra'}`)
    .join('; ');
}
