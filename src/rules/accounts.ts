import { dayAfter, localTime } from './calendar.ts';
import type { PasswordPolicy, Regulation } from './regulation.ts';

/**
 * Accounts of the console (bàn làm việc): who may do what, and how old a password may be. Three roles, each with a
 * duty of its own, so that nobody decides a dossier and audits the record of it with the same account.
 */
export const ROLES = ['officer', 'auditor', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/**
 * - `desk`: sees and decides letters and dossiers
 * - `registry`: changes units, delegates, certificates, seals
 * - `log`: searches, verifies and exports the mail log; changes nothing
 * - `retention`: says that months of the mail log past their period may be forgotten
 */
export const RIGHTS = ['desk', 'registry', 'log', 'retention'] as const;
export type Right = (typeof RIGHTS)[number];

const GRANTED: Readonly<Record<Role, readonly Right[]>> = Object.freeze({
  officer: ['desk', 'registry'],
  auditor: ['log'],
  admin: ['registry', 'log', 'retention'],
});

export const may = (role: Role, right: Right): boolean => GRANTED[role].includes(right);

/** QB-8.1–8.4, the only figures among the regulations; a regulation with an administrators' rule replaces them. */
const QB_8: PasswordPolicy = {
  min: 14,
  classesAtLeast: 3,
  rotateEvery: { n: 1, unit: 'month' },
  unique: true,
  source: 'QB-8.1',
};

/** The rule for console passwords. Every account here can reach other people's mailboxes: all keep the same length. */
export function accountPolicy(regulations: readonly Regulation[]): PasswordPolicy {
  const stated = regulations.flatMap(({ passwords }) =>
    passwords.admin === undefined ? [] : [passwords.admin],
  );
  return stated.toSorted((a, b) => b.min - a.min)[0] ?? QB_8;
}

/** First ISO date on which the password lets nobody in any more; null when the role need not change it (QB-8.3). */
export function passwordDueOn(role: Role, changedAt: Date, policy: PasswordPolicy): string | null {
  if (role !== 'admin' || policy.rotateEvery === undefined) return null;
  return dayAfter(localTime(changedAt).date, policy.rotateEvery);
}

/** Lower-case Latin letters, digits, dot, dash; also what stands as `actor` in the mail log. */
export const isAccountName = (name: string): boolean => /^[a-z][a-z0-9.-]{1,38}[a-z0-9]$/u.test(name);

/**
 * Wrong guesses allowed in one window before even the right answer is refused. An address may belong to a whole
 * office behind one router, so it gets more.
 */
export const GUESSES = Object.freeze({ account: 8, address: 40, windowMinutes: 15 });
