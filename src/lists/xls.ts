import * as XLSX from '@e965/xlsx';
import { GridBuilder, ListBudget } from './grid-builder.ts';
import { numberCell } from './number-format.ts';
import { ListError, type Cell, type Grid, type ListFormat } from './port.ts';

/** One more than a list may have, so that a longer sheet is refused and not cut. */
const SHEET_ROWS = 20_001;
/** Columns with content beyond this are refused by the builder. */
const LAST_COLUMN = 256;
/** BIFF text is not packed: 20,000 rows stay below this. */
const MOST_BYTES = 20 * 1024 * 1024;

/** Excel 97–2003 workbooks ([MS-XLS]), read by SheetJS. It tells no fonts: legacy text is known by its syllables. */
export const xls: ListFormat = {
  name: 'xls',
  mediaTypes: ['application/vnd.ms-excel'],
  read({ bytes, filename }) {
    if (bytes.length > MOST_BYTES) throw new ListError('too_large', 'a workbook of more than 20 MB');
    const book = open(bytes);
    const date1904 = book.Workbook?.WBProps?.date1904 ?? false;
    const budget = new ListBudget();
    return book.SheetNames.flatMap((name, i): Grid[] => {
      const sheet = book.Sheets[name];
      if (sheet === undefined) return [];
      const hidden = (book.Workbook?.Sheets?.[i]?.Hidden ?? 0) !== 0;
      return [readSheet(sheet, new GridBuilder(budget), date1904).build(`${filename} › ${name}`, hidden)];
    });
  },
};

function open(bytes: Uint8Array): XLSX.WorkBook {
  try {
    return XLSX.read(bytes, {
      type: 'array',
      cellDates: false,
      cellNF: true,
      cellHTML: false,
      cellStyles: true,
      sheetRows: SHEET_ROWS,
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new ListError(/password|encrypt/iu.test(message) ? 'encrypted' : 'malformed', message);
  }
}

function readSheet(sheet: XLSX.WorkSheet, builder: GridBuilder, date1904: boolean): GridBuilder {
  const reference = sheet['!ref'];
  if (reference === undefined) return builder;
  const { e: last } = XLSX.utils.decode_range(reference);
  for (let r = 0; r <= Math.min(last.r, SHEET_ROWS - 1); r++) {
    for (let c = 0; c <= Math.min(last.c, LAST_COLUMN); c++) {
      const cell = readCell(sheet[XLSX.utils.encode_cell({ r, c })] as XLSX.CellObject | undefined, date1904);
      if (cell !== null) builder.put(r + 1, c, cell);
    }
    if (sheet['!rows']?.[r]?.hidden === true) builder.hideRow(r + 1);
  }
  sheet['!cols']?.slice(0, LAST_COLUMN).forEach((column, c) => {
    if (column.hidden === true) builder.hideColumns(c, c);
  });
  for (const { s, e } of sheet['!merges'] ?? [])
    builder.merge({ top: s.r + 1, left: s.c, bottom: e.r + 1, right: e.c });
  return builder;
}

function readCell(cell: XLSX.CellObject | undefined, date1904: boolean): Cell | null {
  if (cell === undefined) return null;
  const formula = cell.f === undefined ? {} : { formula: true as const };
  if (cell.t === 'n') return { ...numberCell(Number(cell.v), cell.z ?? 0, date1904), ...formula };
  const text = cell.t === 'e' ? (cell.w ?? '#ERROR') : typeof cell.v === 'string' ? cell.v : '';
  return text === '' && cell.f === undefined ? null : { text, ...formula };
}
