import { COLUMN_KEYS, type ColumnKey } from '../rules/regulation.ts';
import type { ListEntry, MailboxList } from '../rules/mailbox-list.ts';
import { COLUMN_TITLES } from '../rules/list-titles.ts';
import type { DossierRow } from '../store/dossiers.ts';
import type { Letter } from '../store/letters.ts';
import type { Attachment } from '../store/notices.ts';
import { checkedRow } from './carry-out.ts';
import type { ActDeps } from './step.ts';

export const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

/**
 * The unit's own faulty rows as a list ready to be corrected and returned: its columns, its words, and beside each
 * row what to change. Only rows that stand in a file can be returned as one; null when there are none.
 */
export function correctionList(
  letters: readonly Letter[],
  faulty: readonly DossierRow[],
  number: string,
  deps: Pick<ActDeps, 'writeWorkbook'>,
): Attachment | null {
  const written = faulty.flatMap((row) => {
    const entry = entryOf(letters, row);
    return entry === null ? [] : [{ row, entry }];
  });
  if (written.length === 0) return null;
  const columns = COLUMN_KEYS.filter(
    (key) => key === 'no' || written.some(({ row, entry }) => key in entry.values || isWanted(row, key)),
  );
  const heading = [...columns.map((key) => COLUMN_TITLES[key]), 'Nội dung cần sửa'];
  const rows = written.map(({ row, entry }) => {
    const { line, problems } = checkedRow(row);
    const cells = columns.map((key) =>
      key === 'no' ? (entry.no ?? String(line)) : (entry.values[key] ?? null),
    );
    return [...cells, problems.map(({ text, fix }) => `${text}. ${fix}.`).join(' ')];
  });
  const title = [`DANH SÁCH ĐỀ NGHỊ CHỈNH SỬA (hồ sơ ${number})`];
  return {
    filename: `${number}-can-chinh-sua.xlsx`,
    mediaType: XLSX,
    content: deps.writeWorkbook('Danh sách', [title, [], heading, ...rows]),
  };
}

/** A column the unit left out but has to fill in. */
const isWanted = (row: DossierRow, key: ColumnKey): boolean =>
  checkedRow(row).problems.some(({ column }) => column === key);

function entryOf(letters: readonly Letter[], row: DossierRow): ListEntry | null {
  const list = letters.find(({ id }) => id === row.letter)?.findings['read-list'] as MailboxList | undefined;
  return list?.entries[row.position] ?? null;
}
