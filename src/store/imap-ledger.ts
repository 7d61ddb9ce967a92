import { and, eq, ne } from 'drizzle-orm';
import type { Tx } from './database.ts';
import { imapMessage } from './schema.ts';

/** Where one message stands on its server (RFC 9051 §2.3.1.1): these three never name another message. */
export interface ImapPlace {
  /** user@host/folder */
  readonly mailbox: string;
  readonly uidValidity: number;
  readonly uid: number;
}

export type ImapMessage = typeof imapMessage.$inferSelect;
export type ImapFate = NonNullable<ImapMessage['fate']>;

const at = (place: ImapPlace) =>
  and(
    eq(imapMessage.mailbox, place.mailbox),
    eq(imapMessage.uidValidity, place.uidValidity),
    eq(imapMessage.uid, place.uid),
  );

export async function imapMessageAt(tx: Tx, place: ImapPlace): Promise<ImapMessage | null> {
  return (await tx.orm.select().from(imapMessage).where(at(place)))[0] ?? null;
}

/** Remembers what became of a message before it is moved, or when it is looked at again. */
export async function recordImapMessage(
  tx: Tx,
  place: ImapPlace,
  record: Pick<ImapMessage, 'fate' | 'attempts' | 'dueAt' | 'lastError'>,
): Promise<void> {
  await tx.orm
    .insert(imapMessage)
    .values({ ...place, ...record })
    .onConflictDoUpdate({
      target: [imapMessage.mailbox, imapMessage.uidValidity, imapMessage.uid],
      set: record,
    });
}

/** The message has left the folder. */
export async function forgetImapMessage(tx: Tx, place: ImapPlace): Promise<void> {
  await tx.orm.delete(imapMessage).where(at(place));
}

/** Forgets messages of another UIDVALIDITY, and those that others took out of the folder. */
export async function forgetGoneImapMessages(
  tx: Tx,
  { mailbox, uidValidity }: Omit<ImapPlace, 'uid'>,
  present: readonly number[],
): Promise<void> {
  await tx.orm
    .delete(imapMessage)
    .where(and(eq(imapMessage.mailbox, mailbox), ne(imapMessage.uidValidity, uidValidity)));
  // One array, not a parameter each: an old mailbox holds more messages than a statement takes parameters.
  await tx.sql`delete from imap_message
    where mailbox = ${mailbox} and uid <> all(${`{${present.join(',')}}`}::bigint[])`;
}
