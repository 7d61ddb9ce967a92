import type postgres from 'postgres';
import type { EventName } from './event.ts';

/** Every given part must fit. Addresses and values are compared whole, words with or without Vietnamese accents. */
export interface LogFilter {
  readonly from?: Date;
  /** Exclusive. */
  readonly to?: Date;
  /** One of these. */
  readonly event?: string | readonly EventName[];
  /** None of these. */
  readonly without?: readonly EventName[];
  readonly sender?: string;
  /** Any of the entry's recipients. */
  readonly recipient?: string;
  readonly messageId?: string;
  readonly dossier?: string;
  readonly letter?: string;
  readonly unit?: string;
  readonly outcome?: string;
  readonly actor?: string;
  readonly client?: string;
  readonly queue?: string;
  /** Words of subject, detail, error, unit and addresses' local parts; all must occur. */
  readonly words?: string;
  readonly limit: number;
  /** The `cursor` of an earlier entry: older ones than that follow. */
  readonly after?: string;
}

export interface FoundEntry {
  /** null while the entry waits for the sequencer. */
  readonly number: number | null;
  readonly entry: LoggedFields;
  readonly cursor: string;
}

/** An entry as it was hashed, parsed. */
export type LoggedFields = Readonly<Record<string, string | number>> & {
  readonly at: string;
  readonly event: string;
};

/** Entries of one probe: a value that at least 1 % of the newest entries carry needs no index. */
const PROBE = 5000;

type Condition = postgres.PendingQuery<postgres.Row[]>;
interface Row {
  readonly at: string;
  readonly id: string;
  readonly entry: string;
}

/**
 * Newest first. A probe over the newest entries answers whatever is frequent; then the months are walked from the
 * newest, one statement with a MATERIALIZED match for one month, the two before, the four before those …: left to
 * itself over twelve months the planner reads the time index backwards and filters, for seconds when the match is rare,
 * and a statement per month costs thirteen round trips. Values with an index of their own are asked for at once.
 */
export async function searchLog(sql: postgres.ISql, filter: LogFilter): Promise<FoundEntry[]> {
  const { limit } = filter;
  const terms = termsOf(sql, filter);
  const values = valuesOf(sql, filter);
  const everything = rangeOf(sql, ALWAYS, filter);
  if (terms === null && values === null) return numbered(sql, await newest(sql, everything, limit));
  if (values !== null) return numbered(sql, await matched(sql, everything, both(sql, terms, values), limit));
  const probed = await probe(sql, everything, terms!, limit);
  if (probed.length === limit) return numbered(sql, probed);
  const months = (await monthsOf(sql)).filter(
    ({ low, high }) =>
      (filter.to === undefined || low < filter.to) && (filter.from === undefined || high > filter.from),
  );
  const found: Row[] = [];
  for (const span of walk(months)) {
    found.push(...(await matched(sql, rangeOf(sql, span, filter), terms!, limit - found.length)));
    if (found.length >= limit) break;
  }
  return numbered(sql, found);
}

/**
 * One month, then two, four … as one span each. Months that are empty (those made ahead) go along and do not count: the
 * first statement is to look at one month's matches and not at four months'.
 */
export function* walk(months: readonly (Month & { readonly empty: boolean })[]): Generator<Month> {
  let [high, seen, width]: [Date | null, number, number] = [null, 0, 1];
  for (const [i, month] of months.entries()) {
    high ??= month.high;
    if (!month.empty) seen += 1;
    if (seen < width && i < months.length - 1) continue;
    yield { low: month.low, high };
    [high, seen, width] = [null, 0, width * 2];
  }
}

async function newest(sql: postgres.ISql, within: Condition, limit: number): Promise<Row[]> {
  return sql<Row[]>`
    select at::text, id, entry from mail_log.mail_event e where ${within}
    order by e.at desc, e.id desc limit ${limit}`;
}

async function probe(sql: postgres.ISql, within: Condition, terms: Condition, limit: number): Promise<Row[]> {
  return sql<Row[]>`
    with newest as materialized (
      select at, id, entry, terms from mail_log.mail_event e where ${within}
      order by e.at desc, e.id desc limit ${PROBE})
    select at::text, id, entry from newest e where ${terms} order by e.at desc, e.id desc limit ${limit}`;
}

async function matched(
  sql: postgres.ISql,
  within: Condition,
  match: Condition,
  limit: number,
): Promise<Row[]> {
  return sql<Row[]>`
    with found as materialized (
      select at, id, entry from mail_log.mail_event e where ${within} and ${match})
    select at::text, id, entry from found order by found.at desc, id desc limit ${limit}`;
}

function both(sql: postgres.ISql, one: Condition | null, other: Condition | null): Condition {
  if (one === null) return other!;
  return other === null ? one : sql`${one} and ${other}`;
}

/** What the GIN index knows (mail_log.terms): one tsquery for all of it. */
function termsOf(sql: postgres.ISql, filter: LogFilter): Condition | null {
  const events = typeof filter.event === 'string' ? [filter.event] : (filter.event ?? []);
  const exact = [
    alternatives(events.map((event) => `e:${event}`)),
    ...(
      [
        ['o', filter.outcome],
        ['u', filter.unit],
        ['a', filter.actor],
        ['c', filter.client],
        ['q', filter.queue],
        ['s', filter.sender?.toLowerCase()],
        ['r', filter.recipient?.toLowerCase()],
      ] as const
    ).map(([kind, value]) =>
      value === undefined ? null : alternatives([`${kind}:${bounded(kind, value.normalize('NFC'))}`]),
    ),
  ].filter((part) => part !== null);
  const words = filter.words?.trim() ?? '';
  if (exact.length === 0 && words === '') return null;
  const asWords = sql`plainto_tsquery('simple', mail_log.folded(${words.normalize('NFC')}))`;
  if (exact.length === 0) return sql`e.terms @@ ${asWords}`;
  const asValues = sql`${exact.join(' & ')}::text::tsquery`;
  return words === '' ? sql`e.terms @@ ${asValues}` : sql`e.terms @@ (${asValues} && ${asWords})`;
}

