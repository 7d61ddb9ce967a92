import type { DossierState } from '../rules/dossier.ts';
import type { LetterState } from '../rules/letter.ts';
import type { Tx } from '../store/database.ts';
import type { DossierRow } from '../store/dossiers.ts';
import { moveLetter, type Letter } from '../store/letters.ts';

const PENDING: readonly DossierRow['state'][] = ['valid', 'waiting', 'ordered', 'officer', 'failed'];
/** Waiting states that rows keep a letter in; the others wait for something about the letter itself. */
const HELD_BY_ROWS: readonly LetterState[] = ['executor', 'scheduled', 'officer'];

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
  if (dossier === 'document') return;
  for (const letter of letters) {
    if (!HELD_BY_ROWS.includes(letter.state) || letter.findings['provision'] === undefined) continue;
    const own = rows.filter((row) => row.letter === letter.id);
    if (own.some(({ state }) => PENDING.includes(state))) continue;
    const state = own.some((row) => row.state === 'faulty')
      ? 'correction'
      : own.length > 0 && own.every((row) => row.state === 'refused')
        ? 'refused'
        : 'completed';
    await moveLetter(tx, letter, { state, step: 'settled', finding: { dossier }, now });
  }
}
