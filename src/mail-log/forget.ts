import type postgres from 'postgres';
import { UserError } from '../errors.ts';
import { append } from './append.ts';
import type { LogKey } from './checkpoint.ts';
import { logPrune } from './events.ts';
import { forgettingDetail, forgottenNumbers, rangesOf, readForgettings, type Range } from './forgotten.ts';
import { vietnamMidnight } from './search.ts';
import { lockHead, sequenceAll, sequenceBatch } from './sequencer.ts';
import { storedTiles } from './tiles.ts';
import { remembered, rootFromTiles, TILE } from './tree.ts';

/** Never fewer than this many whole months are kept (mail-log.md 4); a regulation may ask for more. */
export const LEAST_MONTHS = 12;
/** One entry's text is bounded (event.ts); this many ranges fit. */
const RANGES_PER_ENTRY = 60;

/** Months ("2025-10") that lie wholly before the last `keepMonths` whole months, oldest first. */
export async function forgettableMonths(
  sql: postgres.ISql,
  now: Date,
  keepMonths: number,
): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'mail_log.mail_event'::regclass and c.relname ~ '_\\d{4}_\\d{2}$' order by c.relname`;
  const keep = Math.max(keepMonths, LEAST_MONTHS);
  return rows
    .map(({ name }) => name.slice(-7).replace('_', '-'))
    .filter((month) => {
      const [year = 0, number = 0] = month.split('-').map(Number);
      return vietnamMidnight(year, number + 1 + keep) <= now;
    });
}

/**
 * Forgets one month: first the approved log.prune entry, numbered and signed; then the month's partition with its
 * salts. Tiles above the leaves stay, and leaves where anything that stays or an anchored checkpoint needs them.
 * Killed in between, the entry stands and the next call finds it and goes on.
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
      `The month ${month} is not there or not older than ${Math.max(keepMonths, LEAST_MONTHS)} whole months.`,
    );
  await sequenceAll(sql, key, now);
  return sql.begin(async (tx) => {
    const head = await lockHead(tx, key);
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
    await sequenceBatch(tx, head, [{ ...key, origin: head.origin }], now, true);
    await tx`select mail_log.forget_month(${month}, ${await wholeTiles(tx, rangesOf(numbers))}::bigint[])`;
    return { count: numbers.length };
  });
}

async function numbersOfMonth(tx: postgres.ISql, month: string): Promise<number[]> {
  const [year = 0, number = 0] = month.split('-').map(Number);
  const rows = await tx<{ number: string }[]>`
    select number from mail_log.sequenced
    where at >= ${vietnamMidnight(year, number).toISOString()}::timestamptz
      and at < ${vietnamMidnight(year, number + 1).toISOString()}::timestamptz order by number`;
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
