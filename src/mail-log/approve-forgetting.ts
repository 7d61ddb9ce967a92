import type postgres from 'postgres';
import { append } from './append.ts';
import { approval, APPROVED, forgettableMonths } from './forget.ts';
import { parseForgetting } from './forgotten.ts';

/** A month past its period, and whether somebody said that it may go. */
export interface PastMonth {
  /** "2025-10" */
  readonly month: string;
  /** About how many entries it holds; null where PostgreSQL has not counted. */
  readonly entries: number | null;
  readonly approved: { readonly by: string; readonly at: string } | null;
}

/** A month that is gone. */
export interface GoneMonth {
  readonly month: string;
  readonly at: string;
  readonly entries: number;
  readonly by: string;
}

export interface Retention {
  readonly past: readonly PastMonth[];
  /** Latest first. */
  readonly gone: readonly GoneMonth[];
  /** The oldest month that is still there. */
  readonly oldest: string | null;
}

/** What has to be kept, may go and has gone. */
export async function retentionOf(sql: postgres.ISql, now: Date, keepMonths: number): Promise<Retention> {
  const said = await pruneSaid(sql);
  const sizes = await monthSizes(sql);
  const past = (await forgettableMonths(sql, now, keepMonths)).map((month) => ({
    month,
    entries: sizes.get(month) ?? null,
    approved: approvalOf(said, month),
  }));
  return { past, gone: goneOf(said), oldest: [...sizes.keys()][0] ?? null };
}

/**
 * Says that these months may go, all of them or none. null when one of them may not, or is approved already: somebody
 * was faster. The gateway's job (jobs/retention.ts) forgets what is approved.
 */
export async function approveMonths(
  sql: postgres.Sql,
  months: readonly string[],
  {
    now,
    keepMonths,
    approvedBy,
  }: { readonly now: Date; readonly keepMonths: number; readonly approvedBy: string },
): Promise<readonly string[] | null> {
  return sql.begin(async (tx) => {
    await tx`select pg_advisory_xact_lock(hashtext('congthu log.prune'))`;
    const { past } = await retentionOf(tx, now, keepMonths);
    const free = past.filter(({ approved }) => approved === null).map(({ month }) => month);
    if (months.length === 0 || months.some((month) => !free.includes(month))) return null;
    await append(tx, now, ...months.map((month) => approval(month, approvedBy)));
    return months;
  });
}

type Said = Readonly<Record<string, string | number | undefined>>;

/** Also what has no number yet: an approval of a moment ago must not be given twice. */
async function pruneSaid(sql: postgres.ISql): Promise<Said[]> {
  const rows = await sql<{ entry: string }[]>`
    select entry from mail_log.mail_event where terms @@ '''e:log.prune'''::tsquery order by at, id`;
  return rows.map(({ entry }) => JSON.parse(entry) as Said);
}

function approvalOf(said: readonly Said[], month: string): PastMonth['approved'] {
  const entry = said.find(({ outcome, detail }) => outcome === month && detail === APPROVED);
  return entry === undefined ? null : { by: String(entry['actor'] ?? ''), at: String(entry['at']) };
}

function goneOf(said: readonly Said[]): GoneMonth[] {
  const gone = new Map<string, GoneMonth>();
  const seen = new Set<string>();
  for (const entry of said) {
    const detail = String(entry['detail']);
    if (parseForgetting(entry) === null && detail !== 'no entries') continue;
    const month = String(entry['outcome']);
    // When the month of such an entry goes itself, the entry is said again word for word.
    if (seen.has(`${month} ${detail}`)) continue;
    seen.add(`${month} ${detail}`);
    const before = gone.get(month);
    const entries = (before?.entries ?? 0) + Number(entry['count'] ?? 0);
    gone.set(month, {
      month,
      entries,
      at: before?.at ?? String(entry['at']),
      by: String(entry['actor'] ?? ''),
    });
  }
  return [...gone.values()].toSorted((a, b) => b.month.localeCompare(a.month));
}

/** Of every month that is there, oldest first; as PostgreSQL last counted, so that no page scans a month. */
async function monthSizes(sql: postgres.ISql): Promise<Map<string, number | null>> {
  const rows = await sql<{ name: string; rows: number }[]>`
    select c.relname as name, c.reltuples::float8 as rows from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'mail_log.mail_event'::regclass and c.relname ~ '_\\d{4}_\\d{2}$' order by c.relname`;
  return new Map(
    rows.map(({ name, rows: count }) => [
      name.slice(-7).replace('_', '-'),
      count > 0 ? Math.round(count) : null,
    ]),
  );
}
