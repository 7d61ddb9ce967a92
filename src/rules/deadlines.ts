import type { Due, WorkCalendar } from './calendar.ts';
import { addDuration } from './calendar.ts';
import type { Deadline, Regulation, RequestKind } from './regulation.ts';

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
    return [{ ...due, legal: deadline.legal, source: deadline.source }];
  });
  return dues.toSorted((a, b) => a.due.getTime() - b.due.getTime())[0] ?? null;
}
