import { randomUUID } from 'node:crypto';
import { append } from '../../mail-log/append.ts';
import { wayAllows, WAYS, type ActionName } from '../../rules/desk-actions.ts';
import type { LetterState } from '../../rules/letter.ts';
import type { Tx } from '../../store/database.ts';
import { actionSince, assign, lockLetter, recordAction, type DeskRecord } from '../../store/desk.ts';
import { dossierByNumber, lockDossier, lockNamespace, rowsOfLetter } from '../../store/dossiers.ts';
import { letterById, moveLetter, type Letter } from '../../store/letters.ts';
import { unitByCode } from '../../store/registry.ts';
import { WORK_CHANNEL } from '../../store/wake.ts';
import type { ActDeps } from '../step.ts';
import {
  Problems,
  type DeskAction,
  type DeskCase,
  type DeskResult,
  type Fields,
  type Officer,
} from './action.ts';
import { DESK_ACTIONS } from './actions.ts';

/** What came of an officer's click. */
export type Performed =
  | { readonly result: 'done'; readonly state: LetterState; readonly dossier: string | null }
  | { readonly result: 'problems'; readonly problems: readonly string[] }
  /** The letter is not as the officer saw it; `by` is null when the machine moved it on. */
  | { readonly result: 'conflict'; readonly by: DeskRecord | null; readonly state: LetterState }
  | { readonly result: 'unknown' };

export interface Order {
  readonly action: ActionName;
  readonly letter: string;
  /** The version that stood in the form. */
  readonly version: number;
  readonly officer: Officer;
  readonly fields: Fields;
}

/**
 * THE ONE WAY out of a waiting state by a person. One transaction: the letter locked, its version compared, the
 * action, the move, the record, the log entries. Whoever comes second changes nothing and is told who was first.
 */
export async function perform(order: Order, deps: ActDeps): Promise<Performed> {
  const action = DESK_ACTIONS[order.action];
  const seen = await deps.db.transaction((tx) => deskCase(tx, order.letter, deps));
  if (seen === null) return { result: 'unknown' };
  if (!isOpen(order, action, seen)) return conflict(order, seen.letter, deps);
  const read = action.read(order.fields, seen);
  if (read instanceof Problems) return { result: 'problems', problems: read.texts };
  const input = action.prepare === undefined ? read : await action.prepare(read, seen, deps);
  if (input instanceof Problems) return { result: 'problems', problems: input.texts };
  return undone(() =>
    deps.db.transaction(async (tx) => {
      // In the order in which steps and jobs take them: addresses, dossier, letter.
      await lockNamespace(tx, seen.regulation.id);
      if (seen.letter.dossier !== null) await lockDossier(tx, seen.letter.dossier);
      await lockLetter(tx.orm, order.letter);
      const work = (await deskCase(tx, order.letter, deps))!;
      if (!isOpen(order, action, work)) return conflict(order, work.letter, deps);
      const result = await action.act(tx, work, input, order.officer, deps);
      if (result instanceof Problems) throw new Undone(result);
      const after = await move(tx, work.letter, order, result, deps);
      return { result: 'done', state: after.state, dossier: after.dossier };
    }),
  );
}

/** Takes a transaction back whose action found, after all, that it cannot be done. */
class Undone extends Error {
  readonly problems: Problems;
  constructor(problems: Problems) {
    super('taken back');
    this.problems = problems;
  }
}

async function undone(act: () => Promise<Performed>): Promise<Performed> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof Undone) return { result: 'problems', problems: error.problems.texts };
    throw error;
  }
}

/** The version is the one that was seen, the state lets the action act, and the action makes sense here. */
const isOpen = ({ version }: Order, action: DeskAction<unknown>, work: DeskCase): boolean =>
  work.letter.version === version &&
  (WAYS[action.name].from as readonly LetterState[]).includes(work.letter.state) &&
  action.offered(work);

async function conflict(order: Order, letter: Letter, deps: ActDeps): Promise<Performed> {
  const by = await deps.db.transaction((tx) => actionSince(tx.orm, order.letter, order.version));
  return { result: 'conflict', by, state: letter.state };
}

/** A waiting letter and what belongs to it; null when there is no such letter. */
export async function deskCase(
  tx: Tx,
  id: string,
  deps: Pick<ActDeps, 'regulations'>,
): Promise<DeskCase | null> {
  const letter = await letterById(tx.orm, id);
  if (letter === null) return null;
  const regulation = deps.regulations.find((known) => known.id === letter.regulation);
  if (regulation === undefined) throw new Error(`regulation ${letter.regulation} is not configured`);
  return {
    letter,
    regulation,
    unit: letter.unit === null ? null : await unitByCode(tx.orm, letter.unit),
    dossier: letter.dossier === null ? null : await dossierByNumber(tx.orm, letter.dossier),
    rows: await rowsOfLetter(tx.orm, letter.id),
  };
}

async function move(tx: Tx, seen: Letter, order: Order, result: DeskResult, deps: ActDeps): Promise<Letter> {
  const now = deps.clock.now();
  const current = (await letterById(tx.orm, seen.id))!;
  // What the action did to the dossier's rows may have ended the letter already; then only the record is missing.
  if (current.version === seen.version) {
    const to = result.to ?? seen.state;
    if (!wayAllows(order.action, seen.state, to))
      throw new Error(`${order.action} leads nowhere from ${seen.state}`);
    const known = (seen.findings['officer'] ?? {}) as Record<string, unknown>;
    const moved = await moveLetter(tx, seen, {
      state: to,
      reason: result.reason === undefined ? seen.reason : result.reason,
      step: 'officer',
      finding: { ...known, ...result.findings },
      now,
    });
    if (!moved) throw new Error(`letter ${seen.id} was moved although it is locked`);
  }
  if (result.assignee !== undefined) await assign(tx.orm, seen.id, result.assignee);
  const after = (await letterById(tx.orm, seen.id))!;
  await recordAction(tx.orm, {
    id: randomUUID(),
    letter: seen.id,
    dossier: after.dossier,
    action: order.action,
    officer: order.officer.name,
    at: now,
    fromState: seen.state,
    toState: after.state,
    version: after.version,
    detail: result.detail,
  });
  await append(tx.sql, now, ...result.log);
  await tx.sql`select pg_notify(${WORK_CHANNEL}, 'desk')`;
  return after;
}
