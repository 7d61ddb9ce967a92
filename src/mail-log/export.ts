import { createHash, type Hash } from 'node:crypto';
import fs from 'node:fs';
import type postgres from 'postgres';
import { UserError } from '../errors.ts';
import { signNote, verifierKey, type LogKey } from './checkpoint.ts';
import { forgottenNumbers, rangeText, readForgettings, type Range } from './forgotten.ts';
import { keyFor, readKeys } from './keys.ts';
import { csvLine, VIEW_COLUMNS, viewRow } from './export-view.ts';
import type { Anchor } from './anchor.ts';
import { consistencyText } from './proof.ts';
import type { LoggedFields } from './search.ts';
import { storedTiles } from './tiles.ts';
import { consistencyProof, HASH, remembered, TILE } from './tree.ts';

/**
 * An export is a folder that verifies off-line (README "Export format"):
 *
 *   MANIFEST                signed note: ranges of entries, digest of every other file
 *   checkpoint keys keys-N.tlog-proof consistency/<size>
 *   anchors.jsonl           checkpoints laid down outside, each with its consistency proof and a TSA's token
 *   entries.jsonl           the evidence: {"number":0,"salt":"<hex>","entry":"<the hashed text>"}
 *   tile/<level>/<number>   C2SP tlog-tiles: all levels above the leaves; leaves where a range begins or ends
 *   entries.csv entries.xlsx  views for people
 *   verify-export.mjs       the independent verifier (take it from elsewhere when in doubt)
 */
export interface ExportSink {
  /** Called once per file, in any order; resolves when the file is written. */
  write(name: string, content: Iterable<string | Buffer> | AsyncIterable<string | Buffer>): Promise<void>;
}

export interface ExportOptions {
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
  readonly now: Date;
  /** Tree sizes of checkpoints somebody kept: each gets its consistency proof, besides those of anchors.jsonl. */
  readonly since?: readonly number[];
  /** A workbook of these rows; absent = no xlsx. */
  readonly workbook?: (rows: readonly (readonly string[])[]) => Buffer;
  /** No xlsx above this many entries: a workbook is made in memory, in one go. */
  readonly workbookRows?: number;
}

export interface Exported {
  readonly entries: number;
  readonly size: number;
  readonly files: number;
}

const PAGE = 4096;
/** Between two ranges closer than this the entries in between are exported too: fewer ranges, same proof. */
const GAP = 1024;
/** More rows than people read, and than a workbook should hold in memory. */
const WORKBOOK_ROWS = 100_000;
const VERIFIER = new URL('../verifier/verify-export.mjs', import.meta.url);

export async function exportLog(
  sql: postgres.Sql,
  key: LogKey,
  options: ExportOptions,
  sink: ExportSink,
): Promise<Exported> {
  return sql.begin('isolation level repeatable read read only', (tx) => exportIn(tx, key, options, sink));
}

/** The same inside a transaction of the caller's. */
export async function exportIn(
  tx: postgres.ISql,
  key: LogKey,
  options: ExportOptions,
  sink: ExportSink,
): Promise<Exported> {
  const [head] = await tx<{ size: string; note: string | null }[]>`select size, note from mail_log.head`;
  const note = head!.note;
  if (note === null) throw new UserError('The log is empty: there is nothing to export.');
  const size = Number(head!.size);
  const { keys } = await readKeys(tx);
  const origin = keyFor(keys, size)?.origin ?? key.origin;
  const ranges = await rangesWithin(tx, options);
  const digests = new Map<string, string>();
  const write = async (name: string, content: Parameters<ExportSink['write']>[1]): Promise<void> => {
    const hash = createHash('sha256');
    await sink.write(name, hashed(content, hash));
    digests.set(name, hash.digest('hex'));
  };
  await write('checkpoint', [note]);
  await write('keys', [`${keys.map((known) => verifierKey(known.key)).join('\n')}\n`]);
  for (const [i, { proof }] of keys.entries())
    if (proof !== null) await write(`keys-${i}.tlog-proof`, [proof]);
  for (const old of new Set(options.since ?? []))
    if (old > 0 && old < size) await write(`consistency/${old}`, [await consistencyText(tx, old, note)]);
  await write('anchors.jsonl', anchors(tx, size, options));
  await writeTiles(tx, size, ranges, write);
  const rows: string[][] = [];
  const { workbookRows = WORKBOOK_ROWS } = options;
  let entries = 0;
  await write(
    'entries.jsonl',
    jsonl(tx, ranges, (fields, number) => {
      entries++;
      if (rows.length <= workbookRows) rows.push(viewRow(fields, number));
    }),
  );
  await write('entries.csv', csv(tx, ranges));
  if (options.workbook !== undefined && entries <= workbookRows)
    await write('entries.xlsx', [options.workbook([VIEW_COLUMNS, ...rows])]);
  await write('verify-export.mjs', [fs.readFileSync(VERIFIER)]);
  const manifest = [
    `${origin} export`,
    `created ${options.now.toISOString()}`,
    `from ${options.from.toISOString()} to ${options.to.toISOString()}`,
    ...(ranges.length === 0 ? [] : [`entries ${ranges.map(rangeText).join(' ')}`]),
    ...[...digests].map(([name, digest]) => `sha256 ${digest} ${name}`),
  ];
  await sink.write('MANIFEST', [signNote([{ ...key, origin }], `${manifest.join('\n')}\n`)]);
  return { entries, size, files: digests.size + 1 };
}

