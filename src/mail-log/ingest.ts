import { createHash, randomBytes } from 'node:crypto';
import type postgres from 'postgres';
import { canonicalEntry } from './event.ts';
import { mailTransferred } from './events.ts';
import { createPostfixReader, type Transfer } from './postfix.ts';
import { leafHash } from './tree.ts';

export interface Ingested {
  readonly lines: number;
  /** Deliveries and refusals among them. */
  readonly transfers: number;
  readonly added: number;
  readonly duplicates: number;
  readonly unreadable: number;
  /** Older than the log keeps. */
  readonly tooOld: number;
}

export interface IngestOptions {
  readonly zone: string;
  readonly now: Date;
  readonly keepMonths: number;
  readonly progress?: (lines: number) => void;
}

const BATCH = 2000;

interface Row {
  readonly at: string;
  readonly id: string;
  readonly entry: string;
  readonly salt: string;
  readonly leaf: string;
}

/**
 * Takes a Postfix log into the mail log. An entry's id is made from its own text, so the same line is the same entry
 * however often it is read: an interrupted run is simply repeated, and rotated files may overlap.
 */
export async function ingestPostfix(
  sql: postgres.Sql,
  lines: AsyncIterable<string>,
  options: IngestOptions,
): Promise<Ingested> {
  const read = createPostfixReader(options.zone, options.now);
  const oldest = new Date(options.now);
  oldest.setUTCMonth(oldest.getUTCMonth() - options.keepMonths);
  const months = new Set<string>();
  const repeated = createRepetition();
  const counts = { lines: 0, transfers: 0, added: 0, unreadable: 0, tooOld: 0 };
  let batch: Row[] = [];
  const flush = async (): Promise<void> => {
    await prepare(sql, batch, months);
    counts.added += await store(sql, batch);
    batch = [];
    options.progress?.(counts.lines);
  };
  for await (const text of lines) {
    counts.lines++;
    const line = read(text);
    if (line.kind === 'unreadable') counts.unreadable++;
    if (line.kind !== 'transfer') continue;
    if (line.transfer.at < oldest) {
      counts.tooOld++;
      continue;
    }
    counts.transfers++;
    batch.push(rowOf(line.transfer, repeated(text)));
    if (batch.length === BATCH) await flush();
  }
  if (batch.length > 0) await flush();
  return { ...counts, duplicates: counts.transfers - counts.added };
}

/** Identical lines that follow one another within a second are several refusals, not one: they are told apart. */
function createRepetition(): (text: string) => number {
  let seen = new Map<string, number>();
  let second = '';
  return (text) => {
    const now = text.slice(0, 19);
    if (now !== second) {
      seen = new Map();
      second = now;
    }
    const times = seen.get(text) ?? 0;
    seen.set(text, times + 1);
    return times;
  };
}

function rowOf({ at, ...transfer }: Transfer, repetition: number): Row {
  const entry = canonicalEntry(at, mailTransferred(transfer));
  const salt = randomBytes(16);
  const digest = createHash('sha256').update(`postfix ${repetition} ${entry}`).digest('hex');
  // UUID version 8 (RFC 9562 §5.8): made from a hash.
  const id = `${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}-8${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
  return {
    at: at.toISOString(),
    id,
    entry,
    salt: salt.toString('hex'),
    leaf: leafHash(salt, entry).toString('hex'),
  };
}

async function prepare(sql: postgres.Sql, batch: readonly Row[], months: Set<string>): Promise<void> {
  for (const { at } of batch) {
    // By UTC day rather than month: a month of Viet Nam begins within one.
    const day = at.slice(0, 10);
    if (months.has(day)) continue;
    await sql`select mail_log.ensure_month(${at}::timestamptz)`;
    months.add(day);
  }
}

async function store(sql: postgres.Sql, batch: readonly Row[]): Promise<number> {
  const column = (name: keyof Row): string[] => batch.map((row) => row[name]);
  const [row] = await sql<{ added: number }[]>`
    with added as (
      insert into mail_log.mail_event (at, id, entry, salt, leaf)
      select at, id, entry, decode(salt, 'hex'), decode(leaf, 'hex')
      from unnest(${column('at')}::timestamptz[], ${column('id')}::uuid[], ${column('entry')}::text[],
        ${column('salt')}::text[], ${column('leaf')}::text[]) as t (at, id, entry, salt, leaf)
      on conflict (at, id) do nothing returning at, id, leaf),
    waiting as (insert into mail_log.pending (at, id, leaf) select at, id, leaf from added returning 1)
    select count(*)::int as added from waiting`;
  return row!.added;
}
