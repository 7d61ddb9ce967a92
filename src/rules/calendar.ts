import type { Duration, Regulation } from './regulation.ts';

/**
 * Working days of civil servants as a value. A row says what differs from "Monday to Friday"; its status says how
 * sure that is, because a due date that rests on an unannounced holiday plan must not be called firm.
 */
export interface CalendarRow {
  /** ISO date. */
  readonly date: string;
  readonly kind: 'off' | 'working';
  readonly name: string;
  /** The document that announced it. */
  readonly source: string;
  readonly status: 'firm' | 'provisional' | 'unconfirmed';
}

export interface WorkCalendar {
  readonly rows: readonly CalendarRow[];
  readonly off: ReadonlyMap<string, CalendarRow>;
  readonly working: ReadonlySet<string>;
  /** Dates whose row is not firm. */
  readonly unsure: ReadonlySet<string>;
  /** Years with an announced plan: at least one firm row and no provisional one. */
  readonly firmYears: ReadonlySet<string>;
}

export interface Due {
  readonly due: Date;
  /** ISO date in Việt Nam. */
  readonly dueDate: string;
  /** False when the span touches an unannounced year or an unconfirmed day. */
  readonly firm: boolean;
}

type OfficeHours = Regulation['officeHours'];

const MINUTE = 60_000;
const DAY = 86_400_000;
/** Asia/Ho_Chi_Minh: UTC+7 all year since 1975, no daylight saving. */
const ZONE = 7 * 60 * MINUTE;
/** No announced run of days off is longer than two weeks; a longer search means a broken calendar. */
const LONGEST_BREAK = 60;

/** A later row for the same date replaces an earlier one, so that an import can correct the seed. */
export function makeCalendar(rows: readonly CalendarRow[]): WorkCalendar {
  const byDate = new Map(rows.map((row) => [row.date, row]));
  const all = [...byDate.values()].toSorted((a, b) => a.date.localeCompare(b.date));
  const yearsOf = (status: CalendarRow['status']): Set<string> =>
    new Set(all.filter((row) => row.status === status).map((row) => row.date.slice(0, 4)));
  const provisional = yearsOf('provisional');
  return {
    rows: all,
    off: new Map(all.filter((row) => row.kind === 'off').map((row) => [row.date, row])),
    working: new Set(all.filter((row) => row.kind === 'working').map((row) => row.date)),
    unsure: new Set(all.filter((row) => row.status !== 'firm').map((row) => row.date)),
    firmYears: new Set([...yearsOf('firm')].filter((year) => !provisional.has(year))),
  };
}

/** ISO date and minutes since midnight in Việt Nam. */
export function localTime(at: Date): { readonly date: string; readonly minutes: number } {
  const local = at.getTime() + ZONE;
  const day = Math.floor(local / DAY);
  return { date: isoDay(day), minutes: (local - day * DAY) / MINUTE };
}

/** The moment `minutes` after midnight of an ISO date in Việt Nam. */
export function localMoment(date: string, minutes: number): Date {
  return new Date(Date.parse(`${date}T00:00:00Z`) - ZONE + minutes * MINUTE);
}

const isoDay = (day: number): string => new Date(day * DAY).toISOString().slice(0, 10);

export function addDays(date: string, n: number): string {
  return isoDay(Date.parse(`${date}T00:00:00Z`) / DAY + n);
}

/** Calendar months with the day clamped to the month's end: 2026-01-31 + 1 = 2026-02-28. */
export function addMonths(date: string, n: number): string {
  const [year, month, day] = date.split('-').map(Number) as [number, number, number];
  const last = new Date(Date.UTC(year, month + n, 0));
  last.setUTCDate(Math.min(day, last.getUTCDate()));
  return last.toISOString().slice(0, 10);
}

export function isWorkingDay(date: string, calendar: WorkCalendar): boolean {
  if (calendar.working.has(date)) return true;
  if (calendar.off.has(date)) return false;
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay();
  return weekday !== 0 && weekday !== 6;
}

