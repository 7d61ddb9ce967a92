import type postgres from 'postgres';

/**
 * What a log.prune entry says in `detail`, so that a verifier knows which numbers may be absent and what they gave:
 *
 *   numbers 0-8191 8193; root of 8194: qINS1GRFhWHwdkUeqLEoP4yEMkTBBzxBkGwGQlVlVcs=
 *
 * The root is that of the tree up to the last number named. A month whose numbers do not fit into one entry (mail
 * logs ingested late interleave) has several entries.
 */
export interface Range {
  readonly first: number;
  /** Inclusive. */
  readonly last: number;
}

export interface Forgetting {
  /** When the entry was written. */
  readonly at: Date;
  readonly month: string;
  readonly ranges: readonly Range[];
  readonly size: number;
  readonly root: Buffer;
}

export function forgettingDetail(ranges: readonly Range[], root: Buffer): string {
  const size = ranges.at(-1)!.last + 1;
  return `numbers ${ranges.map(rangeText).join(' ')}; root of ${size}: ${root.toString('base64')}`;
}

export const rangeText = ({ first, last }: Range): string =>
  first === last ? `${first}` : `${first}-${last}`;

/** null for anything else. */
export function parseForgetting(entry: Readonly<Record<string, unknown>>): Forgetting | null {
  const { at, event, outcome, detail } = entry;
  if (
    event !== 'log.prune' ||
    typeof at !== 'string' ||
    typeof outcome !== 'string' ||
    typeof detail !== 'string'
  )
    return null;
  const match = /^numbers ((?:\d+(?:-\d+)? ?)+); root of (\d+): ([A-Za-z0-9+/]{43}=)$/.exec(detail);
  if (match === null) return null;
  const ranges = match[1]!.split(' ').map((text) => {
    const [first, last = first] = text.split('-');
    return { first: Number(first), last: Number(last) };
  });
  return {
    at: new Date(at),
    month: outcome,
    ranges,
    size: Number(match[2]),
    root: Buffer.from(match[3]!, 'base64'),
  };
}

/** Runs of consecutive numbers. @param numbers ascending */
export function rangesOf(numbers: Iterable<number>): Range[] {
  const ranges: { first: number; last: number }[] = [];
  for (const number of numbers) {
    const open = ranges.at(-1);
    if (open !== undefined && number === open.last + 1) open.last = number;
    else ranges.push({ first: number, last: number });
  }
  return ranges;
}

/** All forgettings the log holds, from its own entries. */
export async function readForgettings(sql: postgres.ISql): Promise<Forgetting[]> {
  return (await pruneEntries(sql)).map(parseForgetting).filter((forgetting) => forgetting !== null);
}

/** The log.prune entries that have their number, in the order of the log. @param within written in this time */
export async function pruneEntries(
  sql: postgres.ISql,
  within?: { readonly from: Date; readonly to: Date },
): Promise<Record<string, unknown>[]> {
  const written =
    within === undefined
      ? sql``
      : sql`and e.at >= ${within.from.toISOString()}::timestamptz and e.at < ${within.to.toISOString()}::timestamptz`;
  const rows = await sql<{ entry: string }[]>`
    select e.entry from mail_log.mail_event e join mail_log.sequenced s on s.at = e.at and s.id = e.id
    where e.terms @@ '''e:log.prune'''::tsquery ${written} order by s.number`;
  return rows.map(({ entry }) => JSON.parse(entry) as Record<string, unknown>);
}

/** Whether a number is forgotten, for numbers asked in ascending order or at random. */
export function forgottenNumbers(forgettings: readonly Forgetting[]): (number: number) => boolean {
  const ranges = forgettings.flatMap((forgetting) => forgetting.ranges).sort((a, b) => a.first - b.first);
  return (number) => {
    let [low, high] = [0, ranges.length - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const range = ranges[middle]!;
      if (number < range.first) high = middle - 1;
      else if (number > range.last) low = middle + 1;
      else return true;
    }
    return false;
  };
}