/** As mail_log.terms bounds its lexemes, in characters. */
const bounded = (kind: string, value: string): string =>
  Array.from(value)
    .slice(0, kind === 's' || kind === 'r' ? 320 : 100)
    .join('');

function alternatives(lexemes: readonly string[]): string | null {
  if (lexemes.length === 0) return null;
  const quoted = lexemes.map((lexeme) => `'${lexeme.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`);
  return quoted.length === 1 ? quoted[0]! : `(${quoted.join(' | ')})`;
}

/** Values with an index of their own; each is rare. */
function valuesOf(sql: postgres.ISql, { letter, dossier, messageId }: LogFilter): Condition | null {
  let all: Condition | null = null;
  if (letter !== undefined) all = both(sql, sql`e.letter = ${letter}`, all);
  if (dossier !== undefined) all = both(sql, sql`e.dossier = ${dossier}`, all);
  if (messageId !== undefined) all = both(sql, sql`e.message_id = ${messageId}`, all);
  return all;
}

export interface Month {
  readonly low: Date;
  readonly high: Date;
}
const ALWAYS: Month = { low: new Date('1970-01-01'), high: new Date('9999-12-31') };

/** The months there are, newest first, and whether anything stands in them: one look into the catalogue. */
async function monthsOf(sql: postgres.ISql): Promise<(Month & { readonly empty: boolean })[]> {
  const rows = await sql<{ name: string; empty: boolean }[]>`
    select c.relname as name, pg_relation_size(c.oid) = 0 as empty
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'mail_log.mail_event'::regclass order by c.relname desc`;
  const months = rows.flatMap(({ name, empty }) => {
    const [, year, month] = /_(\d{4})_(\d{2})$/.exec(name) ?? [];
    return year === undefined ? [] : [{ ...monthOf(Number(year), Number(month)), empty }];
  });
  // Before, after and between the months stands what a wrong clock wrote, in the default partition.
  const empty = rows.find(({ name }) => name === 'mail_event_other')?.empty ?? true;
  const spans: (Month & { readonly empty: boolean })[] = [];
  let high = ALWAYS.high;
  for (const month of [...months, { low: ALWAYS.low, high: ALWAYS.low, empty: true }]) {
    if (month.high < high) spans.push({ low: month.high, high, empty });
    spans.push(month);
    high = month.low;
  }
  return spans;
}

function monthOf(year: number, month: number): Month {
  return { low: vietnamMidnight(year, month), high: vietnamMidnight(year, month + 1) };
}

/** The first of a month in Viet Nam (UTC+7, no summer time). */
export function vietnamMidnight(year: number, month: number, day = 1): Date {
  return new Date(Date.UTC(year, month - 1, day) - 7 * 3_600_000);
}

function rangeOf(sql: postgres.ISql, { low, high }: Month, filter: LogFilter): Condition {
  const { from, to, after, without = [] } = filter;
  const start = from !== undefined && from > low ? from : low;
  const end = to !== undefined && to < high ? to : high;
  const time = sql`e.at >= ${start.toISOString()}::timestamptz and e.at < ${end.toISOString()}::timestamptz`;
  const range = without.length === 0 ? time : sql`${time} and e.event <> all (${[...without]})`;
  const cut = after === undefined ? null : readCursor(after);
  return cut === null ? range : sql`${range} and (e.at, e.id) < (${cut.at}::timestamptz, ${cut.id}::uuid)`;
}

const cursorOf = ({ at, id }: Row): string => Buffer.from(`${at}|${id}`).toString('base64url');

function readCursor(cursor: string): { at: string; id: string } | null {
  const [at = '', id = ''] = Buffer.from(cursor, 'base64url').toString().split('|');
  return Number.isNaN(Date.parse(at.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'))) ||
    !/^[0-9a-f-]{36}$/.test(id)
    ? null
    : { at, id };
}

async function numbered(sql: postgres.ISql, rows: readonly Row[]): Promise<FoundEntry[]> {
  const numbers = await numbersOf(sql, rows);
  return rows.map((row) => ({
    number: numbers.get(row.id) ?? null,
    entry: JSON.parse(row.entry) as LoggedFields,
    cursor: cursorOf(row),
  }));
}

/** One look into the index each: joined freely, the planner may read all months to number a page. */
export async function numbersOf(
  sql: postgres.ISql,
  rows: readonly { readonly at: string; readonly id: string }[],
): Promise<Map<string, number>> {
  if (rows.length === 0) return new Map();
  // Not as arrays: the driver learns their types with its first connection, and a second one may be earlier.
  const wanted = JSON.stringify(rows.map(({ at, id }) => ({ at, id })));
  const found = await sql<{ id: string; number: string }[]>`
    select e.id, s.number from jsonb_to_recordset(${wanted}::text::jsonb) as e (at timestamptz, id uuid)
    cross join lateral (select number from mail_log.sequenced s where s.at = e.at and s.id = e.id limit 1) s`;
  return new Map(found.map(({ id, number }) => [id, Number(number)]));
}
