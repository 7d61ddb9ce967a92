/**
 * A dossier (hồ sơ): one official request with its yearly number (số đến), due date and rows.
 * - `open`: the machine works on it
 * - `officer`: an officer has to decide something
 * - `awaiting_paper`: starts when the paper original is recorded
 * - `correction`: the clock stands until the unit sends the corrected list (requirements.md §6.8)
 * - `executor`: everything the operator decides is decided; the executor's answer is awaited (ST-2.5, BH-6.1b)
 * - `document`: everything is carried out; the signed reply document is awaited (QB-4.2)
 * - `completed`, `refused`: closed
 */
export const DOSSIER_STATES = [
  'open',
  'officer',
  'awaiting_paper',
  'correction',
  'executor',
  'document',
  'completed',
  'refused',
] as const;
export type DossierState = (typeof DOSSIER_STATES)[number];

/**
 * - `valid`: will be carried out; `faulty`: goes back to the unit; `officer`: a person decides
 * - `waiting`: valid, but not before a later day (HCM-9.3b); a job carries it out
 * - `ordered`: on a work order or consolidated list; the executor's answer closes it
 * - `done`: carried out; `failed`: the target or the executor refused it
 * - `refused`: an officer has said no to this row, and the unit is told why
 * - `replaced`: a corrected list took its place
 */
export const ROW_STATES = [
  'valid',
  'faulty',
  'officer',
  'waiting',
  'ordered',
  'done',
  'failed',
  'refused',
  'replaced',
] as const;
export type RowState = (typeof ROW_STATES)[number];

/** "TN-2026-000123": one series per calendar year of receipt in Viet Nam (NĐ 30/2020 Đ22.2). */
export function dossierNumber(year: number, serial: number): string {
  return `TN-${year}-${String(serial).padStart(6, '0')}`;
}

/** The dossier number a subject carries in brackets, or null. Only a hint: joining needs the dossier's own unit. */
export function dossierNumberIn(subject: string): string | null {
  return /\[(TN-\d{4}-\d{6})\]/.exec(subject)?.[1] ?? null;
}

/** Rows that still count: everything but what a corrected list took the place of. */
export const stands = (state: RowState): boolean => state !== 'replaced';

/** What a dossier's standing rows and its latest list add up to. */
export interface Standing {
  readonly rows: readonly RowState[];
  /** Faults of the request as a whole that nobody has put right yet. */
  readonly problems: number;
  /** A signed reply document is owed for what was done (QB-4.2). */
  readonly documentOwed: boolean;
  /** False for a report that was recorded: it needs no rows to be complete. */
  readonly rowsExpected: boolean;
}

/**
 * Where a dossier stands, worst first: what only an officer can settle, what only the unit can, what the executor or
 * a later day will; then the reply document. A request without a single row has been understood by nobody.
 */
export function dossierStateOf({ rows, problems, documentOwed, rowsExpected }: Standing): DossierState {
  const standing = rows.filter(stands);
  const has = (...states: RowState[]): boolean => standing.some((state) => states.includes(state));
  if (has('officer', 'failed')) return 'officer';
  if (has('faulty') || problems > 0) return 'correction';
  if (standing.length === 0 && rowsExpected) return 'officer';
  if (has('ordered')) return 'executor';
  if (has('waiting', 'valid')) return 'open';
  if (standing.length > 0 && standing.every((state) => state === 'refused')) return 'refused';
  return documentOwed ? 'document' : 'completed';
}

/**
 * May valid rows be carried out now? A request that is defective as a whole is not complete (HCM-7.1b); single faulty
 * rows hold up the others only where the regulation wants all or nothing (requirements.md §6.9).
 */
export function mayCarryOut(
  { rows, problems }: Pick<Standing, 'rows' | 'problems'>,
  partialAcceptance: boolean,
): boolean {
  return problems === 0 && (partialAcceptance || !rows.includes('faulty'));
}
