import type postgres from 'postgres';

/** The channel on which gateways tell each other that there is work. */
export const WORK_CHANNEL = 'congthu_work';

const PAUSE_MS = 50;

/**
 * Wakes every gateway's runners, at most twenty times a second however many letters come. It is said after the commit and
 * not in it: PostgreSQL lets transactions with a NOTIFY commit only one after the other, each with an fsync of its own
 * (src/backend/commands/async.c, PreCommit_Notify). A word that is lost costs a runner's poll, no letter.
 */
export function createWake(sql: postgres.Sql): () => void {
  let last = -Infinity;
  let planned: NodeJS.Timeout | null = null;
  const say = (): void => {
    planned = null;
    last = performance.now();
    sql`select pg_notify(${WORK_CHANNEL}, 'letter')`.catch(() => undefined);
  };
  return () => {
    if (planned !== null) return;
    const wait = last + PAUSE_MS - performance.now();
    if (wait <= 0) say();
    else planned = setTimeout(say, wait).unref();
  };
}
