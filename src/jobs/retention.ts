import type postgres from 'postgres';
import type { Clock } from '../clock.ts';
import type { LogKey } from '../mail-log/checkpoint.ts';
import { approvedMonths, forgetMonth } from '../mail-log/forget.ts';

/**
 * Asked every few minutes: months of the mail log that are past the regulation's period and that somebody approved
 * (`congthu log prune --approve-by`) are forgotten, oldest first. Every month is one transaction under the log's lock, so
 * several gateways and crashes change nothing. A throw leaves the month for the next round.
 */
export async function forgetApproved(
  sql: postgres.Sql,
  key: LogKey,
  clock: Clock,
  keepMonths: number,
): Promise<void> {
  const now = clock.now();
  for (const { month, approvedBy } of await approvedMonths(sql, now, keepMonths))
    await forgetMonth(sql, key, month, { now, keepMonths, approvedBy });
}
