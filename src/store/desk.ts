import { and, asc, desc, eq, gt } from 'drizzle-orm';
import type { LetterState } from '../rules/letter.ts';
import type { Orm, Tx } from './database.ts';
import type { Letter } from './letters.ts';
import { deskAction, letter } from './schema.ts';

export type DeskRecord = typeof deskAction.$inferSelect;

/** The letter, locked until the transaction ends: of two officers one waits and then sees what the other did. */
export async function lockLetter(orm: Orm, id: string): Promise<Letter | null> {
  return (await orm.select().from(letter).where(eq(letter.id, id)).for('update'))[0] ?? null;
}

export async function recordAction(orm: Orm, row: typeof deskAction.$inferInsert): Promise<void> {
  await orm.insert(deskAction).values(row);
}

/** What officers did with a letter, oldest first. */
export async function actionsOn(orm: Orm, id: string): Promise<DeskRecord[]> {
  return orm.select().from(deskAction).where(eq(deskAction.letter, id)).orderBy(asc(deskAction.version));
}

/** The last thing an officer did after a version was seen; null when it was the machine. */
export async function actionSince(orm: Orm, id: string, version: number): Promise<DeskRecord | null> {
  const [row] = await orm
    .select()
    .from(deskAction)
    .where(and(eq(deskAction.letter, id), gt(deskAction.version, version)))
    .orderBy(desc(deskAction.version))
    .limit(1);
  return row ?? null;
}

export async function assign(orm: Orm, id: string, assignee: string): Promise<void> {
  await orm.update(letter).set({ assignee }).where(eq(letter.id, id));
}

export interface WaitingFilter {
  readonly states: readonly LetterState[];
  readonly due: 'late' | 'today' | null;
  readonly assignee: string | null;
  readonly unit: string | null;
  /** Number, unit, sender or subject; with or without accents. */
  readonly words: string;
  readonly now: Date;
  /** End of today in Viet Nam. */
  readonly endOfDay: Date;
}

export interface WaitingLetter {
  readonly id: string;
  readonly state: LetterState;
  readonly receivedAt: Date;
  readonly dossier: string | null;
  readonly unit: string | null;
  readonly sender: string;
  readonly subject: string;
  readonly reason: string | null;
  readonly assignee: string | null;
  readonly dueAt: Date | null;
  readonly dueLegal: boolean | null;
  readonly rows: number;
}

const MOST = 200;

/** Letters that wait for a person, the most urgent first; those without a due date after the others, oldest first. */
export async function waitingLetters(tx: Tx, filter: WaitingFilter): Promise<WaitingLetter[]> {
  const { sql } = tx;
  const rows = await sql<Record<string, string | null>[]>`
    select l.id, l.state, l.received_at::text, l.dossier, u.name as unit, l.sender,
      case when l.state <> 'quarantine' then
        coalesce(nullif(l.findings #>> '{examine,subject}', ''), l.facts ->> 'subject') end as subject,
      l.reason, l.assignee, d.due_at::text, d.due_legal::text,
      (select count(*) from dossier_row r where r.letter = l.id)::text as rows
    from letter l left join dossier d on d.number = l.dossier left join unit u on u.code = l.unit
    where l.state::text = any(${[...filter.states]})
      ${filter.due === 'late' ? sql`and d.due_at < ${filter.now.toISOString()}::timestamptz` : sql``}
      ${filter.due === 'today' ? sql`and d.due_at >= ${filter.now.toISOString()}::timestamptz and d.due_at < ${filter.endOfDay.toISOString()}::timestamptz` : sql``}
      ${filter.assignee === null ? sql`` : sql`and l.assignee = ${filter.assignee}`}
      ${filter.unit === null ? sql`` : sql`and l.unit = ${filter.unit}`}
      ${
        filter.words === ''
          ? sql``
          : sql`and position(mail_log.folded(${filter.words}) in mail_log.folded(concat_ws(' ', l.dossier, u.name, l.sender,
              l.facts ->> 'subject', l.findings #>> '{examine,subject}', l.findings #>> '{officer,paper,number}'))) > 0`
      }
    order by d.due_at nulls last, l.received_at limit ${MOST}`;
  return rows.map((row) => ({
    id: row['id']!,
    state: row['state'] as LetterState,
    receivedAt: new Date(row['received_at']!),
    dossier: row['dossier'] ?? null,
    unit: row['unit'] ?? null,
    sender: row['sender']!,
    subject: row['subject'] ?? '',
    reason: row['reason'] ?? null,
    assignee: row['assignee'] ?? null,
    dueAt: typeof row['due_at'] === 'string' ? new Date(row['due_at']) : null,
    dueLegal: typeof row['due_legal'] === 'string' ? row['due_legal'] === 'true' : null,
    rows: Number(row['rows']),
  }));
}

export interface Tally {
  readonly waiting: number;
  readonly late: number;
  readonly today: number;
  readonly sealed: number;
  readonly paper: number;
}

/** How much waits, for the head of the inbox. */
export async function tallyWaiting({ sql }: Tx, now: Date, endOfDay: Date): Promise<Tally> {
  const at = now.toISOString();
  const [row] = await sql<Record<keyof Tally, string>[]>`
    select count(*) filter (where l.state in ('officer', 'awaiting_paper', 'quarantine'))::text as waiting,
      count(*) filter (where d.due_at < ${at}::timestamptz)::text as late,
      count(*) filter (where d.due_at >= ${at}::timestamptz and d.due_at < ${endOfDay.toISOString()}::timestamptz)::text as today,
      count(*) filter (where l.state = 'quarantine')::text as sealed,
      count(*) filter (where l.state = 'awaiting_paper')::text as paper
    from letter l left join dossier d on d.number = l.dossier
    where l.state in ('officer', 'awaiting_paper', 'quarantine', 'executor', 'scheduled')`;
  const count = (name: keyof Tally): number => Number(row![name]);
  return {
    waiting: count('waiting'),
    late: count('late'),
    today: count('today'),
    sealed: count('sealed'),
    paper: count('paper'),
  };
}

/** The letter of a dossier that waits, else its latest. */
export async function letterToShow({ sql }: Tx, number: string): Promise<string | null> {
  const [row] = await sql<{ id: string }[]>`
    select id from letter where dossier = ${number}
    order by state in ('officer', 'awaiting_paper', 'quarantine') desc, received_at desc limit 1`;
  return row?.id ?? null;
}
