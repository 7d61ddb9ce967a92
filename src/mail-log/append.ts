import { randomBytes, randomUUID } from 'node:crypto';
import type postgres from 'postgres';
import { canonicalEntry, type LogEvent } from './event.ts';
import { leafHash } from './tree.ts';

/** Any postgres.js client or transaction; the caller's transaction makes the entry true or void with its deed. */
export type LogSql = postgres.ISql;

/** Appends entries in the caller's transaction, in this order. */
export async function append(sql: LogSql, at: Date, ...events: readonly LogEvent[]): Promise<void> {
  for (const event of events) {
    const entry = canonicalEntry(at, event);
    const salt = randomBytes(16);
    const leaf = leafHash(salt, entry);
    const id = randomUUID();
    const moment = at.toISOString();
    await sql`
      with entry as (
        insert into mail_log.mail_event (at, id, entry, salt, leaf)
        values (${moment}::timestamptz, ${id}, ${entry}, ${salt}, ${leaf})
      )
      insert into mail_log.pending (at, id, leaf) values (${moment}::timestamptz, ${id}, ${leaf})`;
  }
}
