import { randomUUID } from 'node:crypto';
import { and, asc, eq, isNull, ne } from 'drizzle-orm';
import type { Orm, Tx } from './database.ts';
import { delegate } from './schema.ts';

export type Delegate = typeof delegate.$inferSelect;

/** Names one delegate. Those another dossier or import named before have no charge any more. */
export async function nameDelegate(tx: Tx, row: Omit<typeof delegate.$inferInsert, 'id'>): Promise<void> {
  await tx.orm
    .update(delegate)
    .set({ until: row.since })
    .where(and(eq(delegate.unit, row.unit), ne(delegate.namedBy, row.namedBy), isNull(delegate.until)));
  await tx.orm.insert(delegate).values({ id: randomUUID(), ...row });
}

/** Whom to call about a unit's mailbox today. */
export async function delegatesOf(orm: Orm, unit: string): Promise<Delegate[]> {
  return orm
    .select()
    .from(delegate)
    .where(and(eq(delegate.unit, unit), isNull(delegate.until)))
    .orderBy(asc(delegate.since), asc(delegate.fullName));
}

/** Everybody in charge today. */
export async function allDelegates(orm: Orm): Promise<Delegate[]> {
  return orm
    .select()
    .from(delegate)
    .where(isNull(delegate.until))
    .orderBy(asc(delegate.unit), asc(delegate.since), asc(delegate.fullName));
}

/** Ends one's charge; false when it had ended already. */
export async function endCharge(tx: Tx, unit: string, id: string, until: Date): Promise<boolean> {
  const ended = await tx.orm
    .update(delegate)
    .set({ until })
    .where(and(eq(delegate.id, id), eq(delegate.unit, unit), isNull(delegate.until)))
    .returning({ id: delegate.id });
  return ended.length > 0;
}
