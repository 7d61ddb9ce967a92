import type postgres from 'postgres';
import type { Clock } from '../clock.ts';
import { append } from './append.ts';
import { parseVerifierKey, signCheckpoint, verifierKey, type LogKey } from './checkpoint.ts';
import { heartbeat } from './events.ts';
import { count } from './tally.ts';
import { grow, openTiles, overlaid, storeTiles } from './tiles.ts';
import { rootFromTiles } from './tree.ts';

/**
 * Gives pending entries their numbers, folds them into tiles and signs a checkpoint. One row lock makes two racing
 * sequencers harmless: the second waits, then finds nothing left. All of a round is one transaction: killed anywhere,
 * nothing of it has happened.
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
  /** A function where the key's file may be exchanged by `log key rotate`. */
  readonly key: LogKey | (() => LogKey);
  readonly clock: Clock;
  readonly intervalMs?: number;
  readonly heartbeatMs?: number;
  readonly onError: (error: unknown) => void;
}

/** At most this many entries per transaction, so that a backlog after an outage does not become one huge lock. */
const BATCH = 8192;
/** Of the checkpoints one per heartbeat is kept for ever; one per round would be thirty million a year. */
const KEEP_EVERY_MS = 300_000;
/** The same trouble five times a second would bury the process log. */
const REPEAT_TROUBLE_MS = 60_000;

export function createSequencer(options: SequencerOptions): Sequencer {
  const { intervalMs = 200, heartbeatMs = KEEP_EVERY_MS } = options;
  const now = (): Date => options.clock.now();
  const currentKey = typeof options.key === 'function' ? options.key : () => options.key as LogKey;
  const round = (): Promise<number> => sequenceAll(options.sql, currentKey(), now());
  const complain = occasionally(options.onError, () => now().getTime());
  let running: Promise<void> | null = null;
  let stopped = false;
  let wake: () => void = () => undefined;

  async function loop(): Promise<void> {
    let lastBeat = 0;
    while (!stopped) {
      try {
        const at = now();
        if (at.getTime() - lastBeat >= heartbeatMs) {
          lastBeat = at.getTime();
          await append(options.sql, at, heartbeat());
          await prepareMonths(options.sql, at);
        }
        await round();
      } catch (error) {
        complain(error);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, intervalMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  return {
    runOnce: round,
    start() {
      running ??= loop();
    },
    async stop() {
      stopped = true;
      wake();
      await running;
      await round().catch(options.onError);
    },
  };
}

function occasionally(tell: (error: unknown) => void, time: () => number): (error: unknown) => void {
  let last = { text: '', at: 0 };
  return (error) => {
    const text = String(error);
    if (text === last.text && time() - last.at < REPEAT_TROUBLE_MS) return;
    last = { text, at: time() };
    tell(error);
  };
}

/**
 * This month and the next two have their partitions before anybody writes into them. One gateway at a time: of several
 * started at once on an empty log all but one would find the table there that they are about to make, and end.
 */
export async function prepareMonths(sql: postgres.ISql, now: Date): Promise<void> {
  for (const ahead of [0, 1, 2])
    await sql`with alone as materialized (select pg_advisory_xact_lock(hashtext('mail_log.ensure_month')))
      select mail_log.ensure_month(${now.toISOString()}::timestamptz + make_interval(months => ${ahead})) from alone`;
}

/** Sequences until nothing is pending; resolves to the tree size. */
export async function sequenceAll(sql: postgres.Sql, key: LogKey, now: Date): Promise<number> {
  for (;;) {
    const { size, more } = await sql.begin(async (tx) => {
      const head = await lockHead(tx, key);
      return sequenceBatch(tx, head, [{ ...key, origin: head.origin }], now);
    });
    if (!more) return size;
  }
}

export interface Head {
  readonly size: number;
  readonly origin: string;
  readonly note: string | null;
}

/**
 * Takes the log's one lock. The key has to be the one the log is signed with: a gateway that still holds the key from
 * before a rotation must not sign on, and one with a key of its own must not fork the log.
 */
export async function lockHead(tx: postgres.ISql, key: LogKey): Promise<Head> {
  const [head] = await tx<{ size: string; key: string | null; note: string | null }[]>`
    select size, key, note from mail_log.head for update`;
  const size = Number(head!.size);
  if (head!.key === null) {
    await tx`insert into mail_log.key (since, key) values (0, ${verifierKey(key)})`;
    await tx`update mail_log.head set key = ${verifierKey(key)}`;
    return { size, origin: key.origin, note: head!.note };
  }
  const known = parseVerifierKey(head!.key);
  if (known?.publicKey.equals(key.publicKey) !== true)
    throw new Error(`the mail log is signed with ${head!.key}; this process holds ${verifierKey(key)}`);
  return { size, origin: known.origin, note: head!.note };
}

/** One batch under the lock. `keep`: the checkpoint is kept for ever whatever its age (rotation, anchors). */
export async function sequenceBatch(
  tx: postgres.ISql,
  head: Head,
  keys: readonly LogKey[],
  now: Date,
  keep = false,
): Promise<{ size: number; more: boolean }> {
  // Whatever need not be waited for is sent at once: where many write, each answer waits its turn at the processor.
  const edge = openTiles(tx, head.size);
  const batch = await tx<{ place: string; at: string; id: string; leaf: Buffer }[]>`
    delete from mail_log.pending
    where place = any (array(select place from mail_log.pending order by place limit ${BATCH}))
    returning place, at::text, id, leaf`;
  if (batch.length === 0 && !keep) return { size: head.size, more: false };
  const rows = [...batch].sort((a, b) => Number(a.place) - Number(b.place));
  const size = head.size + rows.length;
  const ats = rows.map(({ at }) => at);
  const ids = rows.map(({ id }) => id);
  const leaves = rows.map(({ leaf }) => leaf);
  const changed = await grow(head.size, leaves, edge);
  const root = await rootFromTiles(size, overlaid(changed, edge));
  const note = signCheckpoint(keys, size, root);
  await Promise.all([
    tx`insert into mail_log.sequenced (number, at, id)
      select * from unnest(${rows.map((_, i) => head.size + i)}::bigint[], ${ats}::timestamptz[], ${ids}::uuid[])`,
    count(tx, ats, ids),
    storeTiles(tx, changed),
    tx`update mail_log.head set size = ${size}, note = ${note}`,
    tx`insert into mail_log.checkpoint (size, at, note) select ${size}, ${now.toISOString()}::timestamptz, ${note}
      where ${keep} or not exists (select 1 from mail_log.checkpoint
        where at > ${new Date(now.getTime() - KEEP_EVERY_MS).toISOString()}::timestamptz)
      on conflict (size) do nothing`,
  ]);
  return { size, more: batch.length === BATCH };
}

/** The newest checkpoint; null before the first entry was sequenced. */
export async function latestCheckpoint(sql: postgres.ISql): Promise<string | null> {
  const [row] = await sql<{ note: string | null }[]>`select note from mail_log.head`;
  return row?.note ?? null;
}

/** Size of a note whose signature was checked or that is our own. */
export function sizeOf(note: string): number {
  return Number(note.split('\n')[1]);
}
