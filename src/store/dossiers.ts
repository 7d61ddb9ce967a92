import { and, asc, desc, eq, inArray, isNull, ne, sql } from 'drizzle-orm';
import { dossierNumber, type DossierState, type RowState } from '../rules/dossier.ts';
import type { Orm, Tx } from './database.ts';
import { dossier, dossierInterval, dossierRow, letter, numberSeries, series } from './schema.ts';

export type Dossier = typeof dossier.$inferSelect;
export type NewDossier = Omit<typeof dossier.$inferInsert, 'number'>;
export type DossierRow = typeof dossierRow.$inferSelect;

/** Opens a dossier under the next number of its year; numbers have no holes because they are taken in the same transaction. */
export async function openDossier(tx: Tx, year: number, values: NewDossier): Promise<Dossier> {
  const [series] = await tx.orm
    .insert(numberSeries)
    .values({ year, last: 1 })
    .onConflictDoUpdate({ target: numberSeries.year, set: { last: sql`${numberSeries.last} + 1` } })
    .returning({ last: numberSeries.last });
  const [made] = await tx.orm
    .insert(dossier)
    .values({ ...values, number: dossierNumber(year, series!.last) })
    .returning();
  return made!;
}

/** The next number of a further yearly series ("order", "document"). */
export async function nextInSeries(tx: Tx, name: string, year: number): Promise<number> {
  const [row] = await tx.orm
    .insert(series)
    .values({ name, year, last: 1 })
    .onConflictDoUpdate({ target: [series.name, series.year], set: { last: sql`${series.last} + 1` } })
    .returning({ last: series.last });
  return row!.last;
}

export async function dossierByNumber(orm: Orm, number: string): Promise<Dossier | null> {
  return (await orm.select().from(dossier).where(eq(dossier.number, number)))[0] ?? null;
}

export async function setDossierState(tx: Tx, number: string, state: DossierState, now: Date): Promise<void> {
  const closed = state === 'completed' || state === 'refused';
  await tx.orm
    .update(dossier)
    .set({ state, closedAt: closed ? now : null })
    .where(eq(dossier.number, number));
}

export async function updateDossier(tx: Tx, number: string, change: Partial<NewDossier>): Promise<void> {
  await tx.orm.update(dossier).set(change).where(eq(dossier.number, number));
}

/** PostgreSQL takes 65,535 parameters in one statement. */
const INSERT_AT_ONCE = 1000;

export async function addRows(tx: Tx, rows: readonly (typeof dossierRow.$inferInsert)[]): Promise<void> {
  for (let at = 0; at < rows.length; at += INSERT_AT_ONCE)
    await tx.orm
      .insert(dossierRow)
      .values(rows.slice(at, at + INSERT_AT_ONCE))
      .onConflictDoNothing();
}

export async function rowsOfLetter(orm: Orm, letter: string): Promise<DossierRow[]> {
  return orm.select().from(dossierRow).where(eq(dossierRow.letter, letter)).orderBy(dossierRow.position);
}

/** The rows that count, in the order in which they came; those a correction replaced are left out. */
export async function standingRows(orm: Orm, number: string): Promise<DossierRow[]> {
  const rows = await orm
    .select({ row: dossierRow })
    .from(dossierRow)
    .innerJoin(letter, eq(letter.id, dossierRow.letter))
    .where(and(eq(dossierRow.dossier, number), ne(dossierRow.state, 'replaced')))
    .orderBy(asc(letter.receivedAt), asc(dossierRow.position));
  return rows.map(({ row }) => row);
}

export async function rowsOfOrder(orm: Orm, order: string): Promise<DossierRow[]> {
  return orm.select().from(dossierRow).where(eq(dossierRow.order, order)).orderBy(dossierRow.orderLine);
}

/** Rows of a regulation that wait for the end of one day of receipt, in the order their letters came. */
export async function rowsOfDay(orm: Orm, regulation: string, day: string): Promise<DossierRow[]> {
  const rows = await orm
    .select({ row: dossierRow })
    .from(dossierRow)
    .innerJoin(dossier, eq(dossier.number, dossierRow.dossier))
    .innerJoin(letter, eq(letter.id, dossierRow.letter))
    .where(
      and(
        eq(dossier.regulation, regulation),
        inArray(dossierRow.state, ['valid', 'officer', 'waiting']),
        sql`${dossierRow.row} ->> 'allocateAfter' = ${day}`,
      ),
    )
    .orderBy(asc(letter.receivedAt), asc(dossierRow.position));
  return rows.map(({ row }) => row);
}

/** One at a time gives out addresses of a regulation, or collects its rows; released with the transaction. */
export async function lockNamespace(tx: Tx, name: string): Promise<void> {
  await tx.sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`;
}

/** One at a time moves a dossier on: the runner, a job, an officer, an executor's answer. */
export async function lockDossier(tx: Tx, number: string): Promise<void> {
  await tx.orm
    .select({ number: dossier.number })
    .from(dossier)
    .where(eq(dossier.number, number))
    .for('update');
}

export async function rowsById(orm: Orm, ids: readonly string[]): Promise<DossierRow[]> {
  if (ids.length === 0) return [];
  return orm
    .select()
    .from(dossierRow)
    .where(inArray(dossierRow.id, [...ids]))
    .orderBy(dossierRow.position);
}

export async function changeRow(
  tx: Tx,
  id: string,
  change: Partial<typeof dossierRow.$inferInsert>,
): Promise<void> {
  await tx.orm.update(dossierRow).set(change).where(eq(dossierRow.id, id));
}

export type ClockInterval = typeof dossierInterval.$inferSelect;

/** Starts a dossier's clock; one that still runs is stopped at the same moment. */
export async function startClock(tx: Tx, interval: typeof dossierInterval.$inferInsert): Promise<void> {
  await tx.orm
    .update(dossierInterval)
    .set({ stoppedAt: interval.startedAt, stoppedBy: 'open' })
    .where(and(eq(dossierInterval.dossier, interval.dossier), isNull(dossierInterval.stoppedAt)));
  await tx.orm
    .insert(dossierInterval)
    .values(interval)
    .onConflictDoUpdate({
      target: [dossierInterval.dossier, dossierInterval.startedAt],
      set: { stoppedAt: null, stoppedBy: null, dueDate: interval.dueDate ?? null },
    });
}

/** Stops the clock that runs; false when none does. */
export async function stopClock(tx: Tx, number: string, state: DossierState, now: Date): Promise<boolean> {
  const stopped = await tx.orm
    .update(dossierInterval)
    .set({ stoppedAt: now, stoppedBy: state })
    .where(and(eq(dossierInterval.dossier, number), isNull(dossierInterval.stoppedAt)))
    .returning({ dossier: dossierInterval.dossier });
  return stopped.length > 0;
}

export async function clockOf(orm: Orm, number: string): Promise<ClockInterval[]> {
  return orm
    .select()
    .from(dossierInterval)
    .where(eq(dossierInterval.dossier, number))
    .orderBy(dossierInterval.startedAt);
}

export async function setRow(
  tx: Tx,
  id: string,
  state: RowState,
  result: string,
  address?: string,
): Promise<void> {
  await tx.orm
    .update(dossierRow)
    .set({ state, result, ...(address === undefined ? {} : { address }) })
    .where(eq(dossierRow.id, id));
}

export async function openDossiersOf(orm: Orm, unit: string, state: DossierState): Promise<Dossier[]> {
  return orm
    .select()
    .from(dossier)
    .where(and(eq(dossier.unit, unit), eq(dossier.state, state)))
    .orderBy(desc(dossier.receivedAt));
}
