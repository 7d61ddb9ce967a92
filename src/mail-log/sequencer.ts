import type postgres from 'postgres';
import type { Clock } from '../clock.ts';
import { append } from './append.ts';
import { heartbeat } from './events.ts';
import { signCheckpoint, type LogKey } from './checkpoint.ts';
import { HASH, rootFromTiles, rootOf, TILE } from './tree.ts';

/**
 * Gives pending entries their numbers, folds them into tiles and signs a checkpoint. One row lock makes two racing
 * sequencers harmless: the second waits, then finds nothing left. A crash in the middle rolls everything back.
 */
export interface Sequencer {
  /** Sequences what is pending now; resolves to the tree size. */
  runOnce(): Promise<number>;
  start(): void;
  stop(): Promise<void>;
}

export interface SequencerOptions {
  /** The raw client (dates and bytea as postgres.js reads them). */
  readonly sql: postgres.Sql;
  readonly key: LogKey;
  readonly clock: Clock;
  readonly intervalMs?: number;
  readonly heartbeatMs?: number;
  readonly onError: (error: unknown) => void;
}

/** At most this many entries per transaction, so that a backlog after an outage does not become one huge lock. */
const BATCH = 8192;

export function createSequencer(options: SequencerOptions): Sequencer {
  const { intervalMs = 200, heartbeatMs = 300_000 } = options;
  let running: Promise<void> | null = null;
  let stopped = false;
  let wake: () => void = () => undefined;

  async function loop(): Promise<void> {
    let lastBeat = 0;
    while (!stopped) {
      try {
        const now = options.clock.now();
        if (now.getTime() - lastBeat >= heartbeatMs) {
          await prepareMonths(options.sql, now);
          await append(options.sql, now, heartbeat());
          lastBeat = now.getTime();
        }
        await sequence(options);
      } catch (error) {
        options.onError(error);
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, intervalMs);
      });
    }
  }

  return {
    runOnce: () => sequence(options),
    start() {
      running ??= loop();
    },
    async stop() {
      stopped = true;
      wake();
      await running;
      await sequence(options).catch(options.onError);
    },
  };
}

/** This month and the next have their partitions before anybody writes into them. */
export async function prepareMonths(sql: postgres.ISql, now: Date): Promise<void> {
  await sql`select mail_log.ensure_month(${now.toISOString()}::timestamptz)`;
  await sql`select mail_log.ensure_month(${now.toISOString()}::timestamptz + interval '1 month')`;
}

async function sequence({ sql, key, clock }: SequencerOptions): Promise<number> {
  for (;;) {
    const { size, more } = await sql.begin(async (tx) => {
      const [head] = await tx<{ size: string }[]>`select size from mail_log.head for update`;
      const before = Number(head!.size);
      const batch = await tx<{ place: string; at: string; id: string; leaf: Buffer }[]>`
        select place, at::text, id, leaf from mail_log.pending order by place limit ${BATCH}`;
      if (batch.length === 0) return { size: before, more: false };
      await tx`
        insert into mail_log.sequenced (number, at, id)
        select * from unnest(${batch.map((_, i) => before + i)}::bigint[], ${batch.map((row) => row.at)}::timestamptz[],
          ${batch.map((row) => row.id)}::uuid[])`;
      await fold(
        tx,
        0,
        before,
        batch.map((row) => row.leaf),
      );
      const after = before + batch.length;
      const root = await rootFromTiles(after, (level, number) => readTile(tx, level, number));
      await tx`insert into mail_log.checkpoint (size, at, note)
        values (${after}, ${clock.now().toISOString()}::timestamptz, ${signCheckpoint(key, after, root)})`;
      await tx`delete from mail_log.pending where place = any(${batch.map((row) => row.place)}::bigint[])`;
      await tx`update mail_log.head set size = ${after}`;
      return { size: after, more: batch.length === BATCH };
    });
    if (!more) return size;
  }
}

/** Appends hashes at position `count` of a level; every tile that becomes full gives one hash to the level above. */
async function fold(
  tx: postgres.ISql,
  level: number,
  count: number,
  hashes: readonly Buffer[],
): Promise<void> {
  const up: Buffer[] = [];
  let left = [...hashes];
  for (let at = count; left.length > 0;) {
    const number = Math.floor(at / TILE);
    const taken = left.slice(0, TILE - (at % TILE));
    left = left.slice(taken.length);
    const before = at % TILE === 0 ? [] : await readTile(tx, level, number);
    const whole = [...before.slice(0, at % TILE), ...taken];
    await tx`insert into mail_log.tile (level, number, hashes) values (${level}, ${number}, ${Buffer.concat(whole)})
      on conflict (level, number) do update set hashes = excluded.hashes`;
    if (whole.length === TILE) up.push(rootOf(whole));
    at += taken.length;
  }
  if (up.length > 0) await fold(tx, level + 1, Math.floor(count / TILE), up);
}

export async function readTile(sql: postgres.ISql, level: number, number: number): Promise<Buffer[]> {
  const [row] = await sql<{ hashes: Buffer }[]>`
    select hashes from mail_log.tile where level = ${level} and number = ${number}`;
  if (row === undefined) return [];
  return Array.from({ length: row.hashes.length / HASH }, (_, i) =>
    row.hashes.subarray(i * HASH, (i + 1) * HASH),
  );
}
