import { randomBytes, randomUUID } from 'node:crypto';
import type postgres from 'postgres';
import { canonicalEntry, type LogEvent } from './event.ts';
import { leafHash } from './tree.ts';

/** Any postgres.js client or transaction; the caller's transaction makes the entry true or void with its deed. */
export type LogSql = postgres.ISql;

/** Appends entries in the caller's transaction, in this order. */
export async function append(sql: LogSql, at: Date, ...events: readonly LogEvent[]): Promise<void> {
  await appendEach(
    sql,
    events.map((event) => ({ at, event })),
  );
}

/** The same for entries that each have a moment of their own, in one statement. */
export async function appendEach(
  sql: LogSql,
  events: readonly { readonly at: Date; readonly event: LogEvent }[],
): Promise<void> {
  if (events.length === 0) return;
  const rows = events.map(({ at, event }) => {
    const entry = canonicalEntry(at, event);
    const salt = randomBytes(16);
    return { at: at.toISOString(), id: randomUUID(), entry, salt, leaf: leafHash(salt, entry) };
  });
  const [first] = rows;
  // By far the most often; arrays of one cost PostgreSQL a quarter more.
  if (first !== undefined && rows.length === 1) {
    await sql`
      with entry as (
        insert into mail_log.mail_event (at, id, entry, salt, leaf)
        values (${first.at}::timestamptz, ${first.id}, ${first.entry}, ${first.salt}, ${first.leaf})
      )
      insert into mail_log.pending (at, id, leaf) values (${first.at}::timestamptz, ${first.id}, ${first.leaf})`;
    return;
  }
  await sql`
    with rows as (
      select at, id, entry, decode(salt, 'hex') as salt, decode(leaf, 'hex') as leaf, place from unnest(
        ${rows.map(({ at }) => at)}::text[]::timestamptz[], ${rows.map(({ id }) => id)}::uuid[],
        ${rows.map(({ entry }) => entry)}::text[], ${rows.map(({ salt }) => salt.toString('hex'))}::text[],
        ${rows.map(({ leaf }) => leaf.toString('hex'))}::text[]
      ) with ordinality as row (at, id, entry, salt, leaf, place)
    ), entry as (
      insert into mail_log.mail_event (at, id, entry, salt, leaf)
      select at, id, entry, salt, leaf from rows order by place
    )
    insert into mail_log.pending (at, id, leaf) select at, id, leaf from rows order by place`;
}
