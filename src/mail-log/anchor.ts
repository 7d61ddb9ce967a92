import type postgres from 'postgres';
import type { LogEvent } from './event.ts';
import { logAnchored } from './events.ts';

/** A checkpoint laid down outside the database. */
export interface Anchor {
  /** "mail", "file /mnt/…", "syslog host:port", "tsa https://…" */
  readonly place: string;
  /** Day or hour: once per place and period. */
  readonly period: string;
  readonly at: Date;
  readonly note: string;
  /** RFC 3161 TimeStampResp over the note, DER. */
  readonly token: Buffer | null;
}

export async function isAnchored(sql: postgres.ISql, place: string, period: string): Promise<boolean> {
  const rows = await sql`select 1 from mail_log.anchor where place = ${place} and period = ${period}`;
  return rows.length > 0;
}

/** Records an anchor and keeps its checkpoint for ever; gives the entry for the log, none when it was there already. */
export async function keepAnchor(sql: postgres.ISql, anchor: Anchor): Promise<LogEvent[]> {
  const [, size = '', root = ''] = anchor.note.split('\n');
  const at = anchor.at.toISOString();
  await sql`insert into mail_log.checkpoint (size, at, note)
    values (${size}, ${at}::timestamptz, ${anchor.note}) on conflict (size) do nothing`;
  const added = await sql`insert into mail_log.anchor (place, period, at, size, note, token)
    values (${anchor.place}, ${anchor.period}, ${at}::timestamptz, ${size}, ${anchor.note}, ${anchor.token})
    on conflict (place, period) do nothing returning 1`;
  return added.length === 0 ? [] : [logAnchored({ where: anchor.place, detail: `${size} ${root}` })];
}
