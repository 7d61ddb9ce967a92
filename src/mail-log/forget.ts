import type postgres from 'postgres';
import { UserError } from '../errors.ts';
import type { Regulation } from '../rules/regulation.ts';
import { append } from './append.ts';
import type { LogKey } from './checkpoint.ts';
import type { LogEvent } from './event.ts';
import { logPrune } from './events.ts';
import {
  forgettingDetail,
  forgottenNumbers,
  parseForgetting,
  pruneEntries,
  rangesOf,
  readForgettings,
  type Range,
} from './forgotten.ts';
import { vietnamMidnight } from './search.ts';
import { lockHead, sequenceAll, sequenceBatch } from './sequencer.ts';
import { storedTiles } from './tiles.ts';
import { remembered, rootFromTiles, TILE } from './tree.ts';

/** Never fewer than this many whole months are kept (mail-log.md 4); a regulation may ask for more. */
export const LEAST_MONTHS = 12;
/** The longest period any of these regulations asks for, at least twelve months. */
export const keptMonths = (regulations: readonly Pick<Regulation, 'log'>[]): number =>
  Math.max(LEAST_MONTHS, ...regulations.map(({ log }) => log.value.retainMonths));
/** One entry's text is bounded (event.ts); this many ranges fit. */
const RANGES_PER_ENTRY = 60;

