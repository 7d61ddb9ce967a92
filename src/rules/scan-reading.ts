import type { CellReading, PageBox, ScanReading } from './scan-facts.ts';

/** A word as recognised on a page of a scan. */
export interface ReadWord {
  readonly text: string;
  readonly box: PageBox;
  readonly line: number;
}

export interface ReadPage {
  /** ExaminedDocument.index. */
  readonly document: number;
  readonly page: number;
  readonly words: readonly ReadWord[];
  readonly addresses: readonly ReadWord[];
}

/** What of a row is looked for. */
export interface SoughtRow {
  readonly fullName: string | null;
  readonly address: string | null;
}

/** Looks for each row of the list in what was read. A miss means "look here", never "it is not there". */
export function findRows(rows: readonly SoughtRow[], pages: readonly ReadPage[]): ScanReading['rows'] {
  const runs = pages.flatMap(namePlaces);
  const addresses = pages.flatMap(({ document, page, addresses: read }) =>
    read.map(({ text, box }) => ({ text: text.toLowerCase(), place: { document, page, box } })),
  );
  return rows.map(({ fullName, address }) => ({
    name: fullName === null ? null : nearest(fold(fullName), runs, fold, nameSlack),
    address:
      address === null ? null : nearest(address.toLowerCase(), addresses, (text) => text, addressSlack),
  }));
}

interface Candidate {
  readonly text: string;
  readonly place: NonNullable<CellReading['place']>;
}

const NOT_FOUND: CellReading = { found: 'no', text: null, place: null };

const fold = (text: string): string =>
  text
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M} ]/gu, '')
    .trim();

/** A fifth of the letters: recognition confuses marks (ế ê) far more often than letters. */
const nameSlack = (wanted: string): number => Math.max(1, Math.floor(wanted.length / 5));
/** Two of an address: more would take annv1 for annv12. */
const addressSlack = (): number => 2;

function nearest(
  wanted: string,
  candidates: readonly Candidate[],
  shape: (text: string) => string,
  slack: (wanted: string) => number,
): CellReading {
  let best: Candidate | null = null;
  let least = slack(wanted) + 1;
  for (const candidate of candidates) {
    const off = distance(wanted, shape(candidate.text), least);
    if (off >= least) continue;
    [best, least] = [candidate, off];
    if (off === 0) break;
  }
  return best === null ? NOT_FOUND : { found: least === 0 ? 'exact' : 'near', ...best };
}

/** Names have two to six words; each run of so many neighbouring words of a line is a place to compare. */
const NAME_WORDS = { least: 2, most: 6 };

function namePlaces({ document, page, words }: ReadPage): Candidate[] {
  return words.flatMap((first, from) => {
    const found: Candidate[] = [];
    // The STT before a name is no part of it.
    if (fold(first.text) === '') return found;
    for (let count = NAME_WORDS.least; count <= NAME_WORDS.most; count++) {
      const run = words.slice(from, from + count);
      if (run.length < count || run.at(-1)!.line !== first.line) break;
      found.push({
        text: run.map(({ text }) => text).join(' '),
        place: { document, page, box: around(run) },
      });
    }
    return found;
  });
}

function around(words: readonly ReadWord[]): PageBox {
  const x = Math.min(...words.map(({ box }) => box.x));
  const y = Math.min(...words.map(({ box }) => box.y));
  const right = Math.max(...words.map(({ box }) => box.x + box.width));
  const bottom = Math.max(...words.map(({ box }) => box.y + box.height));
  return { x, y, width: right - x, height: bottom - y };
}

/** Levenshtein distance; at least `limit` once it cannot come below it. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let row = Array.from({ length: b.length + 1 }, (_, n) => n);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1));
    }
    if (Math.min(...next) >= limit) return limit;
    row = next;
  }
  return row.at(-1)!;
}
