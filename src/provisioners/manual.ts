import type { Order, Outcome, Provisioner } from './port.ts';
import type { SqlTx } from './sql-tx.ts';

/**
 * Mailboxes made by people: each order becomes a line of the officers' work list (`mail.manual_order`). The row waits
 * until an officer has ticked it off or refused it; asked again, the order tells what was said. Passwords are handed
 * over by those people too, so `set-password` is refused: no link may promise what nobody would do.
 */
export const manual: Provisioner<SqlTx> = {
  name: 'manual',
  setsPasswords: false,
  async carryOut(order: Order, { sql }: SqlTx): Promise<Outcome> {
    if (order.action === 'set-password') return { done: false, refused: 'passwords are handed over by hand' };
    const { id, at, action, address, ...rest } = order;
    await sql`insert into mail.manual_order (id, action, address, detail, ordered_at)
      values (${id}, ${action}, ${address}, ${JSON.stringify(rest)}::jsonb, ${at.toISOString()}::timestamptz)
      on conflict do nothing`;
    const [known] = await sql<{ done: boolean; refused: string | null }[]>`
      select decided_at is not null as done, refused from mail.manual_order where id = ${id} and action = ${action}`;
    if (known === undefined || !known.done) return { done: false, waitingFor: 'officer' };
    return known.refused === null ? { done: true, changed: false } : { done: false, refused: known.refused };
  },
  inspect: null,
};
