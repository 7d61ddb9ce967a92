import type { LogEvent } from '../../mail-log/event.ts';
import type { DossierState } from '../../rules/dossier.ts';
import type { Tx } from '../../store/database.ts';
import { setDossierState } from '../../store/dossiers.ts';
import { completeInformation, restClock } from '../clock.ts';
import type { ActDeps } from '../step.ts';
import type { DeskCase } from './action.ts';

/** The machine goes on with the dossier; a clock that had not begun starts now (QB-6.2, HCM-8.4b). */
export async function takeUpAgain(
  tx: Tx,
  { dossier, letter, regulation }: DeskCase,
  deps: ActDeps,
): Promise<LogEvent[]> {
  if (dossier === null) return [];
  await setDossierState(tx, dossier.number, 'open', deps.clock.now());
  return completeInformation(tx, dossier, letter.id, regulation, deps);
}

/** An officer has ended it, or given it back to the unit: the clock stops, and whether it was kept is told. */
export async function endTurn(
  tx: Tx,
  { dossier }: DeskCase,
  state: DossierState,
  deps: ActDeps,
): Promise<LogEvent[]> {
  if (dossier === null) return [];
  const now = deps.clock.now();
  await setDossierState(tx, dossier.number, state, now);
  return restClock(tx, dossier, state, now);
}