async function* hashed(
  content: Parameters<ExportSink['write']>[1],
  hash: Hash,
): AsyncGenerator<string | Buffer> {
  for await (const chunk of content) {
    hash.update(chunk);
    yield chunk;
  }
}

/** Numbers of the entries within the time, as ranges without holes; small gaps are exported along. */
async function rangesWithin(tx: postgres.ISql, { from, to }: ExportOptions): Promise<Range[]> {
  const rows = await tx<{ first: string; last: string }[]>`
    select min(number) as first, max(number) as last from (
      select number, number - row_number() over (order by number) as island from mail_log.sequenced
      where at >= ${from.toISOString()}::timestamptz and at < ${to.toISOString()}::timestamptz) as numbers
    group by island order by first`;
  const isForgotten = forgottenNumbers(await readForgettings(tx));
  const ranges: { first: number; last: number }[] = [];
  for (const row of rows) {
    const [first, last] = [Number(row.first), Number(row.last)];
    const open = ranges.at(-1);
    const gap = open === undefined ? [] : between(open.last + 1, first);
    if (open !== undefined && gap.length <= GAP && !gap.some(isForgotten)) open.last = last;
    else ranges.push({ first, last });
  }
  return ranges;
}

const between = (low: number, high: number): number[] =>
  high - low > GAP ? Array<number>(GAP + 1).fill(low) : Array.from({ length: high - low }, (_, i) => low + i);

/**
 * The daily mailed checkpoints, which auditors hold; of the hourly ones those of the exported time and, of each place,
 * the first after it, which binds its last entries.
 */
async function* anchors(
  tx: postgres.ISql,
  size: number,
  { from, to }: ExportOptions,
): AsyncGenerator<string> {
  const [start, end] = [from.toISOString(), to.toISOString()];
  const rows = await tx<(Omit<Anchor, 'at'> & { at: string; size: string })[]>`
    with next as (select distinct on (place) place, period from mail_log.anchor
      where at >= ${end}::timestamptz order by place, at)
    select place, period, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at, size, note, token
    from mail_log.anchor a
    where place = 'mail' or (at >= ${start}::timestamptz and at < ${end}::timestamptz)
      or exists (select 1 from next n where n.place = a.place and n.period = a.period)
    order by a.at, place`;
  const tiles = remembered(storedTiles(tx));
  for (const { place, period, at, size: old, note, token } of rows) {
    const hashes = await consistencyProof(Number(old), size, tiles);
    const proof = hashes.map((hash) => hash.toString('base64'));
    const said = token === null ? {} : { token: token.toString('base64') };
    yield `${JSON.stringify({ place, period, at, note, proof, ...said })}\n`;
  }
}

/** "tile/1/x001/067" or "….p/12" (C2SP tlog-tiles). */
function tilePath(level: number, number: number, width: number): string {
  const digits = String(number);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.{3}/g)!;
  const name = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/');
  return `tile/${level}/${name}${width === TILE ? '' : `.p/${width}`}`;
}

async function writeTiles(
  tx: postgres.ISql,
  size: number,
  ranges: readonly Range[],
  write: (name: string, content: readonly Buffer[]) => Promise<void>,
): Promise<void> {
  const edges = new Set(ranges.flatMap(({ first, last }) => [first, last]).map((n) => Math.floor(n / TILE)));
  if (size % TILE > 0) edges.add(Math.floor(size / TILE));
  const above = await tx<{ level: number; number: string; hashes: Buffer }[]>`
    select level, number, hashes from mail_log.tile
    where level > 0 or number = any (${[...edges]}::bigint[]) order by level, number`;
  for (const { level, number, hashes } of above) {
    const count = Math.min(Math.floor(size / TILE ** level) - Number(number) * TILE, TILE);
    if (count > 0) await write(tilePath(level, Number(number), count), [hashes.subarray(0, count * HASH)]);
  }
}

interface Row {
  readonly number: string;
  readonly salt: Buffer;
  readonly entry: string;
}

async function* rowsOf(tx: postgres.ISql, ranges: readonly Range[]): AsyncGenerator<Row> {
  for (const { first, last } of ranges)
    for (let low = first; low <= last; low += PAGE)
      yield* await tx<Row[]>`
        select s.number, e.salt, e.entry from mail_log.sequenced s
        join mail_log.mail_event e on e.at = s.at and e.id = s.id
        where s.number >= ${low} and s.number <= ${Math.min(low + PAGE - 1, last)} order by s.number`;
}

async function* jsonl(
  tx: postgres.ISql,
  ranges: readonly Range[],
  seen: (fields: LoggedFields, number: number) => void,
): AsyncGenerator<string> {
  for await (const { number, salt, entry } of rowsOf(tx, ranges)) {
    seen(JSON.parse(entry) as LoggedFields, Number(number));
    yield `{"number":${number},"salt":"${salt.toString('hex')}","entry":${JSON.stringify(entry)}}\n`;
  }
}

/** With a byte order mark, so that spreadsheets read Vietnamese. */
async function* csv(tx: postgres.ISql, ranges: readonly Range[]): AsyncGenerator<string> {
  yield `\ufeff${csvLine(VIEW_COLUMNS)}`;
  for await (const { number, entry } of rowsOf(tx, ranges))
    yield csvLine(viewRow(JSON.parse(entry) as LoggedFields, Number(number)));
}
