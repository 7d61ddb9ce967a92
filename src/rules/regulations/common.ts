import type { ColumnKey, Regulation, RequestKind, SenderRule } from '../regulation.ts';

/** Values that several regulations leave open in the same way; each is marked `assumed` where it is used. */

export const MEBIBYTE = 1024 * 1024;
export const GIBIBYTE = 1024 * MEBIBYTE;

/** Ordinary hours of provincial offices; the texts name none, so the operator confirms them. */
export const OFFICE_HOURS: Regulation['officeHours'] = {
  hours: [
    ['07:30', '11:30'],
    ['13:30', '17:00'],
  ],
  cutOff: '17:00',
  afterHours: 'next_working_day',
};

/** HCM-10.9 is the only figure among the five; the others take it over until their operator decides. */
export const LOG_TWELVE_MONTHS: Regulation['log'] = {
  value: { retainMonths: 12 },
  source: 'assumed',
  assumed: true,
};

/** Kinds that are reports, not requests for a mailbox: nothing is changed because of them. */
export const REPORT_KINDS: readonly RequestKind[] = [
  'INCIDENT',
  'ABUSE_REPORT',
  'USAGE_REPORT',
  'QUARTERLY_DECLARATION',
];

/** The least a row must say so that it can be carried out at all. */
export const LEAST_COLUMNS: Readonly<Partial<Record<RequestKind, readonly ColumnKey[]>>> = {
  CREATE_PERSON: ['fullName', 'position'],
  CREATE_UNIT: ['fullName'],
  CHANGE: ['fullName'],
  TRANSFER: ['fullName'],
  DELEGATION: ['fullName', 'position', 'phone'],
};

/** Persons may report a lost password, a fault or bad mail themselves. */
export const personsMayReport = (source: string): SenderRule => ({
  kinds: ['PASSWORD_RESET', 'INCIDENT', 'ABUSE_REPORT'],
  allow: ['unit_mailbox', 'personal_mailbox', 'paper', 'phone'],
  requireManagingUnit: false,
  source,
});
