import type { Due, WorkCalendar } from './calendar.ts';
import { articleOf, cite } from './articles.ts';
import { addDuration, localTime, receiptDay } from './calendar.ts';
import type { Deadline, Duration, Regulation, RequestKind } from './regulation.ts';

/** The three clocks of the regulations: from receipt, from completeness, and none (requirements.md §6.7). */
export interface DossierClock {
  /** Acceptance of the letter that counts; a corrected letter restarts the clock from its own receipt. */
  readonly receivedAt: Date;
  /** When the information was complete; null while something is missing. */
  readonly completeAt: Date | null;
}

export interface DossierDue extends Due {
  /** False: an internal target only, never "overdue by regulation". */
  readonly legal: boolean;
  readonly source: string;
  /** The term it comes from. */
  readonly deadline: Deadline;
}

export function deadlineOf(regulation: Regulation, kind: RequestKind): Deadline | null {
  return regulation.deadlines[kind] ?? regulation.deadlines['*'] ?? null;
}

/**
 * The strictest due date of a dossier's kinds; null when no clock runs: the regulation names none, or all of them
 * start with complete information that has not come yet.
 */
export function dueFor(
  regulation: Regulation,
  kinds: readonly RequestKind[],
  clock: DossierClock,
  calendar: WorkCalendar,
): DossierDue | null {
  const dues = kinds.flatMap((kind) => {
    const deadline = deadlineOf(regulation, kind);
    const from = deadline?.from === 'information_complete' ? clock.completeAt : clock.receivedAt;
    if (deadline === null || from === null) return [];
    const due = addDuration(from, deadline.duration, calendar, regulation.officeHours);
    return [{ ...due, legal: deadline.legal, source: deadline.source, deadline }];
  });
  return dues.toSorted((a, b) => a.due.getTime() - b.due.getTime())[0] ?? null;
}

const UNITS: Readonly<Record<Duration['unit'], string>> = {
  working_day: 'ngày làm việc',
  day: 'ngày',
  month: 'tháng',
  hour: 'giờ',
};

/** "03 ngày làm việc", "02 giờ" */
export const durationWords = ({ n, unit }: Duration): string =>
  `${String(n).padStart(2, '0')} ${UNITS[unit]}`;

/**
 * What a receipt says of the time a request will take: the term of the regulation with its article and the day it ends
 * on; what it waits for where its clock has not begun; null where the regulation names no term.
 */
export function termWords(
  regulation: Regulation,
  kinds: readonly RequestKind[],
  clock: DossierClock,
  calendar: WorkCalendar,
): string | null {
  const due = dueFor(regulation, kinds, clock, calendar);
  if (due === null) {
    const waiting = kinds
      .map((kind) => deadlineOf(regulation, kind))
      .find((deadline) => deadline?.from === 'information_complete');
    if (waiting === undefined || waiting === null) return null;
    const term = durationWords(waiting.duration);
    return `Thời hạn giải quyết: ${term} kể từ khi thông tin được xác thực đầy đủ${groundOf(regulation, waiting)}.`;
  }
  const { deadline } = due;
  const since =
    deadline.from === 'receipt' ? 'kể từ khi nhận được đề nghị' : 'kể từ khi thông tin được xác thực đầy đủ';
  const end =
    deadline.duration.unit === 'hour'
      ? `${hourOf(due.due)} ngày ${day(due.dueDate)}`
      : `ngày ${day(due.dueDate)}`;
  const firm = due.firm ? '' : ' (dự kiến, theo lịch nghỉ chưa công bố chính thức)';
  const name = deadline.legal ? 'Thời hạn giải quyết' : 'Thời hạn giải quyết dự kiến';
  return `${name}: ${durationWords(deadline.duration)} ${since}, chậm nhất ${end}${firm}${groundOf(regulation, deadline)}.${countedFrom(clock, deadline, regulation, calendar)}`;
}

function groundOf(regulation: Regulation, { legal, source }: Deadline): string {
  if (!legal) return '';
  return ` (${cite(regulation, articleOf(source) ?? regulation.articles.deadline)})`;
}

/** After office hours or on a day off the first day of the term is a later one, which has to be said. */
function countedFrom(
  { receivedAt, completeAt }: DossierClock,
  { from, duration }: Deadline,
  { officeHours }: Regulation,
  calendar: WorkCalendar,
): string {
  const start = from === 'receipt' ? receivedAt : completeAt;
  if (start === null || duration.unit !== 'working_day') return '';
  const counted = receiptDay(start, calendar, officeHours);
  return counted === localTime(start).date
    ? ''
    : ` Thư đến ngoài giờ làm việc nên được tính là nhận ngày ${day(counted)}.`;
}

const day = (iso: string): string => iso.split('-').toReversed().join('/');

function hourOf(at: Date): string {
  const { minutes } = localTime(at);
  const two = (n: number): string => String(Math.floor(n)).padStart(2, '0');
  return `${two(minutes / 60)} giờ ${two(minutes % 60)} phút`;
}
