import type postgres from 'postgres';
import { openCheckpoint, type LogKey } from './checkpoint.ts';
import { leafHash, rootFromTiles, rootOf, TILE } from './tree.ts';

export interface Verification {
  readonly size: number;
  /** Entries committed but not yet numbered. */
  readonly pending: number;
  readonly checkpoints: number;
  readonly faults: readonly string[];
}

/** How many faults are listed before the rest is only counted: one broken tile can taint every checkpoint. */
const LISTED = 50;
const PAGE = 4096;

/**
 * Re-checks the whole log from its entries: entry → leaf → every checkpoint's root and signature, numbering without
 * holes, no entry outside the numbering. `from` is a checkpoint the auditor kept: the log must still contain it.
 */
export async function verifyLog(
  sql: postgres.Sql,
  key: Pick<LogKey, 'origin' | 'publicKey'>,
  options: { from?: string; progress?: (done: number, all: number) => void } = {},
): Promise<Verification> {
  return sql.begin('isolation level repeatable read read only', async (tx) => {
    const faults: string[] = [];
    const fault = (text: string): void => {
      if (faults.length < LISTED) faults.push(text);
    };
    const [counts] = await tx<{ size: string; pending: string; events: string; numbered: string }[]>`
      select (select size from mail_log.head) as size, (select count(*) from mail_log.pending) as pending,
        (select count(*) from mail_log.mail_event) as events, (select count(*) from mail_log.sequenced) as numbered`;
    const size = Number(counts!.size);
    const pending = Number(counts!.pending);
    if (Number(counts!.numbered) !== size) fault(`${counts!.numbered} numbers for a log of ${size} entries`);
    if (Number(counts!.events) !== size + pending) {
      fault(`${counts!.events} entries stand in the table, ${size + pending} are known to the log`);
    }
    const notes = await tx<
      { size: string; note: string }[]
    >`select size, note from mail_log.checkpoint order by size`;
    const wanted = new Map<number, Buffer>();
    for (const row of notes) {
      const opened = openCheckpoint(row.note, key);
      if (opened === null || opened.size !== Number(row.size))
        fault(`checkpoint ${row.size}: the signature does not hold`);
      else wanted.set(opened.size, opened.root);
    }
    if (size > 0 && !wanted.has(size)) fault(`no valid checkpoint for the present size ${size}`);
    if (options.from !== undefined) {
      const kept = openCheckpoint(options.from, key);
      if (kept === null) fault('the given checkpoint is not signed by this log');
      else if (kept.size > size)
        fault(`the given checkpoint knows ${kept.size} entries, the log has only ${size}`);
      else {
        const ours = wanted.get(kept.size);
        if (ours !== undefined && !ours.equals(kept.root))
          fault(`history before entry ${kept.size} was rewritten`);
        wanted.set(kept.size, kept.root);
      }
    }
    await replayTree(tx, size, wanted, fault, options.progress);
    return { size, pending, checkpoints: notes.length, faults };
  });
}

async function replayTree(
  tx: postgres.ISql,
  size: number,
  wanted: ReadonlyMap<number, Buffer>,
  fault: (text: string) => void,
  progress?: (done: number, all: number) => void,
): Promise<void> {
  const levels: Buffer[][] = [[]];
  const tileAt = (level: number): Promise<Buffer[]> => Promise.resolve(levels[level] ?? []);
  let number = 0;
  while (number < size) {
    const rows = await tx<
      { number: string; entry: string | null; salt: Buffer | null; leaf: Buffer | null }[]
    >`
      select s.number, e.entry, e.salt, e.leaf from mail_log.sequenced s
      left join mail_log.mail_event e on e.at = s.at and e.id = s.id
      where s.number >= ${number} and s.number < ${number + PAGE} order by s.number`;
    if (rows.length === 0) {
      fault(`entry ${number} is missing`);
      return;
    }
    for (const row of rows) {
      if (Number(row.number) !== number) {
        fault(`entry ${number} is missing`);
        return;
      }
      if (row.entry === null || row.salt === null || row.leaf === null) {
        fault(`entry ${number} was removed`);
        return;
      }
      const leaf = leafHash(row.salt, row.entry);
      if (!leaf.equals(row.leaf)) fault(`entry ${number} was changed`);
      number++;
      push(levels, 0, leaf);
      const root = wanted.get(number);
      if (root !== undefined && !(await rootFromTiles(number, tileAt)).equals(root)) {
        fault(`the entries up to ${number} do not give the root of their checkpoint`);
      }
    }
    progress?.(number, size);
  }
}

/** Keeps only the open (rightmost) tile of each level: a log of any length is checked in little memory. */
function push(levels: Buffer[][], level: number, hash: Buffer): void {
  const open = (levels[level] ??= []);
  if (open.length === TILE) open.length = 0;
  open.push(hash);
  if (open.length === TILE) {
    push(levels, level + 1, rootOf(open));
    open.length = 0;
  }
}
