import * as XLSX from '@e965/xlsx';

/** Cells that are one, by row and column from 0, inclusive. */
export interface SheetMerge {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** A column is as wide as its longest text, within what a page can show. */
const NARROWEST = 6;
const WIDEST = 60;

/** An xlsx with one sheet. Texts that a spreadsheet would take for a formula are kept as texts (threats.md). */
export function writeWorkbook(
  sheet: string,
  rows: readonly (readonly (string | number | null)[])[],
  merges: readonly SheetMerge[] = [],
): Buffer {
  const safe = rows.map((row) =>
    row.map((value) => (typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : value)),
  );
  const cells = XLSX.utils.aoa_to_sheet(safe);
  cells['!cols'] = widths(rows);
  if (merges.length > 0)
    cells['!merges'] = merges.map(({ top, left, bottom, right }) => ({
      s: { r: top, c: left },
      e: { r: bottom, c: right },
    }));
  const book = XLSX.utils.book_new();
  XLSX.utils.book_append_sheet(book, cells, sheet);
  return XLSX.write(book, { type: 'buffer', bookType: 'xlsx' }) as Buffer;
}

/** A row with one text is a title and may run over its neighbours. */
function widths(rows: readonly (readonly (string | number | null)[])[]): { wch: number }[] {
  const longest: number[] = [];
  for (const row of rows.filter((cells) => cells.length > 1))
    row.forEach((value, at) => {
      longest[at] = Math.max(longest[at] ?? NARROWEST, String(value ?? '').length + 1);
    });
  return longest.map((length) => ({ wch: Math.min(length, WIDEST) }));
}
