import { sql } from 'drizzle-orm';
import type { Orm, Tx } from './database.ts';
import { mailboxReview } from './schema.ts';

/** Records that a letter confirmed these mailboxes. */
export async function addReviews(
  tx: Tx,
  letter: string,
  addresses: readonly string[],
  at: Date,
): Promise<void> {
  if (addresses.length === 0) return;
  const rows = addresses.map((address) => ({ address, letter, at }));
  await tx.orm.insert(mailboxReview).values(rows).onConflictDoNothing();
}

/** When each mailbox was last confirmed by its unit. */
export async function lastReviews(orm: Orm): Promise<ReadonlyMap<string, Date>> {
  const rows = await orm
    .select({
      address: mailboxReview.address,
      at: sql<Date>`max(${mailboxReview.at})`.mapWith(mailboxReview.at),
    })
    .from(mailboxReview)
    .groupBy(mailboxReview.address);
  return new Map(rows.map(({ address, at }) => [address, at]));
}
