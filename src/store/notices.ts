import { and, asc, desc, eq, gte, inArray, isNull, ne, sql } from 'drizzle-orm';
import type { Orm, Tx } from './database.ts';
import { activation, notice, noticeAttachment } from './schema.ts';
import { WORK_CHANNEL } from './wake.ts';

export type Notice = typeof notice.$inferSelect;
export type NewNotice = typeof notice.$inferInsert;
export type Activation = typeof activation.$inferSelect;

export interface Attachment {
  readonly filename: string;
  readonly mediaType: string;
  readonly content: Buffer;
}

/** Puts a notice into the outbox; false when this event has its notice already. */
export async function queueNotice(
  tx: Tx,
  row: NewNotice,
  attachments: readonly Attachment[] = [],
): Promise<boolean> {
  const added = await tx.orm
    .insert(notice)
    .values(row)
    .onConflictDoNothing({ target: notice.event })
    .returning({ id: notice.id });
  if (added.length === 0) return false;
  if (attachments.length > 0)
    await tx.orm
      .insert(noticeAttachment)
      .values(attachments.map((attachment, position) => ({ notice: row.id, position, ...attachment })));
  await tx.sql`select pg_notify(${WORK_CHANNEL}, 'notice')`;
  return true;
}

export async function attachmentsOf(orm: Orm, id: string): Promise<Attachment[]> {
  return orm
    .select()
    .from(noticeAttachment)
    .where(eq(noticeAttachment.notice, id))
    .orderBy(noticeAttachment.position);
}

/**
 * Claims one due notice and marks it `sending`, so that a crash shows as "answer unknown". `bounceHash` tells what its
 * envelope address will be known by, before anything can come back to it.
 */
export async function claimNotice(
  tx: Tx,
  now: Date,
  leaseMs: number,
  bounceHash: (id: string) => Buffer | null,
): Promise<Notice | null> {
  const at = now.toISOString();
  const until = new Date(now.getTime() + leaseMs).toISOString();
  const [row] = await tx.sql<{ id: string }[]>`
    update notice set state = 'sending', lease_until = ${until}::timestamptz, attempts = attempts + 1
    where id = (
      select id from notice
      where state in ('queued', 'sending') and due_at <= ${at}::timestamptz
        and (lease_until is null or lease_until < ${at}::timestamptz)
      order by due_at limit 1 for update skip locked)
    returning id`;
  if (row === undefined) return null;
  const claimed = await tx.orm
    .update(notice)
    .set({ bounceHash: bounceHash(row.id) })
    .where(eq(notice.id, row.id))
    .returning();
  return claimed[0] ?? null;
}

export async function noticeByBounceHash(orm: Orm, hash: Buffer): Promise<Notice | null> {
  return (await orm.select().from(notice).where(eq(notice.bounceHash, hash)))[0] ?? null;
}

/** Notices that did not reach their recipient, latest first. */
export async function undelivered(orm: Orm): Promise<Notice[]> {
  return orm
    .select()
    .from(notice)
    .where(liesUndelivered())
    .orderBy(desc(notice.createdAt))
    .limit(MOST_UNDELIVERED);
}
const MOST_UNDELIVERED = 200;

/** It did not arrive, and nobody has let it rest. */
const liesUndelivered = () => and(inArray(notice.state, ['failed', 'bounced']), isNull(notice.closedAt));

/** Puts a notice that did not arrive into the outbox again; null when it no longer lies there. */
export async function sendAgain(tx: Tx, id: string, now: Date): Promise<Notice | null> {
  const changed = await tx.orm
    .update(notice)
    .set({ state: 'queued', attempts: 0, dueAt: now, leaseUntil: null })
    .where(and(eq(notice.id, id), liesUndelivered()))
    .returning();
  if (changed.length > 0) await tx.sql`select pg_notify(${WORK_CHANNEL}, 'notice')`;
  return changed[0] ?? null;
}

/** Lets a notice that did not arrive rest; null when it no longer lies there. */
export async function closeUndelivered(
  tx: Tx,
  id: string,
  closed: { readonly at: Date; readonly by: string; readonly reason: string },
): Promise<Notice | null> {
  const changed = await tx.orm
    .update(notice)
    .set({ closedAt: closed.at, closedBy: closed.by, closedReason: closed.reason })
    .where(and(eq(notice.id, id), liesUndelivered()))
    .returning();
  return changed[0] ?? null;
}

/** The relay had taken it and it came back; false when that was known. */
export async function noticeReturned(tx: Tx, id: string, error: string): Promise<boolean> {
  const changed = await tx.orm
    .update(notice)
    .set({ state: 'bounced', lastError: error, leaseUntil: null })
    .where(and(eq(notice.id, id), ne(notice.state, 'bounced')))
    .returning({ id: notice.id });
  return changed.length > 0;
}

export async function noticeSent(tx: Tx, id: string, now: Date): Promise<void> {
  await tx.orm
    .update(notice)
    .set({ state: 'sent', sentAt: now, leaseUntil: null, lastError: null })
    // Its bounce may have been faster than the relay's answer.
    .where(and(eq(notice.id, id), ne(notice.state, 'bounced')));
}

export async function noticeFailed(tx: Tx, id: string, error: string, dueAt: Date | null): Promise<void> {
  await tx.orm
    .update(notice)
    .set({
      state: dueAt === null ? 'failed' : 'queued',
      leaseUntil: null,
      lastError: error,
      ...(dueAt === null ? {} : { dueAt }),
    })
    .where(eq(notice.id, id));
}

export async function noticesOfLetter(orm: Orm, letter: string): Promise<Notice[]> {
  return orm
    .select()
    .from(notice)
    .where(eq(notice.letter, letter))
    .orderBy(asc(notice.createdAt), sql`${notice.template} <> 'received'`, asc(notice.event));
}

export async function addActivation(tx: Tx, row: typeof activation.$inferInsert): Promise<void> {
  await tx.orm.insert(activation).values(row).onConflictDoNothing();
}

export async function activationByHash(orm: Orm, tokenHash: Buffer): Promise<Activation | null> {
  return (await orm.select().from(activation).where(eq(activation.tokenHash, tokenHash)))[0] ?? null;
}

/** How many notices of these templates were written to an address since a moment. */
export async function writtenSince(
  orm: Orm,
  recipient: string,
  templates: readonly string[],
  since: Date,
): Promise<number> {
  const [row] = await orm
    .select({ n: sql<number>`count(*)::int` })
    .from(notice)
    .where(
      and(
        eq(notice.recipient, recipient),
        inArray(notice.template, [...templates]),
        gte(notice.createdAt, since),
      ),
    );
  return row?.n ?? 0;
}

/** Of these activations, those whose link has ended or was used. */
export async function endedActivations(orm: Orm, ids: readonly string[], now: Date): Promise<number> {
  if (ids.length === 0) return 0;
  const rows = await orm
    .select({ usedAt: activation.usedAt, expiresAt: activation.expiresAt })
    .from(activation)
    .where(inArray(activation.id, [...ids]));
  return rows.filter(({ usedAt, expiresAt }) => usedAt !== null || expiresAt <= now).length;
}

/** Uses an activation up; false when somebody was faster. */
export async function useActivation(tx: Tx, id: string, now: Date): Promise<boolean> {
  const rows = await tx.sql`update activation set used_at = ${now.toISOString()}::timestamptz
    where id = ${id} and used_at is null and expires_at > ${now.toISOString()}::timestamptz returning 1`;
  return rows.length === 1;
}
