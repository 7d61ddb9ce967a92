import { dossierStateOf, type DossierState } from '../rules/dossier.ts';
import type { Problem } from '../rules/mailbox-list.ts';
import type { RequestKind } from '../rules/regulation.ts';
import type { Tx } from '../store/database.ts';
import { openDraftsOf } from '../store/documents.ts';
import { standingRows, type Dossier, type DossierRow } from '../store/dossiers.ts';
import { lettersOfDossier, type Letter } from '../store/letters.ts';

/** Reports that are complete once they are recorded. */
const RECORDED: readonly RequestKind[] = ['QUARTERLY_DECLARATION', 'USAGE_REPORT'];

/** Faults of the request as the latest letter that was checked left them. */
export function standingProblems(letters: readonly Letter[]): readonly Problem[] {
  const checked = letters.findLast(({ findings }) => findings['check'] !== undefined);
  return (checked?.findings['check'] as { problems: readonly Problem[] } | undefined)?.problems ?? [];
}

/** Where the rows of a dossier and what is owed for them leave it. */
export async function stateByRows(
  tx: Tx,
  dossier: Dossier,
  rows: readonly DossierRow[],
  problems: readonly Problem[],
): Promise<DossierState> {
  return dossierStateOf({
    rows: rows.map(({ state }) => state),
    problems: problems.length,
    documentOwed: (await openDraftsOf(tx.orm, dossier.number)).length > 0,
    rowsExpected: dossier.kinds.length === 0 || !dossier.kinds.every((kind) => RECORDED.includes(kind)),
  });
}

/** The state a dossier has without a letter that was not let through; null when it has nothing else. */
export async function stateWithout(tx: Tx, dossier: Dossier): Promise<DossierState | null> {
  const rows = await standingRows(tx.orm, dossier.number);
  if (rows.length === 0) return null;
  return stateByRows(tx, dossier, rows, standingProblems(await lettersOfDossier(tx.orm, dossier.number)));
}
