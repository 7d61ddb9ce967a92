import type postgres from 'postgres';
import type { EventName } from './event.ts';
import { searchLog, type FoundEntry, type LogFilter, type LoggedFields } from './search.ts';

/** One line of a tracking list, in two steps: what happened to the letter, what happened to our reply. */
export interface Tracked {
  /** What came in, or the entry itself where it belongs to no letter (refusals, logins, jobs …). */
  readonly first: LoggedFields;
  /** Of `first`, where it belongs to no letter; null for a letter and while the entry waits for the sequencer. */
  readonly number: number | null;
  readonly letter: string | null;
  readonly dossier: string | null;
  /** The last thing that happened to the letter; the same as `first` when nothing did. */
  readonly fate: LoggedFields;
  /** The last thing that happened to our latest notice about it; null when there is none. */
  readonly reply: LoggedFields | null;
  /** Where the next page begins. */
  readonly cursor: string;
}

const REPLIES: ReadonlySet<string> = new Set<EventName>([
  'notice.queued',
  'notice.sent',
  'notice.deferred',
  'notice.bounced',
  'notice.failed',
]);
const FATES: ReadonlySet<string> = new Set<EventName>([
  'letter.received',
  'letter.duplicate',
  'letter.quarantined',
  'letter.ignored',
  'sender.refused',
  'decision',
  'row.provisioned',
  'row.failed',
  'failure',
]);

/** Entries that match, joined to the letters they belong to; one line per letter. Newest match first. */
export async function track(sql: postgres.ISql, filter: LogFilter): Promise<Tracked[]> {
  // A letter has some ten entries: four times the page is nearly always enough for a page of letters.
  const found = await searchLog(sql, { ...filter, limit: filter.limit * 4 });
  const homes = await lettersOfDossiers(sql, found);
  const heads = new Map<string, FoundEntry>();
  for (const entry of found) {
    const key = keyOf(entry, homes);
    if (!heads.has(key) && heads.size < filter.limit) heads.set(key, entry);
  }
  const whole = await lettersOf(sql, [...heads.keys()]);
  return [...heads].map(([key, { entry, number, cursor }]) => {
    const all = whole.get(key) ?? [entry];
    const dossier = all.findLast((e) => e['dossier'] !== undefined)?.['dossier'];
    return {
      first: all[0]!,
      number: whole.has(key) ? null : number,
      letter: whole.has(key) ? key : null,
      dossier: dossier === undefined ? null : String(dossier),
      fate: all.findLast(({ event }) => FATES.has(event)) ?? all[0]!,
      reply: all.findLast(({ event }) => REPLIES.has(event)) ?? null,
      cursor,
    };
  });
}

/** A letter's entries are one line, and so are those of its dossier that name no letter (deadlines, signatures). */
function keyOf({ entry, cursor }: FoundEntry, homes: ReadonlyMap<string, string>): string {
  const { letter, dossier } = entry as Readonly<Record<string, unknown>>;
  if (typeof letter === 'string') return letter;
  return (typeof dossier === 'string' ? homes.get(dossier) : undefined) ?? cursor;
}

/** The latest letter of each dossier that is named by an entry without a letter. */
async function lettersOfDossiers(
  sql: postgres.ISql,
  found: readonly FoundEntry[],
): Promise<Map<string, string>> {
  const dossiers = new Set(
    found.flatMap(({ entry: { letter, dossier } }) =>
      letter === undefined && typeof dossier === 'string' ? [dossier] : [],
    ),
  );
  if (dossiers.size === 0) return new Map();
  const rows = await sql<{ dossier: string; letter: string }[]>`
    with own as materialized (
      select at, dossier, letter from mail_log.mail_event where dossier = any (${[...dossiers]}) limit 5000)
    select distinct on (dossier) dossier, letter from own where letter is not null order by dossier, at desc`;
  return new Map(rows.map(({ dossier, letter }) => [dossier, letter]));
}

async function lettersOf(
  sql: postgres.ISql,
  letters: readonly string[],
): Promise<Map<string, LoggedFields[]>> {
  if (letters.length === 0) return new Map();
  // Entries of one transaction bear one time: what was said last is told by the number, before that by the queue. That
  // is read only when something waits in it: after a flood it is a large table until it is vacuumed.
  const rows = await sql<{ letter: string; entry: string }[]>`
    with own as materialized (
      select at, id, letter, entry from mail_log.mail_event where letter = any (${[...letters]}) limit 5000
    ), numbered as materialized (
      select own.*, number from own
      left join lateral (select number from mail_log.sequenced s where s.at = own.at and s.id = own.id limit 1) s on true
    ), waiting as materialized (
      select * from mail_log.pending where exists (select 1 from numbered where number is null))
    select n.letter, n.entry from numbered n left join waiting w on w.at = n.at and w.id = n.id
    order by n.at, n.number, w.place`;
  const byLetter = new Map<string, LoggedFields[]>();
  for (const { letter, entry } of rows) {
    const entries = byLetter.get(letter) ?? [];
    entries.push(JSON.parse(entry) as LoggedFields);
    byLetter.set(letter, entries);
  }
  return byLetter;
}
