import type { TextCell } from './list-cells.ts';
import type { Column, Header } from './list-header.ts';
import type { ColumnPart } from './list-headings.ts';
import type { ListTable } from './mailbox-list.ts';
import type { ColumnKey } from './regulation.ts';

/** What has to be kept of a table so that a row of it can be given back as its unit wrote it. */
export const tableOf = ({ columns }: Header): ListTable => ({
  columns: columns.map((column) => ({
    group: column.group,
    heading: column.own,
    holds: 'tick' in column ? [] : [...new Set(column.parts.map(keyOf))],
    asks: 'tick' in column || column.parts.includes('action'),
  })),
});

const keyOf = (part: ColumnPart): ColumnKey => (part === 'surname' || part === 'given' ? 'fullName' : part);

/**
 * A row's cells in the order of its table's columns. Where a column alone holds a value, the value as it was read: a
 * telephone that a spreadsheet shows as 9.05E+08 would come back as that.
 */
export function writtenCells(
  { columns }: Header,
  values: Readonly<Partial<Record<ColumnKey, string>>>,
  cellOf: (column: Column) => TextCell | null,
): (string | null)[] {
  const holders = new Map<ColumnPart, number>();
  for (const column of columns)
    if (!('tick' in column)) for (const part of column.parts) holders.set(part, (holders.get(part) ?? 0) + 1);
  return columns.map((column) => {
    const [only, second] = 'tick' in column ? [] : column.parts;
    const alone = only !== undefined && second === undefined && holders.get(only) === 1;
    const value = alone && only !== 'surname' && only !== 'given' ? values[only] : undefined;
    return value ?? cellOf(column)?.written ?? null;
  });
}
