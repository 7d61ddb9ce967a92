import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PgTransaction } from 'drizzle-orm/pg-core';
import type { PostgresJsDatabase, PostgresJsQueryResultHKT } from 'drizzle-orm/postgres-js';
import type { ExtractTablesWithRelations } from 'drizzle-orm';
import type postgres from 'postgres';
import { drizzle, migrateByDrizzle, postgresClient } from './driver.ts';
import { startEmbeddedPostgres } from './embedded-postgres.ts';

type Schema = Record<string, never>;
export type Orm = PgTransaction<PostgresJsQueryResultHKT, Schema, ExtractTablesWithRelations<Schema>>;

/**
 * One transaction, spoken two ways on one connection: `orm` for the tables of schema.ts, `sql` for what drizzle has
 * no words for (SKIP LOCKED claims, the mail log). drizzle switches off this client's JSON and date conversion:
 * in `sql` pass ISO strings with ::timestamptz and JSON text with ::jsonb.
 */
export interface Tx {
  readonly orm: Orm;
  readonly sql: postgres.TransactionSql;
}

export interface Database {
  /** Runs `fn` in one transaction; a throw rolls back. */
  transaction<T>(fn: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * Runs `fn` on a database in which everything works and nothing lasts: its transactions are savepoints of one
   * transaction that is rolled back in the end (`replay`).
   */
  rehearse<T>(fn: (rehearsal: Database) => Promise<T>): Promise<T>;
}

export interface OpenDatabase extends Database {
  /** A second, untouched client for LISTEN, the sequencer and long reads. */
  readonly sql: postgres.Sql;
  readonly url: string;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** DATABASE_URL; absent = the embedded PostgreSQL below `dataDir`. */
  readonly url: string | undefined;
  readonly dataDir: string;
  readonly connections?: number;
  readonly progress?: (what: string) => void;
}

export async function openDatabase(options: DatabaseOptions): Promise<OpenDatabase> {
  if (options.url !== undefined)
    return connect(options.url, options.connections ?? 20, () => Promise.resolve());
  const embedded = await startEmbeddedPostgres(
    options.dataDir,
    options.progress === undefined ? {} : { progress: options.progress },
  );
  return connect(embedded.url, options.connections ?? 20, () => embedded.close());
}

/** At most 2 s: the driver's own 20 s would keep letters out that long after the database is back. */
const secondsToReconnect = (retries: number): number =>
  Math.min(0.05 * 2 ** retries, 2) * (0.5 + Math.random() / 2);

function connect(url: string, connections: number, afterwards: () => Promise<void>): OpenDatabase {
  const common = {
    onnotice: () => undefined,
    connect_timeout: 10,
    backoff: secondsToReconnect,
    connection: { application_name: 'congthu', statement_timeout: 60_000 },
  };
  const business = postgresClient(url, { ...common, max: connections });
  const raw = postgresClient(url, { ...common, max: 6 });
  const orm = drizzle(business);
  return {
    url,
    sql: raw,
    transaction: (fn) => orm.transaction((tx) => fn(asTx(tx))),
    rehearse: (fn) => rehearse(orm, fn),
    async close() {
      await Promise.all([business.end({ timeout: 5 }), raw.end({ timeout: 5 })]);
      await afterwards();
    },
  };
}

/** drizzle keeps the connection of its transaction in the session; this is the one place that reaches for it. */
function asTx(orm: Orm): Tx {
  const { session } = orm as unknown as { session: { client: postgres.TransactionSql } };
  return { orm, sql: session.client };
}

async function rehearse<T>(orm: PostgresJsDatabase<Schema>, fn: (db: Database) => Promise<T>): Promise<T> {
  const curtain = new Error('the rehearsal is over');
  let result: { value: T } | null = null;
  try {
    await orm.transaction(async (outer) => {
      const stage: Database = {
        transaction: (inner) => outer.transaction((tx) => inner(asTx(tx))),
        rehearse: (inner) => inner(stage),
      };
      result = { value: await fn(stage) };
      throw curtain;
    });
  } catch (error) {
    if (error !== curtain) throw error;
  }
  return (result as unknown as { value: T }).value;
}

const MIGRATIONS = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../drizzle');
/** "congthu" as a number: the advisory lock that lets one process at a time migrate. */
const MIGRATION_LOCK = 7_164_710_411;

export interface MigrationState {
  readonly applied: number;
  /** Names of those still to be applied, oldest first. */
  readonly missing: readonly string[];
  /** True when the database was migrated by a newer program. */
  readonly newer: boolean;
}

/** How far the schema is, without changing it. */
export async function pendingMigrations(sql: postgres.ISql): Promise<MigrationState> {
  const journal = JSON.parse(fs.readFileSync(path.join(MIGRATIONS, 'meta/_journal.json'), 'utf8')) as {
    entries: readonly { readonly tag: string; readonly when: number }[];
  };
  const [there] = await sql<{ known: boolean }[]>`
    select to_regclass('migrations.__drizzle_migrations') is not null as known`;
  const rows =
    there?.known === true
      ? await sql<{ at: string }[]>`select created_at as at from migrations.__drizzle_migrations`
      : [];
  // As drizzle decides: whatever is later than the latest one applied is still to come.
  const latest = Math.max(0, ...rows.map(({ at }) => Number(at)));
  const missing = journal.entries.filter(({ when }) => when > latest).map(({ tag }) => tag);
  const newest = Math.max(0, ...journal.entries.map(({ when }) => when));
  return { applied: rows.length, missing, newer: latest > newest };
}

/** Brings the schema up to date. Safe when several start at once: drizzle takes no lock itself, so we do. */
export async function migrate(url: string): Promise<void> {
  const client = postgresClient(url, { max: 1, onnotice: () => undefined });
  try {
    await client`select pg_advisory_lock(${MIGRATION_LOCK})`;
    await migrateByDrizzle(drizzle(client), { migrationsFolder: MIGRATIONS, migrationsSchema: 'migrations' });
  } finally {
    await client.end({ timeout: 5 });
  }
}
