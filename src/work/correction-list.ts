import { COLUMN_KEYS, type ColumnKey } from '../rules/regulation.ts';
import type { ListColumn, ListEntry, ListTable, MailboxList } from '../rules/mailbox-list.ts';
import { COLUMN_TITLES, titleOfKind } from '../rules/list-titles.ts';
import type { DossierRow } from '../store/dossiers.ts';
import type { Letter } from '../store/letters.ts';
import type { Attachment } from '../store/notices.ts';
import { checkedRow } from './carry-out.ts';
import type { ActDeps } from './step.ts';

export const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

/** The heading of the last column; whoever reads the returned list passes over it. */
const TO_CORRECT = 'Nội dung cần sửa';

type Cells = readonly (string | null)[];
interface Written {
  readonly row: DossierRow;
  readonly entry: ListEntry;
  readonly table: ListTable | null;
}

/**
 * The unit's own faulty rows as a list ready to be corrected and returned: under its own headings, in its own words, and
 * beside each row what to change. Only rows that stand in a file can be returned as one; null when there are none.
 *
 * Rows of different tables stay apart, and what a row asks for stands over it wherever the row itself does not say so:
 * the title that said it is not in this file.
 */
export function correctionList(
  letters: readonly Letter[],
  faulty: readonly DossierRow[],
  number: string,
  deps: Pick<ActDeps, 'writeWorkbook'>,
): Attachment | null {
  const written = faulty.flatMap((row) => writtenOf(letters, row));
  if (written.length === 0) return null;
  const blocks = Map.groupBy(written, ({ row, entry, table }) => {
    const columns = table === null ? '' : JSON.stringify(table.columns);
    return `${titleOf(row, entry, table) ?? ''}\n${columns}`;
  });
  const rows: Cells[] = [[`DANH SÁCH ĐỀ NGHỊ CHỈNH SỬA (hồ sơ ${number})`]];
  const merges: { top: number; left: number; bottom: number; right: number }[] = [];
  // Without a title of its own a table goes on with what the one above it asked for: those come first.
  for (const block of [...blocks.entries()].toSorted(
    ([a], [b]) => Number(hasTitle(a)) - Number(hasTitle(b)),
  )) {
    const [first] = block[1];
    const title = titleOf(first!.row, first!.entry, first!.table);
    rows.push([], ...(title === null ? [] : [[title]]));
    const { heading, body } = blockOf(block[1]);
    merges.push(...mergesOf(heading, rows.length));
    rows.push(...headingRows(heading), ...body);
  }
  return {
    filename: `${number}-can-chinh-sua.xlsx`,
    mediaType: XLSX,
    content: deps.writeWorkbook('Danh sách', rows, merges),
  };
}

const hasTitle = (key: string): boolean => !key.startsWith('\n');

function writtenOf(letters: readonly Letter[], row: DossierRow): Written[] {
  const list = letters.find(({ id }) => id === row.letter)?.findings['read-list'] as MailboxList | undefined;
  const entry = list?.entries[row.position];
  if (entry === undefined) return [];
  const table = entry.table === undefined ? undefined : list?.tables?.[entry.table];
  return [{ row, entry, table: entry.cells === undefined ? null : (table ?? null) }];
}

/** What the row's table has to say of it; null where a column of the row itself does. */
function titleOf(row: DossierRow, { cells }: ListEntry, table: ListTable | null): string | null {
  const saysSo = table?.columns.some(({ asks }, at) => asks && (cells?.[at] ?? null) !== null) ?? false;
  return saysSo ? null : titleOfKind(checkedRow(row).kind);
}

function blockOf(written: readonly Written[]): {
  heading: Pick<ListColumn, 'group' | 'heading'>[];
  body: Cells[];
} {
  const table = written[0]!.table;
  const known = table?.columns.flatMap(({ holds }) => holds) ?? [];
  const shown = (key: ColumnKey): boolean =>
    written.some(({ row, entry }) => isWanted(row, key) || (table === null && key in entry.values));
  // The unit's own columns, then those it left out but has to fill in.
  const added = COLUMN_KEYS.filter(
    (key) => !known.includes(key) && (shown(key) || (table === null && key === 'no')),
  );
  const titles = [...added.map((key) => COLUMN_TITLES[key]), TO_CORRECT];
  return {
    heading: [...(table?.columns ?? []), ...titles.map((heading) => ({ group: '', heading }))],
    body: written.map(({ row, entry }) => [
      ...(table === null ? [] : entry.cells!),
      ...added.map((key) => (key === 'no' ? numberOf(row, entry) : (entry.values[key] ?? null))),
      checkedRow(row)
        .problems.map(({ text, fix }) => `${text}. ${fix}.`)
        .join(' '),
    ]),
  };
}

const numberOf = (row: DossierRow, { no }: ListEntry): string => no ?? String(checkedRow(row).line);

/** A column the unit left out but has to fill in. */
const isWanted = (row: DossierRow, key: ColumnKey): boolean =>
  key !== 'no' && checkedRow(row).problems.some(({ column }) => column === key);

type Heads = readonly Pick<ListColumn, 'group' | 'heading'>[];

const inTwoRows = (heads: Heads): boolean => heads.some(({ group }) => group !== '');

/** One row of headings, or two where the unit's table has groups over its columns. */
function headingRows(heads: Heads): Cells[] {
  if (!inTwoRows(heads)) return [heads.map(({ heading }) => heading)];
  const upper = heads.map(({ group, heading }, at) =>
    group === '' ? heading : group === heads[at - 1]?.group ? null : group,
  );
  return [upper, heads.map(({ group, heading }) => (group === '' ? null : heading))];
}

function mergesOf(heads: Heads, top: number): { top: number; left: number; bottom: number; right: number }[] {
  if (!inTwoRows(heads)) return [];
  return heads.flatMap(({ group }, left) => {
    if (group === '') return [{ top, left, bottom: top + 1, right: left }];
    if (group === heads[left - 1]?.group) return [];
    let right = left;
    while (heads[right + 1]?.group === group) right++;
    return right === left ? [] : [{ top, left, bottom: top, right }];
  });
}
