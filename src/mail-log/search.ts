import type postgres from 'postgres';

export interface LogFilter {
  readonly from?: Date;
  readonly to?: Date;
  readonly event?: string;
  readonly sender?: string;
  readonly recipient?: string;
  readonly messageId?: string;
  readonly dossier?: string;
  readonly letter?: string;
  readonly unit?: string;
  readonly outcome?: string;
  /** Words of subject, detail, error and unit, with or without Vietnamese accents. */
  readonly words?: string;
  readonly limit: number;
}

export interface FoundEntry {
  readonly number: number | null;
  readonly entry: Readonly<Record<string, string | number>>;
}

/** Newest first. `number` is null while the entry waits for the sequencer. */
export async function searchLog(sql: postgres.ISql, filter: LogFilter): Promise<FoundEntry[]> {
  const when = (part: unknown, condition: postgres.PendingQuery<postgres.Row[]>) =>
    part === undefined ? sql`` : sql` and ${condition}`;
  const rows = await sql<{ number: string | null; entry: string }[]>`
    select s.number, e.entry from mail_log.mail_event e
    left join mail_log.sequenced s on s.at = e.at and s.id = e.id
    where true
      ${when(filter.from, sql`e.at >= ${filter.from?.toISOString() ?? ''}::timestamptz`)}
      ${when(filter.to, sql`e.at < ${filter.to?.toISOString() ?? ''}::timestamptz`)}
      ${when(filter.event, sql`e.event = ${filter.event ?? ''}`)}
      ${when(filter.sender, sql`e.sender = ${filter.sender?.toLowerCase() ?? ''}`)}
      ${when(filter.recipient, sql`e.recipient = ${filter.recipient?.toLowerCase() ?? ''}`)}
      ${when(filter.messageId, sql`e.message_id = ${filter.messageId ?? ''}`)}
      ${when(filter.dossier, sql`e.dossier = ${filter.dossier ?? ''}`)}
      ${when(filter.letter, sql`e.letter = ${filter.letter ?? ''}`)}
      ${when(filter.unit, sql`e.unit = ${filter.unit ?? ''}`)}
      ${when(filter.outcome, sql`e.outcome = ${filter.outcome ?? ''}`)}
      ${when(filter.words, sql`e.words @@ plainto_tsquery('simple', mail_log.folded(${filter.words?.normalize('NFC') ?? ''}))`)}
    order by e.at desc, s.number desc nulls first
    limit ${filter.limit}`;
  return rows.map((row) => ({
    number: row.number === null ? null : Number(row.number),
    entry: JSON.parse(row.entry) as Record<string, string | number>,
  }));
}
