import type postgres from 'postgres';

/** How far the log has come; cheap enough to be asked often. */
export interface LogState {
  readonly size: number;
  /** Entries committed but not yet numbered. */
  readonly pending: number;
  readonly oldestPending: Date | null;
  /** Of the checkpoints that are kept for ever, one every five minutes. */
  readonly checkpointAt: Date | null;
}

export async function logState(sql: postgres.ISql): Promise<LogState> {
  const [row] = await sql<
    { size: string; pending: string; oldest: Date | string | null; checkpoint: Date | string | null }[]
  >`select (select size from mail_log.head) as size, (select count(*) from mail_log.pending) as pending,
      (select min(at) from mail_log.pending) as oldest,
      (select at from mail_log.checkpoint order by size desc limit 1) as checkpoint`;
  const { size, pending, oldest, checkpoint } = row!;
  return {
    size: Number(size),
    pending: Number(pending),
    oldestPending: oldest === null ? null : new Date(oldest),
    checkpointAt: checkpoint === null ? null : new Date(checkpoint),
  };
}
