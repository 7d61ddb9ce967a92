import type postgres from 'postgres';
import { openCheckpoint } from './checkpoint.ts';
import { keyFor, readKeys } from './keys.ts';
import { rootFromInclusion } from './proof.ts';
import { numbersOf, type LoggedFields } from './search.ts';
import { storedTiles } from './tiles.ts';
import { inclusionProof, leafHash, remembered } from './tree.ts';

/** `waiting`: not numbered yet. `broken`: the latest checkpoint does not bind this entry; something was changed. */
export type ProofState = 'proven' | 'waiting' | 'broken';

export interface TimelineEntry {
  readonly number: number | null;
  readonly entry: LoggedFields;
  readonly proof: ProofState;
}

/** A matter has a few dozen entries; this bounds what a forged flood of one Message-ID could make us prove. */
const MOST = 1000;

interface Row {
  readonly at: string;
  readonly id: string;
  readonly entry: string;
  readonly salt: Buffer;
}

/**
 * Everything the log knows of a dossier (and of its letters before they had a number) or of one letter, oldest first,
 * each entry checked against the latest checkpoint.
 */
export async function timeline(
  sql: postgres.ISql,
  of: { readonly dossier: string } | { readonly letter: string },
): Promise<TimelineEntry[]> {
  const rows =
    'letter' in of
      ? await sql<Row[]>`
          select at::text, id, entry, salt from mail_log.mail_event where letter = ${of.letter}
          order by at limit ${MOST}`
      : await sql<Row[]>`
          with own as materialized (
            select at, id, entry, salt, letter from mail_log.mail_event where dossier = ${of.dossier} limit ${MOST}),
          before as materialized (
            select e.at, e.id, e.entry, e.salt from (select distinct letter from own where letter is not null) l
            join mail_log.mail_event e on e.letter = l.letter where e.dossier is null)
          select at::text, id, entry, salt from (
            select at, id, entry, salt from own union all select at, id, entry, salt from before) as all_of_it
          order by all_of_it.at limit ${MOST}`;
  const numbers = await numbersOf(sql, rows);
  const proven = await prover(sql);
  const entries = await Promise.all(
    rows.map(async (row) => {
      const number = numbers.get(row.id) ?? null;
      const proof = number === null ? 'waiting' : await proven(number, leafHash(row.salt, row.entry));
      return { number, entry: JSON.parse(row.entry) as LoggedFields, proof };
    }),
  );
  return entries.sort(
    (a, b) => a.entry.at.localeCompare(b.entry.at) || (a.number ?? Infinity) - (b.number ?? Infinity),
  );
}

/** Checks entries against the latest checkpoint, whose signature is checked once. */
async function prover(sql: postgres.ISql): Promise<(number: number, leaf: Buffer) => Promise<ProofState>> {
  const [head] = await sql<{ size: string; note: string | null }[]>`select size, note from mail_log.head`;
  const size = Number(head!.size);
  const key = keyFor((await readKeys(sql)).keys, size);
  const checkpoint = head!.note === null || key === null ? null : openCheckpoint(head!.note, key);
  const tiles = remembered(storedTiles(sql));
  return async (number, leaf) => {
    if (number >= size) return 'waiting';
    if (checkpoint === null) return 'broken';
    try {
      const root = rootFromInclusion(leaf, number, size, await inclusionProof(number, size, tiles));
      return root?.equals(checkpoint.root) === true ? 'proven' : 'broken';
    } catch {
      return 'broken';
    }
  };
}
