import type { LogEvent } from '../mail-log/event.ts';
import { localTime } from '../rules/calendar.ts';
import type { Regulation } from '../rules/regulation.ts';
import type { Tx } from '../store/database.ts';
import type { ActDeps } from '../work/step.ts';

/**
 * Port of the periodic work. `run-jobs` asks every job once a minute for every regulation; what it does happens in one
 * transaction with the record that it was done, so several gateways and crashes change nothing: once per period.
 * A throw rolls everything back, is logged as a failure, and the period is tried again with the next round.
 */
export interface Job {
  readonly name: string;
  /**
   * The period that is to be done now ("2026-11-25"), or null. A job without one is asked every round: it keeps its
   * own account of what it did (states, notices by event) and is not recorded as a period.
   */
  readonly period?: (now: Date, deps: ActDeps) => string | null;
  /** Log entries of what was done; none when there was nothing to do. */
  run(tx: Tx, regulation: Regulation, deps: ActDeps): Promise<LogEvent[]>;
}

/** HCM-9.2a: the unit mailbox is read at the start of the morning and of the afternoon; ours lie there before. */
const MORNING = 7 * 60;

/** The date from 07:00 on. */
export function eachMorning(now: Date): string | null {
  const { date, minutes } = localTime(now);
  return minutes >= MORNING ? date : null;
}
