import type postgres from 'postgres';
import { WAITING_STATES, WORKING_STATES, type WaitingState, type WorkingState } from '../rules/letter.ts';
import { NOTICE_STATES } from './schema.ts';

const OPEN_LETTERS = [...WORKING_STATES, ...WAITING_STATES] as const;
type OpenLetter = WorkingState | WaitingState;
const UNSENT = NOTICE_STATES.filter((state) => state !== 'sent');
type Unsent = Exclude<(typeof NOTICE_STATES)[number], 'sent'>;

/**
 * What waits, for `check` and the metrics: figures only, no names. Each question has an index (letter_state,
 * notice_not_sent, dossier_open), so that it costs the same after years.
 */
export interface Backlog {
  readonly letters: Readonly<Record<OpenLetter, number>>;
  /** Since when the longest-waiting letter could be worked on; null when none is due. */
  readonly oldestDueLetter: Date | null;
  readonly notices: Readonly<Record<Unsent, number>>;
  /** When the longest-waiting unsent notice was written. */
  readonly oldestUnsentNotice: Date | null;
  /** Open dossiers with a date. */
  readonly dossiersOverdue: number;
  readonly dossiersDueWithinDay: number;
}

const DAY_MS = 86_400_000;

export async function backlog(sql: postgres.ISql, now: Date): Promise<Backlog> {
  const at = now.toISOString();
  const soon = new Date(now.getTime() + DAY_MS).toISOString();
  const letters = await sql<{ state: OpenLetter; n: number }[]>`
    select state, count(*)::int as n from letter where state in ${listed(sql, OPEN_LETTERS)} group by state`;
  const notices = await sql<{ state: Unsent; n: number }[]>`
    select state, count(*)::int as n from notice where state <> 'sent' and closed_at is null group by state`;
  const [oldest] = await sql<{ letter: Date | null; notice: Date | null; overdue: number; soon: number }[]>`
    select
      (select min(due_at) from letter where state in ${listed(sql, WORKING_STATES)}
        and due_at <= ${at}::timestamptz) as letter,
      (select min(created_at) from notice where state in ('queued', 'sending')) as notice,
      (select count(*)::int from dossier where closed_at is null and due_at < ${at}::timestamptz) as overdue,
      (select count(*)::int from dossier where closed_at is null and due_at >= ${at}::timestamptz
        and due_at < ${soon}::timestamptz) as soon`;
  return {
    letters: counted(OPEN_LETTERS, letters),
    oldestDueLetter: dateOf(oldest!.letter),
    notices: counted(UNSENT, notices),
    oldestUnsentNotice: dateOf(oldest!.notice),
    dossiersOverdue: oldest!.overdue,
    dossiersDueWithinDay: oldest!.soon,
  };
}

/** Written out: the planner uses a partial index only where it sees the states themselves. */
const listed = (sql: postgres.ISql, states: readonly string[]) =>
  sql.unsafe(`(${states.map((state) => `'${state}'`).join(',')})`);

const dateOf = (value: Date | null): Date | null => (value === null ? null : new Date(value));

function counted<S extends string>(
  states: readonly S[],
  rows: readonly { readonly state: S; readonly n: number }[],
): Record<S, number> {
  const counts = Object.fromEntries(states.map((state) => [state, 0])) as Record<S, number>;
  for (const { state, n } of rows) counts[state] = n;
  return counts;
}
