import { and, desc, eq } from 'drizzle-orm';
import { dossierNumber, type DossierState, type RowState } from '../rules/dossier.ts';
import type { Orm, Tx } from './database.ts';
import { dossier, dossierRow, numberSeries } from './schema.ts';
import { sql } from 'drizzle-orm';

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

export async function addRows(tx: Tx, rows: readonly (typeof dossierRow.$inferInsert)[]): Promise<void> {
  if (rows.length > 0)
    await tx.orm
      .insert(dossierRow)
      .values([...rows])
      .onConflictDoNothing();
}

export async function rowsOfLetter(orm: Orm, letter: string): Promise<DossierRow[]> {
  return orm.select().from(dossierRow).where(eq(dossierRow.letter, letter)).orderBy(dossierRow.position);
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
