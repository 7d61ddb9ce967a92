import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  customType,
  index,
  integer,
  pgEnum,
  pgTable,
  text,
  timestamp,
} from 'drizzle-orm/pg-core';
import { ROLES } from '../rules/accounts.ts';

/** Accounts of the console and what belongs to logging in. */
const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });
const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'date' });

export const accountRole = pgEnum('account_role', ROLES);

export const account = pgTable(
  'account',
  {
    /** The login name; stands as `actor` in the mail log. */
    name: text('name').primaryKey(),
    fullName: text('full_name').notNull(),
    role: accountRole('role').notNull(),
    /** "{ARGON2ID}…"; null for an account that enters by OIDC only. */
    passwordHash: text('password_hash'),
    passwordChangedAt: moment('password_changed_at').notNull(),
    /** Set while the password was chosen by somebody else. */
    mustChange: boolean('must_change').notNull(),
    /** Base32, sealed with the installation's secret: a dump of the database alone makes no codes. */
    totpSecret: text('totp_secret'),
    /** The last time step that was used: a code read over the shoulder works no second time (RFC 6238 §5.2). */
    totpStep: bigint('totp_step', { mode: 'number' }).notNull().default(0),
    /** SHA-256 of the recovery codes left, hex. */
    recoveryHashes: text('recovery_hashes').array().notNull().default([]),
    oidcSubject: text('oidc_subject').unique(),
    disabledAt: moment('disabled_at'),
    createdAt: moment('created_at').notNull(),
  },
  (t) => [check('account_name_lower', sql`${t.name} = lower(${t.name})`)],
);

export const consoleSession = pgTable(
  'console_session',
  {
    /** SHA-256 of the cookie's token. */
    tokenHash: bytea('token_hash').primaryKey(),
    account: text('account')
      .notNull()
      .references(() => account.name),
    createdAt: moment('created_at').notNull(),
    seenAt: moment('seen_at').notNull(),
    /** Whatever happens, it ends here. */
    expiresAt: moment('expires_at').notNull(),
    /** When the second factor was given; null = only the password so far. */
    provenAt: moment('proven_at'),
    client: text('client').notNull(),
  },
  (t) => [index('console_session_account').on(t.account)],
);

/** Guesses counted before they are checked, so that many at once gain nothing. */
export const loginGuess = pgTable('login_guess', {
  /** "account:NAME" or "address:IP" */
  key: text('key').primaryKey(),
  since: moment('since').notNull(),
  count: integer('count').notNull(),
});
