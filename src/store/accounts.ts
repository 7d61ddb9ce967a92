import { and, eq, gt, ne } from 'drizzle-orm';
import type { Orm, Tx } from './database.ts';
import { account, consoleSession } from './account-schema.ts';

export type Account = typeof account.$inferSelect;
export type NewAccount = typeof account.$inferInsert;
export type Session = typeof consoleSession.$inferSelect;

export async function accountByName(orm: Orm, name: string): Promise<Account | null> {
  return (await orm.select().from(account).where(eq(account.name, name)))[0] ?? null;
}

export async function accountBySubject(orm: Orm, subject: string): Promise<Account | null> {
  return (await orm.select().from(account).where(eq(account.oidcSubject, subject)))[0] ?? null;
}

export async function allAccounts(orm: Orm): Promise<Account[]> {
  return orm.select().from(account).orderBy(account.name);
}

/** False when the name is taken. */
export async function addAccount(orm: Orm, row: NewAccount): Promise<boolean> {
  return (await orm.insert(account).values(row).onConflictDoNothing().returning()).length > 0;
}

export async function changeAccount(orm: Orm, name: string, change: Partial<NewAccount>): Promise<void> {
  await orm.update(account).set(change).where(eq(account.name, name));
}

/** Password hashes of the other administrators (QB-8.4: no two alike). */
export async function otherAdminHashes(orm: Orm, name: string): Promise<string[]> {
  const rows = await orm
    .select({ hash: account.passwordHash })
    .from(account)
    .where(and(eq(account.role, 'admin'), ne(account.name, name)));
  return rows.flatMap(({ hash }) => (hash === null ? [] : [hash]));
}

/** Uses a time step up; false when this step or a later one was used before, by whichever request was faster. */
export async function useTotpStep(tx: Tx, name: string, step: number): Promise<boolean> {
  const rows = await tx.sql`update account set totp_step = ${step}
    where name = ${name} and totp_step < ${step} returning 1`;
  return rows.length === 1;
}

/** Uses a recovery code up; false when it is none that is left. */
export async function useRecoveryCode(tx: Tx, name: string, hash: string): Promise<boolean> {
  const rows = await tx.sql`update account set recovery_hashes = array_remove(recovery_hashes, ${hash})
    where name = ${name} and ${hash} = any(recovery_hashes) returning 1`;
  return rows.length === 1;
}

export async function addSession(orm: Orm, row: typeof consoleSession.$inferInsert): Promise<void> {
  await orm.insert(consoleSession).values(row);
}

/** The session of a token that is neither expired nor idle, with its account; it counts as seen now. */
export async function liveSession(
  tx: Tx,
  tokenHash: Buffer,
  now: Date,
  idleMs: number,
): Promise<{ session: Session; account: Account } | null> {
  const [row] = await tx.orm
    .select()
    .from(consoleSession)
    .innerJoin(account, eq(account.name, consoleSession.account))
    .where(
      and(
        eq(consoleSession.tokenHash, tokenHash),
        gt(consoleSession.expiresAt, now),
        gt(consoleSession.seenAt, new Date(now.getTime() - idleMs)),
      ),
    );
  if (row === undefined || row.account.disabledAt !== null) return null;
  await tx.orm.update(consoleSession).set({ seenAt: now }).where(eq(consoleSession.tokenHash, tokenHash));
  return { session: row.console_session, account: row.account };
}

export async function proveSession(orm: Orm, tokenHash: Buffer, now: Date): Promise<void> {
  await orm.update(consoleSession).set({ provenAt: now }).where(eq(consoleSession.tokenHash, tokenHash));
}

export async function endSession(orm: Orm, tokenHash: Buffer): Promise<void> {
  await orm.delete(consoleSession).where(eq(consoleSession.tokenHash, tokenHash));
}

/** A changed password or role ends every session of the account. */
export async function endSessionsOf(orm: Orm, name: string): Promise<void> {
  await orm.delete(consoleSession).where(eq(consoleSession.account, name));
}

/** Counts one guess under a key and tells how many there were in its window, this one included. */
export async function countGuess(tx: Tx, key: string, now: Date, windowMinutes: number): Promise<number> {
  const at = now.toISOString();
  const old = new Date(now.getTime() - windowMinutes * 60_000).toISOString();
  const [row] = await tx.sql<{ count: number }[]>`
    insert into login_guess as g (key, since, count) values (${key}, ${at}::timestamptz, 1)
    on conflict (key) do update set
      count = case when g.since < ${old}::timestamptz then 1 else g.count + 1 end,
      since = case when g.since < ${old}::timestamptz then excluded.since else g.since end
    returning count`;
  return row!.count;
}

export async function forgetGuesses(tx: Tx, key: string): Promise<void> {
  await tx.sql`delete from login_guess where key = ${key}`;
}
