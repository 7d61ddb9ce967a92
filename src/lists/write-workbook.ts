import * as XLSX from '@e965/xlsx';

/** An xlsx with one sheet. Texts that a spreadsheet would take for a formula are kept as texts (threats.md). */
export function writeWorkbook(sheet: string, rows: readonly (readonly (string | number | null)[])[]): Buffer {
  const safe = rows.map((row) =>
    row.map((value) => (typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : value)),
  );
  const book = XLSX.utils.book_new();
  XLSX.utils.book_append_sheet(book, XLSX.utils.aoa_to_sheet(safe), sheet);
  return XLSX.write(book, { type: 'buffer', bookType: 'xlsx' }) as Buffer;
}
