import { desc, eq } from 'drizzle-orm';
import type { Orm, Tx } from './database.ts';
import { absence } from './schema.ts';

export type Absence = typeof absence.$inferSelect;

export async function addAbsence(tx: Tx, row: typeof absence.$inferInsert): Promise<void> {
  await tx.orm.insert(absence).values(row).onConflictDoNothing();
}

/** The reasons filed for a mailbox, latest first; shown to whoever decides about its deletion. */
export async function absencesOf(orm: Orm, address: string): Promise<Absence[]> {
  return orm.select().from(absence).where(eq(absence.address, address)).orderBy(desc(absence.at));
}

export async function allAbsences(orm: Orm): Promise<Absence[]> {
  return orm.select().from(absence);
}
