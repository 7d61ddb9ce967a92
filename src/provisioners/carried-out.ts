import type { Order } from './port.ts';
import type { SqlTx } from './sql-tx.ts';

/**
 * Which orders were carried out for good (by id and action), kept in the caller's transaction: asking twice changes
 * nothing. False when this order was carried out before.
 */
export async function firstTime(order: Order, { sql }: SqlTx): Promise<boolean> {
  const first = await sql`insert into mail.carried_out (id, action, at)
    values (${order.id}, ${order.action}, ${order.at.toISOString()}::timestamptz) on conflict do nothing returning id`;
  return first.length > 0;
}

/** The target refused it, so it may be asked again. */
export async function notCarriedOut(order: Order, { sql }: SqlTx): Promise<void> {
  await sql`delete from mail.carried_out where id = ${order.id} and action = ${order.action}`;
}
