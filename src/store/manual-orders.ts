import { and, asc, eq, isNull } from 'drizzle-orm';
import type { Orm, Tx } from './database.ts';
import { manualOrder } from './schema.ts';

export type ManualOrder = typeof manualOrder.$inferSelect;

/** The officers' work list, oldest first. */
export async function openManualOrders(orm: Orm): Promise<ManualOrder[]> {
  return orm
    .select()
    .from(manualOrder)
    .where(isNull(manualOrder.decidedAt))
    .orderBy(asc(manualOrder.orderedAt));
}

/** Ticks an order off, or refuses it with a reason; false when somebody else decided it meanwhile. */
export async function decideManualOrder(
  tx: Tx,
  order: Pick<ManualOrder, 'id' | 'action'>,
  decision: { readonly by: string; readonly at: Date; readonly refused: string | null },
): Promise<boolean> {
  const decided = await tx.orm
    .update(manualOrder)
    .set({ decidedAt: decision.at, decidedBy: decision.by, refused: decision.refused })
    .where(
      and(eq(manualOrder.id, order.id), eq(manualOrder.action, order.action), isNull(manualOrder.decidedAt)),
    )
    .returning({ id: manualOrder.id });
  return decided.length === 1;
}
