import type { Action } from './list-actions.ts';
import type { TextRow } from './list-cells.ts';
import type { Column, Header } from './list-header.ts';
import type { ColumnPart } from './list-headings.ts';

/** Of these a row has one value; the first filled cell counts and others are only told. */
const SINGLE: readonly ColumnPart[] = ['phone', 'idNumber', 'birthDate', 'currentAddress', 'proposedAddress'];

type Named = Exclude<Column, { tick: Action }>;

const isSingle = (column: Column): column is Named =>
  !('tick' in column) && column.parts.length === 1 && SINGLE.includes(column.parts[0]!);

/** Telephones nobody carries: a code cannot be sent there, so any other number goes first. */
const AT_DESK = /(?<!\p{L})(?:cơ quan|cố định|bàn|nhà riêng|cq|nr|fax|đơn vị)(?!\p{L})/iu;

/** Columns in the order their values count: of two telephones the mobile one first, all else as it stands. */
export function preferred(columns: readonly Column[]): Column[] {
  const late = (column: Column): boolean =>
    isSingle(column) && column.parts[0] === 'phone' && AT_DESK.test(column.heading);
  return [...columns.filter((column) => !late(column)), ...columns.filter(late)];
}

/**
 * What a row says in columns nobody knows, beside its newer value ("Đơn vị cũ") or a second time (two telephones). It
 * decides nothing, but it does not vanish: an officer sees it.
 * @param old columns whose values are superseded by others of the same row
 */
export function asideOf(row: TextRow, header: Header, old: ReadonlySet<number>): string[] {
  const counted = countedAt(row, header, old);
  const told = header.columns.flatMap((column) => {
    const cell = row.cells[column.at] ?? null;
    if (cell === null || 'tick' in column) return [];
    const unknown = column.parts.length === 0;
    const second = isSingle(column) && !counted.has(column.at);
    return unknown || old.has(column.at) || second ? [`${column.heading}: ${cell.text}`] : [];
  });
  return [...told, ...outside(row, header)];
}

/** The columns whose cell is the one value of its part. */
function countedAt(row: TextRow, header: Header, old: ReadonlySet<number>): ReadonlySet<number> {
  const first = new Map<ColumnPart, number>();
  for (const column of preferred(header.columns)) {
    if (!isSingle(column) || old.has(column.at) || (row.cells[column.at] ?? null) === null) continue;
    if (!first.has(column.parts[0]!)) first.set(column.parts[0]!, column.at);
  }
  return new Set(first.values());
}

/** Cells beside the table, below no heading. */
function outside(row: TextRow, { columns }: Header): string[] {
  const headed = new Set(columns.map(({ at }) => at));
  return row.cells.flatMap((cell, at) =>
    cell === null || headed.has(at) ? [] : [`Cột không có tiêu đề: ${cell.text}`],
  );
}
