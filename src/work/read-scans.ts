import type { ExaminedLetter } from '../evidence/port.ts';
import { understandLists } from '../rules/list-layout.ts';
import type { ListEntry } from '../rules/mailbox-list.ts';
import type { ComparedList } from '../rules/scan-facts.ts';
import { findRows, type ReadPage, type SoughtRow } from '../rules/scan-reading.ts';
import { possibleScans } from '../rules/scan.ts';
import { rawLetter } from '../store/letter-bytes.ts';
import type { Letter } from '../store/letters.ts';
import type { StepDeps } from './step.ts';

/** Each page takes some seconds of a parsing child; a công văn and its list rarely have more. */
const MAX_PAGES = 4;
/** Beyond this the officer compares samples anyway, and comparing every row with every word takes long. */
const MAX_ROWS = 300;

/**
 * Reads the scans of a letter and looks for each row of the companion list in them; null when there is nothing to
 * compare. It helps the officer's eyes only: no decision reads it.
 */
export async function readScans(
  letter: Letter,
  examined: ExaminedLetter,
  deps: Pick<StepDeps, 'db' | 'readLists' | 'recognise'>,
): Promise<ComparedList | null> {
  const scans = possibleScans(examined).filter(({ scan }) => (scan?.pages.length ?? 0) > 0);
  if (scans.length === 0) return null;
  const raw = await rawLetter(deps.db, letter.id);
  const listed = await listedIn(raw, examined, deps);
  if (listed.length === 0) return null;
  const entries = listed.slice(0, MAX_ROWS);
  const places = scans.flatMap((document) => document.scan!.pages.map(({ page }) => ({ document, page })));
  const pages: ReadPage[] = [];
  for (const { document, page } of places.slice(0, MAX_PAGES)) {
    const read = await deps.recognise(raw, document, page);
    if (read === null) return { entries, reading: { recognition: 'missing', pagesRead: 0, rows: [] } };
    if (read !== 'failed') pages.push({ document: document.index, page, ...read });
  }
  const whole = pages.length === places.length && listed.length <= MAX_ROWS;
  const rows = findRows(entries.map(sought), pages);
  return { entries, reading: { recognition: whole ? 'done' : 'partial', pagesRead: pages.length, rows } };
}

/** The rows as an officer will see them: of every list that can be read, signed or not. */
async function listedIn(
  raw: Buffer,
  examined: ExaminedLetter,
  deps: Pick<StepDeps, 'readLists'>,
): Promise<readonly ListEntry[]> {
  const readable = examined.documents.filter(({ encrypted }) => !encrypted);
  const { grids } = await deps.readLists(raw, readable, 'without body');
  if (grids.length === 0) return [];
  return understandLists(grids).entries;
}

const sought = ({ values }: ListEntry): SoughtRow => ({
  fullName: values.fullName ?? null,
  address: values.currentAddress ?? values.proposedAddress ?? null,
});
