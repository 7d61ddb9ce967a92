/**
 * Loops (threats.md). Mail that says it is automatic is never answered; these bounds are for automata that hide it: a
 * vacation reply without its fields, another gateway behind a mail system that drops them.
 */

/** Notices within an hour to one address that only confirm or repeat; receipts and results of requests are not bound. */
export const CONFIRMATIONS_PER_HOUR = 3;
export const CONFIRMATIONS: readonly string[] = ['abuse', 'incident', 'duplicate'];

/** What an automaton's letter looks like, as far as a machine sees it. */
export interface LetterSigns {
  /** It answers a notice of ours. */
  readonly repliesToUs: boolean;
  readonly files: number;
  /** Its own signature holds. */
  readonly proven: boolean;
}

const BARE_PER_HOUR = 3;
/** Corrections and requests in the letter's own words come so too; a unit does not write ten of them in an hour. */
const PROVEN_PER_HOUR = 10;

/**
 * How many letters of this kind one sender may write within an hour and be answered; what comes beyond lies before an
 * officer in silence. null: as many as it likes, for no automaton attaches files to a letter of its own.
 */
export function answeredPerHour({ repliesToUs, files, proven }: LetterSigns): number | null {
  if (files > 0 && !repliesToUs) return null;
  return proven ? PROVEN_PER_HOUR : BARE_PER_HOUR;
}
