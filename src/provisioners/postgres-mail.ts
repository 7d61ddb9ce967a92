import type postgres from 'postgres';
import { firstTime, notCarriedOut } from './carried-out.ts';
import type { Order, Outcome, Provisioner, TargetMailbox } from './port.ts';
import type { SqlTx } from './sql-tx.ts';

/** No password is "*": no scheme reads it, so nobody logs in before the owner has set one. */
const NO_PASSWORD = '*';

/**
 * Mailboxes in the tables of PostfixAdmin's shape that Postfix and Dovecot read by SQL (schema `mail`). They live in
 * our own PostgreSQL, so a row is carried out in the same transaction in which it is recorded: never one without
 * the other.
 */
export const postgresMail = {
  name: 'postgres-mail',
  setsPasswords: true,

  async carryOut(order: Order, tx: SqlTx): Promise<Outcome> {
    if (!(await firstTime(order, tx))) return { done: true, changed: false };
    const refused = await change(order, order.at.toISOString(), tx.sql);
    if (refused === null) return { done: true, changed: true };
    await notCarriedOut(order, tx);
    return { done: false, refused };
  },

  inspect: async (address: string, { sql }: SqlTx): Promise<TargetMailbox | null> => {
    const [found] = await sql<
      {
        name: string;
        password: string;
        active: boolean;
        locked: boolean;
        quota: string;
        last: string | null;
      }[]
    >`select m.name, m.password, m.active, m.locked_reason is not null as locked, m.quota, l.last_login as last
      from mail.mailbox m left join mail.last_login l using (username) where m.username = ${address}`;
    if (found === undefined) return null;
    return {
      address,
      fullName: found.name,
      canLogIn: found.active && !found.locked && found.password !== NO_PASSWORD,
      receives: found.active,
      hasPassword: found.password !== NO_PASSWORD,
      quota: Number(found.quota) === 0 ? null : Number(found.quota),
      lastLogin: found.last === null ? null : new Date(Number(found.last) * 1000),
    };
  },
} satisfies Provisioner<SqlTx>;

/** null when it was done, else why it cannot be. */
async function change(order: Order, at: string, sql: postgres.TransactionSql): Promise<string | null> {
  const { address } = order;
  const changed = (rows: readonly unknown[]): string | null =>
    rows.length > 0 ? null : `there is no mailbox ${address}`;
  switch (order.action) {
    case 'create':
      return create(order, at, sql);
    case 'describe':
      return changed(
        await sql`update mail.mailbox set name = ${order.fullName}, modified = ${at}::timestamptz
        where username = ${address} returning 1`,
      );
    case 'lock':
      return changed(
        await sql`update mail.mailbox set locked_reason = ${order.reason}, modified = ${at}::timestamptz
        where username = ${address} returning 1`,
      );
    case 'unlock':
      return changed(
        await sql`update mail.mailbox set locked_reason = null, modified = ${at}::timestamptz
        where username = ${address} and active returning 1`,
      );
    case 'cancel':
      await sql`update mail.alias set active = false, modified = ${at}::timestamptz where goto = ${address}`;
      return changed(
        await sql`update mail.mailbox set active = false, password = ${NO_PASSWORD}, modified = ${at}::timestamptz
        where username = ${address} returning 1`,
      );
    case 'reset-password':
      return changed(
        await sql`update mail.mailbox set password = ${NO_PASSWORD}, modified = ${at}::timestamptz
        where username = ${address} and active returning 1`,
      );
    case 'set-password':
      return changed(
        await sql`update mail.mailbox set password = ${order.hash}, modified = ${at}::timestamptz
        where username = ${address} and active returning 1`,
      );
    case 'rename':
      return rename(order, at, sql);
  }
}

async function create(
  order: Extract<Order, { action: 'create' }>,
  at: string,
  sql: postgres.TransactionSql,
): Promise<string | null> {
  const [localPart, domain] = order.address.split('@') as [string, string];
  await sql`insert into mail.domain (domain, created, modified) values (${domain}, ${at}::timestamptz, ${at}::timestamptz)
    on conflict do nothing`;
  const made = await sql`insert into mail.mailbox
    (username, password, name, maildir, quota, local_part, domain, active, created, modified)
    values (${order.address}, ${NO_PASSWORD}, ${order.fullName}, ${`${domain}/${localPart}/`}, ${order.quota ?? 0},
      ${localPart}, ${domain}, true, ${at}::timestamptz, ${at}::timestamptz)
    on conflict do nothing returning 1`;
  if (made.length === 0) return `the mailbox ${order.address} exists already`;
  await sql`insert into mail.alias (address, goto, domain, created, modified)
    values (${order.address}, ${order.address}, ${domain}, ${at}::timestamptz, ${at}::timestamptz) on conflict do nothing`;
  return null;
}

/** The mail stays where it is (maildir); the old address goes on receiving as an alias of the new one. */
async function rename(
  order: Extract<Order, { action: 'rename' }>,
  at: string,
  sql: postgres.TransactionSql,
): Promise<string | null> {
  const [localPart, domain] = order.newAddress.split('@') as [string, string];
  const taken = await sql`select 1 from mail.mailbox where username = ${order.newAddress}`;
  if (taken.length > 0) return `the mailbox ${order.newAddress} exists already`;
  await sql`insert into mail.domain (domain, created, modified) values (${domain}, ${at}::timestamptz, ${at}::timestamptz)
    on conflict do nothing`;
  const moved = await sql`update mail.mailbox set username = ${order.newAddress}, local_part = ${localPart},
    domain = ${domain}, name = ${order.fullName}, modified = ${at}::timestamptz where username = ${order.address} returning 1`;
  if (moved.length === 0) return `there is no mailbox ${order.address}`;
  await sql`update mail.alias set goto = ${order.newAddress}, modified = ${at}::timestamptz where goto = ${order.address}`;
  await sql`insert into mail.alias (address, goto, domain, created, modified)
    values (${order.newAddress}, ${order.newAddress}, ${domain}, ${at}::timestamptz, ${at}::timestamptz) on conflict do nothing`;
  return null;
}

/** The hash an owner logs in by; null for nobody's, a locked and a cancelled mailbox. */
export async function mailPasswordOf(address: string, { sql }: SqlTx): Promise<string | null> {
  const [found] = await sql<{ password: string }[]>`select password from mail.mailbox
    where username = ${address} and active and locked_reason is null and password <> ${NO_PASSWORD}`;
  return found?.password ?? null;
}