/** Months ("2025-10") that may be forgotten now, oldest first. */
export async function forgettableMonths(
  sql: postgres.ISql,
  now: Date,
  keepMonths: number,
): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'mail_log.mail_event'::regclass and c.relname ~ '_\\d{4}_\\d{2}$' order by c.relname`;
  const keep = Math.max(keepMonths, LEAST_MONTHS);
  const past = rows
    .map(({ name }) => name.slice(-7).replace('_', '-'))
    .filter((month) => monthBounds(month, keep).to <= now);
  if (past.length === 0) return [];
  const young = await firstYoungNumber(sql, now);
  const free: string[] = [];
  for (const month of past) if ((await lastNumber(sql, month)) < young) free.push(month);
  return free;
}

/**
 * The smallest number of a heartbeat of the last twelve months. Only what is numbered before it may be forgotten: a
 * time inside an entry is its writer's word (a mail log ingested late tells of old days), the heartbeats around it
 * are not. So nobody can hide last week's entry behind a log.prune entry, and both verifiers check it.
 */
export async function firstYoungNumber(sql: postgres.ISql, now: Date): Promise<number> {
  const [row] = await sql<{ number: string | null }[]>`
    select min(s.number) as number from mail_log.mail_event e
    join mail_log.sequenced s on s.at = e.at and s.id = e.id
    where e.terms @@ '''e:heartbeat'''::tsquery and e.at > ${youngSince(now).toISOString()}::timestamptz`;
  return Number(row?.number ?? Infinity);
}

/** Twelve months before, by the calendar of UTC (README "Export format"). */
export function youngSince(now: Date): Date {
  const since = new Date(now);
  since.setUTCMonth(since.getUTCMonth() - LEAST_MONTHS);
  return since;
}

/** Says that a month may go. What is approved is forgotten by the gateway's next round (jobs/retention.ts). */
export const approval = (month: string, approvedBy: string): LogEvent =>
  logPrune({ month, detail: APPROVED, approvedBy });
export const APPROVED = 'approved';

/** The forgettable months that somebody approved, with who did. */
export async function approvedMonths(
  sql: postgres.ISql,
  now: Date,
  keepMonths: number,
): Promise<{ month: string; approvedBy: string }[]> {
  const said = new Map<string, string>();
  for (const entry of await pruneEntries(sql))
    if (entry['detail'] === APPROVED) said.set(String(entry['outcome']), String(entry['actor']));
  if (said.size === 0) return [];
  return (await forgettableMonths(sql, now, keepMonths)).flatMap((month) => {
    const approvedBy = said.get(month);
    return approvedBy === undefined ? [] : [{ month, approvedBy }];
  });
}

/**
 * Forgets one month: first the approved log.prune entry, numbered and signed; then the month's partition with its
 * salts. Tiles above the leaves stay, and leaves where anything that stays or an anchored checkpoint needs them.
 * One transaction: killed anywhere, nothing has happened.
 */
export async function forgetMonth(
  sql: postgres.Sql,
  key: LogKey,
  month: string,
  options: { readonly now: Date; readonly keepMonths: number; readonly approvedBy: string },
): Promise<{ count: number }> {
  const { now, keepMonths, approvedBy } = options;
  if (!(await forgettableMonths(sql, now, keepMonths)).includes(month))
    throw new UserError(
      `The month ${month} is not there, not older than ${Math.max(keepMonths, LEAST_MONTHS)} whole months, or has entries that got their number later than that.`,
    );
  await sequenceAll(sql, key, now);
  return sql.begin(async (tx) => {
    const head = await lockHead(tx, key);
    // Another gateway was faster.
    if (!(await forgettableMonths(tx, now, keepMonths)).includes(month)) return { count: 0 };
    const numbers = await numbersOfMonth(tx, month);
    const said = (await readForgettings(tx)).filter((forgetting) => forgetting.month === month);
    // A month forgotten before may have come back by a mail log ingested late: then only what is new is named.
    const isSaid = forgottenNumbers(said);
    const ranges = rangesOf(numbers.filter((number) => !isSaid(number)));
    const tiles = remembered(storedTiles(tx));
    for (let at = 0; at < ranges.length || (at === 0 && said.length === 0); at += RANGES_PER_ENTRY) {
      const some = ranges.slice(at, at + RANGES_PER_ENTRY);
      const end = some.at(-1)?.last;
      const detail =
        end === undefined ? 'no entries' : forgettingDetail(some, await rootFromTiles(end + 1, tiles));
      const count = some.reduce((sum, { first, last }) => sum + last - first + 1, 0);
      await append(tx, now, logPrune({ month, detail, count, approvedBy }));
    }
    // What this month's own entries say was forgotten must be known after it: it is said again.
    for (const entry of await pruneEntries(tx, monthBounds(month)))
      if (parseForgetting(entry) !== null) await append(tx, now, saidAgain(entry));
    await sequenceBatch(tx, head, [{ ...key, origin: head.origin }], now, true);
    await tx`select mail_log.forget_month(${month}, ${await wholeTiles(tx, rangesOf(numbers))}::bigint[])`;
    return { count: numbers.length };
  });
}

const saidAgain = (entry: Readonly<Record<string, unknown>>): LogEvent =>
  logPrune({
    month: String(entry['outcome']),
    detail: String(entry['detail']),
    approvedBy: String(entry['actor']),
    ...(typeof entry['count'] === 'number' ? { count: entry['count'] } : {}),
  });

/** A month of Viet Nam; `to` is `later` months after its end. */
function monthBounds(month: string, later = 0): { from: Date; to: Date } {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return { from: vietnamMidnight(year, number), to: vietnamMidnight(year, number + 1 + later) };
}

/** The highest number of a month's entries, -1 when it has none. */
async function lastNumber(sql: postgres.ISql, month: string): Promise<number> {
  const { from, to } = monthBounds(month);
  const [row] = await sql<{ number: string | null }[]>`
    select max(number) as number from mail_log.sequenced
    where at >= ${from.toISOString()}::timestamptz and at < ${to.toISOString()}::timestamptz`;
  return Number(row?.number ?? -1);
}

async function numbersOfMonth(tx: postgres.ISql, month: string): Promise<number[]> {
  const { from, to } = monthBounds(month);
  const rows = await tx<{ number: string }[]>`
    select number from mail_log.sequenced
    where at >= ${from.toISOString()}::timestamptz and at < ${to.toISOString()}::timestamptz order by number`;
  return rows.map((row) => Number(row.number));
}

/** Tiles with nothing but entries of these ranges and no anchored checkpoint that ends inside them. */
async function wholeTiles(tx: postgres.ISql, ranges: readonly Range[]): Promise<number[]> {
  const anchors = await tx<{ size: string }[]>`select distinct size from mail_log.anchor`;
  const ends = new Set(
    anchors
      .map(({ size }) => Number(size))
      .filter((size) => size % TILE > 0)
      .map((size) => Math.floor(size / TILE)),
  );
  return ranges.flatMap(({ first, last }) => {
    const from = Math.ceil(first / TILE);
    const to = Math.floor((last + 1) / TILE);
    return Array.from({ length: Math.max(to - from, 0) }, (_, i) => from + i).filter(
      (tile) => !ends.has(tile),
    );
  });
}
