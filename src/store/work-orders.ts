import { and, asc, eq, inArray, isNull } from 'drizzle-orm';
import type { Orm, Tx } from './database.ts';
import { dossier, dossierRow, letter, workOrder } from './schema.ts';
import type { DossierRow } from './dossiers.ts';

export type WorkOrder = typeof workOrder.$inferSelect;

export async function addWorkOrder(tx: Tx, row: typeof workOrder.$inferInsert): Promise<void> {
  await tx.orm.insert(workOrder).values(row);
}

export async function workOrderByNumber(orm: Orm, number: string): Promise<WorkOrder | null> {
  return (await orm.select().from(workOrder).where(eq(workOrder.number, number)))[0] ?? null;
}

export async function changeWorkOrder(
  tx: Tx,
  number: string,
  change: Partial<typeof workOrder.$inferInsert>,
): Promise<void> {
  await tx.orm.update(workOrder).set(change).where(eq(workOrder.number, number));
}

/** The order, locked until the transaction ends. */
export async function lockWorkOrder(orm: Orm, number: string): Promise<WorkOrder | null> {
  return (await orm.select().from(workOrder).where(eq(workOrder.number, number)).for('update'))[0] ?? null;
}

/** Orders nobody has answered, oldest first. */
export async function openWorkOrders(orm: Orm): Promise<WorkOrder[]> {
  return orm
    .select()
    .from(workOrder)
    .where(inArray(workOrder.state, ['draft', 'sent']))
    .orderBy(asc(workOrder.createdAt));
}

/** Accepted rows of a regulation that stand on no list yet, by unit and receipt (BH-6.1b). */
export async function uncollectedRows(
  orm: Orm,
  regulation: string,
): Promise<{ row: DossierRow; unit: string }[]> {
  return orm
    .select({ row: dossierRow, unit: dossier.unit })
    .from(dossierRow)
    .innerJoin(dossier, eq(dossier.number, dossierRow.dossier))
    .innerJoin(letter, eq(letter.id, dossierRow.letter))
    .where(and(eq(dossier.regulation, regulation), eq(dossierRow.state, 'ordered'), isNull(dossierRow.order)))
    .orderBy(asc(dossier.unit), asc(letter.receivedAt), asc(dossierRow.position));
}
