import type { CheckedRow } from './check-rows.ts';
import type { RowState } from './dossier.ts';
import { foldName } from './names.ts';

/** A row that stands in the dossier already. */
export interface StandingRow {
  readonly id: string;
  readonly state: RowState;
  readonly row: CheckedRow;
}

/**
 * What a row of a returned list is to its dossier.
 * - `first`: the dossier had no rows yet
 * - `replaces`: takes the place of the standing row `id`
 * - `settled`: repeats what is done or under way; the row `id` stays
 * - `extra`: nobody asked for it; an officer decides
 */
export type Place =
  { readonly place: 'first' | 'extra' } | { readonly place: 'replaces' | 'settled'; readonly id: string };

/** Rows a correction may take the place of; the others were decided and stay. */
const OPEN: readonly RowState[] = ['faulty', 'valid'];

/**
 * Places the rows of a returned list: exactly the rows that went back are replaced. Recognised by name (the same
 * STT first), then by STT alone, because the name itself may have been the fault; when as many are left on both sides
 * the order of the list decides.
 */
export function placeCorrected(standing: readonly StandingRow[], fresh: readonly CheckedRow[]): Place[] {
  if (standing.length === 0) return fresh.map(() => ({ place: 'first' }));
  const keys = new Map(
    [...fresh, ...standing.map(({ row }) => row)].map((row) => [row, foldName(row.fullName)]),
  );
  const sameName = (a: CheckedRow, b: CheckedRow): boolean =>
    a.fullName !== '' && keys.get(a) === keys.get(b);
  const open = standing.filter(({ state }) => OPEN.includes(state));
  const places = new Map<CheckedRow, Place>();
  const used = new Set<string>();
  const match = (fits: (row: CheckedRow, known: CheckedRow) => boolean): void => {
    for (const row of fresh.filter((candidate) => !places.has(candidate))) {
      const found = open.find(({ id, row: known }) => !used.has(id) && fits(row, known));
      if (found === undefined) continue;
      used.add(found.id);
      places.set(row, { place: 'replaces', id: found.id });
    }
  };
  match((row, known) => sameNumber(row, known) && sameName(row, known));
  match(sameName);
  placeSettled(standing, fresh, places, sameName);
  match(sameNumber);
  matchInOrder(open, fresh, places, used);
  return fresh.map((row) => places.get(row) ?? { place: 'extra' });
}

function placeSettled(
  standing: readonly StandingRow[],
  fresh: readonly CheckedRow[],
  places: Map<CheckedRow, Place>,
  sameName: (a: CheckedRow, b: CheckedRow) => boolean,
): void {
  const settled = standing.filter(({ state }) => !OPEN.includes(state));
  for (const row of fresh.filter((candidate) => !places.has(candidate))) {
    const same = settled.find(({ row: known }) => sameName(row, known) && row.kind === known.kind);
    if (same !== undefined) places.set(row, { place: 'settled', id: same.id });
  }
}

function matchInOrder(
  open: readonly StandingRow[],
  fresh: readonly CheckedRow[],
  places: Map<CheckedRow, Place>,
  used: ReadonlySet<string>,
): void {
  const leftOpen = open.filter(({ id }) => !used.has(id));
  const leftFresh = fresh.filter((row) => !places.has(row));
  if (leftOpen.length !== leftFresh.length) return;
  for (const [i, row] of leftFresh.entries()) places.set(row, { place: 'replaces', id: leftOpen[i]!.id });
}

const sameNumber = (a: CheckedRow, b: CheckedRow): boolean =>
  a.no !== null && b.no !== null && Number(a.no) === Number(b.no);