/** The date itself if it is a working day, else the next one. */
export function workingDayFrom(date: string, calendar: WorkCalendar): string {
  let at = date;
  for (let i = 0; i < LONGEST_BREAK; i += 1, at = addDays(at, 1)) {
    if (isWorkingDay(at, calendar)) return at;
  }
  throw new RangeError(`no working day within ${LONGEST_BREAK} days of ${date}`);
}

/** The date `n` working days later; the first day is not counted (Bộ luật Dân sự 2015 Điều 147). */
export function addWorkingDays(date: string, n: number, calendar: WorkCalendar): string {
  let at = date;
  for (let i = 0; i < n; i += 1) at = workingDayFrom(addDays(at, 1), calendar);
  return at;
}

/** "17:00" → 1020. */
export function minutesOf(clock: string): number {
  const [hours, minutes] = clock.split(':').map(Number) as [number, number];
  return hours * 60 + minutes;
}

/** The working day that counts as day of receipt: after the cut-off or on a day off it is the next one. */
export function receiptDay(receivedAt: Date, calendar: WorkCalendar, officeHours: OfficeHours): string {
  const { date, minutes } = localTime(receivedAt);
  const late = officeHours.afterHours === 'next_working_day' && minutes > minutesOf(officeHours.cutOff);
  return workingDayFrom(late && isWorkingDay(date, calendar) ? addDays(date, 1) : date, calendar);
}

/** When an office is open next: the moment itself inside office hours, else the next opening. */
export function nextOpening(at: Date, calendar: WorkCalendar, officeHours: OfficeHours): Date {
  const { date, minutes } = localTime(at);
  if (isWorkingDay(date, calendar)) {
    for (const [from, to] of officeHours.hours) {
      if (minutes < minutesOf(from)) return localMoment(date, minutesOf(from));
      if (minutes <= minutesOf(to)) return at;
    }
  }
  const next = workingDayFrom(addDays(date, 1), calendar);
  return localMoment(next, minutesOf(officeHours.hours[0]?.[0] ?? '00:00'));
}

/**
 * When a term ends. Days and months end with the last day at 24:00 and move on from a day off (Bộ luật Dân sự 2015
 * Điều 148). Hours are plain hours from receipt within office hours, else from the next opening: an office cannot
 * answer while it is closed, and "02 giờ" leaves no room for a lunch break in between.
 */
export function addDuration(
  receivedAt: Date,
  duration: Duration,
  calendar: WorkCalendar,
  officeHours: OfficeHours,
): Due {
  if (duration.unit === 'hour') {
    const due = new Date(nextOpening(receivedAt, calendar, officeHours).getTime() + duration.n * 60 * MINUTE);
    return withFirmness(receivedAt, due, calendar);
  }
  const dueDate = lastDay(receivedAt, duration, calendar, officeHours);
  return withFirmness(receivedAt, new Date(localMoment(dueDate, 24 * 60).getTime() - 1), calendar);
}

function lastDay(
  receivedAt: Date,
  { n, unit }: Duration,
  calendar: WorkCalendar,
  officeHours: OfficeHours,
): string {
  if (unit === 'working_day')
    return addWorkingDays(receiptDay(receivedAt, calendar, officeHours), n, calendar);
  const { date } = localTime(receivedAt);
  return workingDayFrom(unit === 'month' ? addMonths(date, n) : addDays(date, n), calendar);
}

function withFirmness(from: Date, due: Date, calendar: WorkCalendar): Due {
  const dueDate = localTime(due).date;
  let firm = true;
  for (let at = localTime(from).date; at <= dueDate && firm; at = addDays(at, 1)) {
    firm = calendar.firmYears.has(at.slice(0, 4)) && !calendar.unsure.has(at);
  }
  return { due, dueDate, firm };
}

/** The first date on which "quá 03 tháng" / "quá 45 ngày" holds: strictly more, so the day after the anniversary. */
export function dayAfter(date: string, { n, unit }: Duration): string {
  return addDays(unit === 'month' ? addMonths(date, n) : addDays(date, n), 1);
}
