import { addDays, dayAfter, localTime } from './calendar.ts';
import type { Mailbox } from './registry.ts';
import type { Duration, Regulation } from './regulation.ts';

/** One mailbox that something is to happen to, and why. Dates are ISO dates in Việt Nam. */
export interface LifecycleMatter {
  readonly mailbox: Mailbox;
  /** Last use, or issue when never used. */
  readonly since: string;
  /** First day on which the rule holds. */
  readonly on: string;
  readonly source: string;
}

export interface LifecycleDay {
  readonly warn: readonly LifecycleMatter[];
  readonly lock: readonly LifecycleMatter[];
  /** Candidates only: deleting cannot be undone and is always decided by an officer (HCM-9.1b). */
  readonly deletion: readonly LifecycleMatter[];
}

const lastUse = (mailbox: Mailbox): string => localTime(mailbox.lastLogin ?? mailbox.createdAt).date;

/**
 * Who is to be warned, locked or put before an officer for deletion on a date.
 * @param excused true while a unit's reason for absence stands (HCM-9.1a)
 */
export function lifecycleOn(
  mailboxes: readonly Mailbox[],
  regulation: Regulation,
  today: string,
  excused: (address: string) => boolean = () => false,
): LifecycleDay {
  const matters = mailboxes.map((mailbox) => ({
    lock: lockMatter(mailbox, regulation, excused),
    deletion: deletionMatter(mailbox, regulation),
  }));
  const locks = matters.flatMap(({ lock }) => (lock === null ? [] : [lock]));
  const { warnBefore } = regulation.lifecycle;
  return {
    lock: locks.filter(({ on }) => on <= today),
    warn:
      warnBefore === undefined
        ? []
        : locks.filter(({ on }) => on > today && warningDay(on, warnBefore.value) <= today),
    deletion: matters.flatMap(({ deletion }) => (deletion === null || deletion.on > today ? [] : [deletion])),
  };
}

/** Warnings are counted in days; a month is taken as thirty. */
const warningDay = (on: string, { n, unit }: Duration): string =>
  addDays(on, unit === 'month' ? -30 * n : -n);

function lockMatter(
  mailbox: Mailbox,
  regulation: Regulation,
  excused: (address: string) => boolean,
): LifecycleMatter | null {
  if (mailbox.state !== 'active' && mailbox.state !== 'pending') return null;
  const since = lastUse(mailbox);
  const { lockAfter, reasonSuspendsLock } = regulation.lifecycle;
  const { lockIfNotChanged } = regulation.passwords;
  const first = lockIfNotChanged?.value;
  if (mailbox.state === 'pending' && lockIfNotChanged !== undefined && typeof first === 'object') {
    const issued = localTime(mailbox.createdAt).date;
    return { mailbox, since: issued, on: dayAfter(issued, first), source: lockIfNotChanged.source };
  }
  if (lockAfter === undefined || (reasonSuspendsLock === true && excused(mailbox.address))) return null;
  return { mailbox, since, on: dayAfter(since, lockAfter.value), source: lockAfter.source };
}

function deletionMatter(mailbox: Mailbox, regulation: Regulation): LifecycleMatter | null {
  const { deleteAfter, deleteClockFrom } = regulation.lifecycle;
  if (deleteAfter === undefined || mailbox.state === 'cancelled') return null;
  if (deleteClockFrom === 'lock' && mailbox.lockedAt === null) return null;
  const since =
    deleteClockFrom === 'lock' && mailbox.lockedAt !== null
      ? localTime(mailbox.lockedAt).date
      : lastUse(mailbox);
  return { mailbox, since, on: dayAfter(since, deleteAfter.value), source: deleteAfter.source };
}

/**
 * Earliest ISO date a locked mailbox may be reopened; null when it may be at once. The wait concerns mailboxes locked
 * because the first password was never changed (HCM-9.3b "sau 05 ngày" – calendar days), which were never used.
 */
export function reopenNotBefore(mailbox: Mailbox, regulation: Regulation): string | null {
  const { reopenNotBefore: wait } = regulation.passwords;
  if (wait === undefined || mailbox.lockedAt === null || mailbox.lastLogin !== null) return null;
  return addDays(localTime(mailbox.lockedAt).date, wait.value.n);
}
