import { addDays, addMonths, isWorkingDay, type WorkCalendar } from './calendar.ts';
import type { Regulation } from './regulation.ts';

/** The schedules `lastDays` understands. */
export const SCHEDULE =
  /^(?:quarterly|every 6 months|yearly|periodic|before (?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))$/u;

/** One report for one period. */
export interface DueReport {
  /** "vn-bienhoa-04-2011/units-june/2026-06-04" */
  readonly id: string;
  readonly report: Regulation['reports'][number];
  /** The last day allowed: an ISO date, a working day. */
  readonly dueDate: string;
}

/** Units are asked this many days ahead, and reminded once more shortly before. */
export const ASKED_BEFORE = 15;
export const REMINDED_BEFORE = 3;

/**
 * Last days allowed of a schedule in a year. "before 06-05": before 05/6, so 04/6 is the last day (BH-10.2);
 * "quarterly", "every 6 months", "yearly": the end of the period. "periodic" names no date and gives none.
 */
function lastDays(schedule: string, year: number): string[] {
  const before = /^before (\d{2}-\d{2})$/u.exec(schedule);
  if (before !== null) return [addDays(`${year}-${before[1] ?? ''}`, -1)];
  const months = { quarterly: [3, 6, 9, 12], 'every 6 months': [6, 12], yearly: [12] }[schedule] ?? [];
  return months.map((month) => addDays(addMonths(`${year}-01-01`, month), -1));
}

/** A last day that is no working day moves to an earlier one: the text says "before". */
function workingDayBefore(date: string, calendar: WorkCalendar): string {
  let at = date;
  while (!isWorkingDay(at, calendar)) at = addDays(at, -1);
  return at;
}

/** The operator's own work that is due between two ISO dates; `id` names one turn of it. */
export function upkeepDue(
  regulation: Regulation,
  from: string,
  to: string,
  calendar: WorkCalendar,
): { readonly id: string; readonly duty: string; readonly source: string; readonly dueDate: string }[] {
  return (regulation.upkeep ?? []).flatMap(({ id, duty, schedule, source }) =>
    daysOf(schedule, from, to, calendar).map((dueDate) => ({
      id: `${regulation.id}/${id}/${dueDate}`,
      duty,
      source,
      dueDate,
    })),
  );
}

function daysOf(schedule: string, from: string, to: string, calendar: WorkCalendar): string[] {
  const years = new Set([from, to, addDays(to, 31)].map((date) => Number(date.slice(0, 4))));
  return [...years]
    .flatMap((year) => lastDays(schedule, year))
    .map((day) => workingDayBefore(day, calendar))
    .filter((day) => day >= from && day <= to);
}

/** Every report whose last day lies between two ISO dates, both included. */
export function reportsDue(
  regulation: Regulation,
  from: string,
  to: string,
  calendar: WorkCalendar,
): DueReport[] {
  return regulation.reports.flatMap((report) =>
    daysOf(report.schedule, from, to, calendar).map((dueDate) => ({
      id: `${regulation.id}/${report.id}/${dueDate}`,
      report,
      dueDate,
    })),
  );
}

/**
 * What a report that is due on a date tells of: the quarter, half-year or year it closes; a report due "before 20/01" or
 * "before 20/7" (ST-10.3) the year or half-year that is over. Null where the text names no schedule.
 */
export function periodOfReport(schedule: string, dueDate: string): { first: string; last: string } | null {
  const year = Number(dueDate.slice(0, 4));
  const month = Number(dueDate.slice(5, 7));
  const months = (from: number, count: number, of = year): { first: string; last: string } => {
    const first = `${of}-${String(from).padStart(2, '0')}-01`;
    return { first, last: addDays(addMonths(first, count), -1) };
  };
  if (schedule === 'quarterly') return months(month - ((month - 1) % 3), 3);
  if (schedule === 'every 6 months') return months(month <= 6 ? 1 : 7, 6);
  if (schedule === 'yearly') return months(1, 12);
  if (!schedule.startsWith('before ')) return null;
  if (month <= 2) return months(1, 12, year - 1);
  return month <= 8 ? months(1, 6) : months(7, 6);
}
