import type postgres from 'postgres';
import { LETTER_STATES, WORKING_STATES, type LetterState } from '../rules/letter.ts';
import { NOTICE_STATES } from './schema.ts';

export type NoticeState = (typeof NOTICE_STATES)[number];

/** What waits, for `check` and the metrics: figures only, no names. */
export interface Backlog {
  readonly letters: Readonly<Record<LetterState, number>>;
  /** Since when the longest-waiting letter could be worked on; null when none is due. */
  readonly oldestDueLetter: Date | null;
  readonly notices: Readonly<Record<NoticeState, number>>;
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
  const letters = await sql<{ state: LetterState; n: number }[]>`
    select state, count(*)::int as n from letter group by state`;
  const notices = await sql<{ state: NoticeState; n: number }[]>`
    select state, count(*)::int as n from notice group by state`;
  const [oldest] = await sql<{ letter: Date | null; notice: Date | null; overdue: number; soon: number }[]>`
    select
      (select min(due_at) from letter where state = any (${[...WORKING_STATES]}::letter_state[])
        and due_at <= ${at}::timestamptz) as letter,
      (select min(created_at) from notice where state in ('queued', 'sending')) as notice,
      (select count(*)::int from dossier where closed_at is null and due_at < ${at}::timestamptz) as overdue,
      (select count(*)::int from dossier where closed_at is null and due_at >= ${at}::timestamptz
        and due_at < ${soon}::timestamptz) as soon`;
  return {
    letters: counted(LETTER_STATES, letters),
    oldestDueLetter: dateOf(oldest!.letter),
    notices: counted(NOTICE_STATES, notices),
    oldestUnsentNotice: dateOf(oldest!.notice),
    dossiersOverdue: oldest!.overdue,
    dossiersDueWithinDay: oldest!.soon,
  };
}

const dateOf = (value: Date | null): Date | null => (value === null ? null : new Date(value));

function counted<S extends string>(
  states: readonly S[],
  rows: readonly { readonly state: S; readonly n: number }[],
): Record<S, number> {
  const counts = Object.fromEntries(states.map((state) => [state, 0])) as Record<S, number>;
  for (const { state, n } of rows) counts[state] = n;
  return counts;
}
