import { addDays, dayAfter, localTime } from './calendar.ts';
import type { LockReason, Mailbox } from './registry.ts';
import type { Duration, Regulation } from './regulation.ts';

/** One mailbox that something is to happen to, and why. Dates are ISO dates in Việt Nam. */
export interface LifecycleMatter {
  readonly mailbox: Mailbox;
  /** Last use, or issue when never used. */
  readonly since: string;
  /** First day on which the rule holds. */
  readonly on: string;
  readonly source: string;
  readonly reason: LockReason;
}

export interface LifecycleDay {
  readonly warn: readonly LifecycleMatter[];
  readonly lock: readonly LifecycleMatter[];
  /** Candidates only: deleting cannot be undone and is always decided by an officer (HCM-9.1b). */
  readonly deletion: readonly LifecycleMatter[];
}

/**
 * Days in which nobody at all is seen to log in before the source of last logins counts as silent; Tết is nine days off.
 * [judgement]: "không sử dụng" is a fact about the person, not about a mail server that reports nothing.
 */
const SILENT_AFTER = 14;

/** What the last logins of a whole system tell: the newest one, and whether that is too long ago to conclude from. */
export interface LoginSource {
  /** ISO date of the newest last login known; null where none was ever reported. */
  readonly newest: string | null;
  readonly silent: boolean;
}

/**
 * Whether last logins can be judged on a date. Where they do not come in (an LDAP or manual target without imports, a
 * mail server whose statistics stopped) everybody looks unused, and locking would shut out a whole province.
 */
export function loginSource(mailboxes: readonly Mailbox[], today: string): LoginSource {
  const days = mailboxes.flatMap(({ lastLogin }) => (lastLogin === null ? [] : [localTime(lastLogin).date]));
  const newest = days.reduce<string | null>(
    (latest, day) => (latest === null || day > latest ? day : latest),
    null,
  );
  return { newest, silent: newest === null || addDays(newest, SILENT_AFTER) < today };
}

/** Of the matters of a day those that rest on no last login: first passwords, time since a lock. */
export const withoutLogins = (day: LifecycleDay, { lifecycle }: Regulation): LifecycleDay => ({
  warn: day.warn.filter(({ reason }) => reason !== 'inactive'),
  lock: day.lock.filter(({ reason }) => reason !== 'inactive'),
  deletion: lifecycle.deleteClockFrom === 'lock' ? day.deletion : [],
});

/** True where the regulation has rules that need last logins (HCM-9.1a, 9.1b, QB-7.2). */
export const needsLogins = ({ lifecycle }: Regulation): boolean =>
  lifecycle.lockAfter !== undefined || lifecycle.deleteAfter !== undefined;

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
  if (mailbox.state === 'pending' && lockIfNotChanged !== undefined) {
    const issued = localTime(mailbox.createdAt).date;
    const { source } = lockIfNotChanged;
    if (typeof first === 'object')
      return { mailbox, since: issued, on: dayAfter(issued, first), source, reason: 'first_password' };
    // HCM-9.3b: logged in, and the first password still stands.
    if (mailbox.lastLogin !== null) {
      return { mailbox, since: issued, on: lastUse(mailbox), source, reason: 'first_password' };
    }
  }
  if (lockAfter === undefined || (reasonSuspendsLock === true && excused(mailbox.address))) return null;
  return {
    mailbox,
    since,
    on: dayAfter(since, lockAfter.value),
    source: lockAfter.source,
    reason: 'inactive',
  };
}

function deletionMatter(mailbox: Mailbox, regulation: Regulation): LifecycleMatter | null {
  const { deleteAfter, deleteClockFrom } = regulation.lifecycle;
  if (deleteAfter === undefined || mailbox.state === 'cancelled') return null;
  if (deleteClockFrom === 'lock' && mailbox.lockedAt === null) return null;
  const since =
    deleteClockFrom === 'lock' && mailbox.lockedAt !== null
      ? localTime(mailbox.lockedAt).date
      : lastUse(mailbox);
  const on = dayAfter(since, deleteAfter.value);
  return { mailbox, since, on, source: deleteAfter.source, reason: 'inactive' };
}

/**
 * Earliest ISO date a locked mailbox may be reopened; null when it may be at once. The wait concerns mailboxes locked
 * because the first password was not changed (HCM-9.3b "sau 05 ngày" – calendar days); of an imported lock without a
 * recorded reason that is believed when the mailbox was never used.
 */
export function reopenNotBefore(mailbox: Mailbox, regulation: Regulation): string | null {
  const { reopenNotBefore: wait } = regulation.passwords;
  if (wait === undefined || mailbox.lockedAt === null) return null;
  const unchanged = mailbox.lockReason ?? (mailbox.lastLogin === null ? 'first_password' : 'inactive');
  if (unchanged !== 'first_password') return null;
  return addDays(localTime(mailbox.lockedAt).date, wait.value.n);
}
