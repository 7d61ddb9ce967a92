import type postgres from 'postgres';

/** Something that speaks raw SQL inside the caller's transaction. */
export interface SqlTx {
  readonly sql: postgres.TransactionSql;
}
