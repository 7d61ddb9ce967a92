import type postgres from 'postgres';
import { openCheckpoint, type PublicKey } from './checkpoint.ts';
import { firstYoungNumber } from './forget.ts';
import { forgottenNumbers, readForgettings } from './forgotten.ts';
import { createGapFinder, type Gaps } from './gaps.ts';
import { keyFor, readKeys, type KeyInForce } from './keys.ts';
import { replay, type Wanted } from './replay.ts';

export interface Verification {
  readonly size: number;
  /** Entries committed but not yet numbered. */
  readonly pending: number;
  /** Entries of forgotten months. */
  readonly forgotten: number;
  readonly checkpoints: number;
  /** Newest entry's time, ISO; entries older than a heartbeat at the end of a running log mean a cut tail. */
  readonly newest: string | null;
  readonly faults: readonly string[];
  /** Times in which nothing was written (gaps.ts); no faults. */
  readonly silent: Gaps;
}

export interface VerifyOptions {
  /** A checkpoint the auditor kept: the log must still begin with it. */
  readonly from?: string;
  /** Asked of a running log: silence up to now counts too. */
  readonly now?: Date;
  readonly progress?: (done: number, all: number) => void;
}

/** How many faults are listed before the rest is only counted: one broken tile can taint every checkpoint. */
const LISTED = 50;

/**
 * Re-checks the whole log from its entries: entry → leaf → tiles → every checkpoint's root and signature, numbering
 * without holes, no entry outside the numbering, keys handed over by the log itself. `key` is one the auditor trusts.
 */
export async function verifyLog(
  sql: postgres.Sql,
  key: PublicKey,
  options: VerifyOptions = {},
): Promise<Verification> {
  return sql.begin('isolation level repeatable read read only', (tx) => verifyIn(tx, key, options));
}

/** The same inside a transaction of the caller's (repeatable read, or nothing moves meanwhile). */
export async function verifyIn(
  tx: postgres.ISql,
  key: PublicKey,
  options: VerifyOptions = {},
): Promise<Verification> {
  const faults: string[] = [];
  let unlisted = 0;
  const fault = (text: string): void => {
    if (faults.length < LISTED) faults.push(text);
    else unlisted++;
  };
  const counts = await countsOf(tx);
  const { size, pending } = counts;
  const history = await readKeys(tx);
  history.faults.forEach(fault);
  if (size > 0 && !history.keys.some((known) => known.key.publicKey.equals(key.publicKey)))
    fault('the log is not signed by the trusted key or one it handed over to');
  const wanted = await checkpointsOf(tx, history.keys, fault);
  const checkpoints = wanted.size;
  if (size > 0 && !wanted.has(size)) fault(`no valid checkpoint for the present size ${size}`);
  const kept = options.from === undefined ? null : addKept(wanted, options.from, history.keys, size, fault);
  // Of the log's own checkpoints those between forgotten entries are given up: later ones bind the same.
  const unprovable = (at: number): void => {
    if (at === kept)
      fault(`the given checkpoint ends among forgotten entries and cannot be checked any more`);
  };
  const forgettings = await readForgettings(tx);
  for (const forgetting of forgettings) {
    want(wanted, forgetting.size, forgetting.root, fault);
    const last = Math.max(...forgetting.ranges.map((range) => range.last));
    if (last > (await firstYoungNumber(tx, forgetting.at)))
      fault(`a log.prune entry of ${forgetting.at.toISOString()} names numbers younger than twelve months`);
  }
  const silence = createGapFinder();
  const found = await replay(
    tx,
    size,
    forgottenNumbers(forgettings),
    wanted,
    fault,
    unprovable,
    silence.see,
    options.progress,
  );
  checkCounts({ ...counts, forgotten: found.forgotten }, fault);
  if (unlisted > 0) faults.push(`and ${unlisted} more`);
  const [newest] = await tx<{ at: Date | null }[]>`select max(at) as at from mail_log.mail_event`;
  const at = newest?.at ?? null;
  return {
    size,
    pending,
    forgotten: found.forgotten,
    checkpoints,
    newest: at === null ? null : new Date(at).toISOString(),
    faults,
    silent: silence.found(options.now),
  };
}

interface Counts {
  readonly size: number;
  readonly pending: number;
  readonly events: number;
  readonly numbered: number;
}

async function countsOf(tx: postgres.ISql): Promise<Counts> {
  const [row] = await tx<Record<keyof Counts, string>[]>`
    select (select size from mail_log.head) as size, (select count(*) from mail_log.pending) as pending,
      (select count(*) from mail_log.mail_event) as events, (select count(*) from mail_log.sequenced) as numbered`;
  const { size, pending, events, numbered } = row!;
  return {
    size: Number(size),
    pending: Number(pending),
    events: Number(events),
    numbered: Number(numbered),
  };
}

function checkCounts(
  { size, pending, events, numbered, forgotten }: Counts & { forgotten: number },
  fault: (text: string) => void,
): void {
  if (numbered !== size - forgotten)
    fault(`${numbered} numbers for a log of ${size} entries, ${forgotten} of them forgotten`);
  if (events !== numbered + pending)
    fault(`${events} entries stand in the table, ${numbered + pending} are known to the log`);
}

/** Kept checkpoints and the latest, each signed by the key that was in force. */
async function checkpointsOf(
  tx: postgres.ISql,
  keys: readonly KeyInForce[],
  fault: (text: string) => void,
): Promise<Wanted> {
  const notes = await tx<{ size: string; note: string }[]>`
    select size, note from mail_log.checkpoint
    union select size, note from mail_log.head where note is not null order by size`;
  const wanted: Wanted = new Map();
  for (const row of notes) {
    const size = Number(row.size);
    const key = keyFor(keys, size);
    const opened = key === null ? null : openCheckpoint(row.note, key);
    if (opened?.size !== size) fault(`checkpoint ${size}: the signature does not hold`);
    else want(wanted, size, opened.root, fault);
  }
  return wanted;
}

function addKept(
  wanted: Wanted,
  note: string,
  keys: readonly KeyInForce[],
  size: number,
  fault: (text: string) => void,
): number | null {
  const key = keyFor(keys, Number(note.split('\n')[1]));
  const kept = key === null ? null : openCheckpoint(note, key);
  if (kept === null) fault('the given checkpoint is not signed by this log');
  else if (kept.size > size)
    fault(`the given checkpoint knows ${kept.size} entries, the log has only ${size}`);
  else want(wanted, kept.size, kept.root, fault);
  return kept?.size ?? null;
}

function want(wanted: Wanted, size: number, root: Buffer, fault: (text: string) => void): void {
  const known = wanted.get(size);
  if (known === undefined) wanted.set(size, root);
  else if (!known.equals(root))
    fault(`history before entry ${size} was rewritten: two roots are claimed for it`);
}
