import type { DossierState } from '../rules/dossier.ts';
import type { LetterState } from '../rules/letter.ts';
import type { Tx } from '../store/database.ts';
import type { DossierRow } from '../store/dossiers.ts';
import { moveLetter, type Letter } from '../store/letters.ts';
import { checkedRow } from './carry-out.ts';

/** Why a letter lies before an officer when nothing but the signed reply is missing (QB-4.2). */
export const DOCUMENT_OWED = 'Ban hành văn bản phúc đáp có chữ ký số';

const PENDING: readonly DossierRow['state'][] = ['valid', 'waiting', 'ordered', 'officer', 'failed'];
/** Waiting states that rows keep a letter in; the others wait for something about the letter itself. */
const HELD_BY_ROWS: readonly LetterState[] = ['executor', 'scheduled', 'officer'];

/**
 * A letter that waits does so for whoever its rows wait for: what the executor could not do lies before the officers,
 * and what an officer has let through is the executor's, or its day's, again.
 */
async function holdByRows(tx: Tx, letter: Letter, own: readonly DossierRow[], now: Date): Promise<void> {
  const open = own.filter(({ state }) => state === 'officer' || state === 'failed');
  const has = (state: DossierRow['state']): boolean => own.some((row) => row.state === state);
  const holder =
    open.length > 0 ? 'officer' : has('ordered') ? 'executor' : has('waiting') ? 'scheduled' : letter.state;
  if (holder === letter.state) return;
  const told = open.map((row) => `${checkedRow(row).fullName}: ${row.result ?? 'cán bộ kiểm tra'}`);
  const reason = told.length === 0 ? null : told.join('; ');
  await moveLetter(tx, letter, { state: holder, reason, step: 'settled', finding: { holder }, now });
}

/**
 * Ends the letters of a dossier whose rows are all closed. The letter a step is working on is moved by the runner;
 * one that an officer has not let through yet has no checked rows and stays.
 */
export async function finishLetters(
  tx: Tx,
  letters: readonly Letter[],
  rows: readonly DossierRow[],
  dossier: DossierState,
  now: Date,
): Promise<void> {
  for (const letter of letters) {
    if (!HELD_BY_ROWS.includes(letter.state) || letter.findings['provision'] === undefined) continue;
    const own = rows.filter((row) => row.letter === letter.id);
    if (own.some(({ state }) => PENDING.includes(state))) {
      await holdByRows(tx, letter, own, now);
      continue;
    }
    if (dossier === 'document') {
      const seen = letter.state === 'officer' && letter.reason === DOCUMENT_OWED;
      const waits = {
        state: 'officer',
        reason: DOCUMENT_OWED,
        step: 'settled',
        finding: { dossier },
        now,
      } as const;
      if (!seen) await moveLetter(tx, letter, waits);
      continue;
    }
    const state = own.some((row) => row.state === 'faulty')
      ? 'correction'
      : own.length > 0 && own.every((row) => row.state === 'refused')
        ? 'refused'
        : 'completed';
    await moveLetter(tx, letter, { state, step: 'settled', finding: { dossier }, now });
  }
}
