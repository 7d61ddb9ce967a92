import { asc, sql } from 'drizzle-orm';
import type { CalendarRow } from '../rules/calendar.ts';
import type { Orm, Tx } from './database.ts';
import { calendarDay } from './schema.ts';

/** Days the operator has added or corrected; they lie over the seed of rules/calendar-table. */
export async function calendarRows(orm: Orm): Promise<CalendarRow[]> {
  return orm.select().from(calendarDay).orderBy(asc(calendarDay.date));
}

export async function upsertCalendarRows(tx: Tx, rows: readonly CalendarRow[]): Promise<void> {
  if (rows.length === 0) return;
  const fresh = (name: string) => sql.raw(`excluded.${name}`);
  await tx.orm
    .insert(calendarDay)
    .values([...rows])
    .onConflictDoUpdate({
      target: calendarDay.date,
      set: { kind: fresh('kind'), name: fresh('name'), source: fresh('source'), status: fresh('status') },
    });
}
