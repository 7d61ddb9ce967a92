import { CALENDAR_ROWS } from '../rules/calendar-table.ts';
import { makeCalendar, type WorkCalendar } from '../rules/calendar.ts';
import { calendarRows } from '../store/calendar.ts';
import type { Database } from '../store/database.ts';

/** The working calendar as it stands: the seed with the operator's rows over it. */
export interface CalendarSource {
  current(): WorkCalendar;
  /** Reads the operator's rows anew; the gateway does it once a minute. */
  refresh(): Promise<void>;
}

export function createCalendarSource(db: Database): CalendarSource {
  let calendar = makeCalendar(CALENDAR_ROWS);
  return {
    current: () => calendar,
    async refresh() {
      const imported = await db.transaction((tx) => calendarRows(tx.orm));
      calendar = makeCalendar([...CALENDAR_ROWS, ...imported]);
    },
  };
}
