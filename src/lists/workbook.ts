import * as XLSX from '@e965/xlsx';
import { checkZip } from './zip.ts';
import { ListError, type Cell, type Grid, type GridRow, type ListFormat } from './port.ts';

/** Lists of a province have thousands of rows at most; wider than 64 columns is no list. */
const MAX_ROWS = 20_000;
const MAX_COLUMNS = 64;

const ZIP = Buffer.from('PK\x03\x04', 'latin1');
const OLE = Buffer.from('d0cf11e0a1b11ae1', 'hex');

/** xlsx, ods (zip packages) and xls, read by SheetJS after the package has been looked at. */
export const workbook: ListFormat = {
  name: 'xlsx',
  recognises(bytes) {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    if (buffer.subarray(0, 4).equals(ZIP))
      return buffer.includes('xl/workbook') || buffer.includes('opendocument.spreadsheet');
    return buffer.subarray(0, 8).equals(OLE) && buffer.includes(Buffer.from('Workbook', 'utf16le'));
  },
  read(bytes, filename) {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    if (buffer.subarray(0, 4).equals(ZIP)) checkZip(buffer);
    let book: XLSX.WorkBook;
    try {
      book = XLSX.read(buffer, {
        type: 'buffer',
        cellDates: false,
        cellNF: true,
        cellHTML: false,
        cellFormula: true,
        sheetRows: MAX_ROWS,
      });
    } catch (error) {
      throw new ListError('malformed', error instanceof Error ? error.message : String(error));
    }
    return book.SheetNames.map((name, i) => {
      const hidden = (book.Workbook?.Sheets?.[i]?.Hidden ?? 0) !== 0;
      return readSheet(book.Sheets[name]!, `${filename} › ${name}`, hidden);
    });
  },
};

/** SheetJS types its number formatter as `any`. */
const formatter = XLSX.SSF as {
  is_date(format: string): boolean;
  parse_date_code(serial: number): { y: number; m: number; d: number };
};

function readSheet(sheet: XLSX.WorkSheet, source: string, hidden: boolean): Grid {
  const reference = sheet['!ref'];
  if (reference === undefined) return { source, hidden, rows: [], merges: [] };
  const range = XLSX.utils.decode_range(reference);
  const columns = Math.min(range.e.c, MAX_COLUMNS - 1);
  const rows: GridRow[] = [];
  for (let r = 0; r <= Math.min(range.e.r, MAX_ROWS - 1); r++) {
    const cells: (Cell | null)[] = [];
    for (let c = 0; c <= columns; c++)
      cells.push(readCell(sheet[XLSX.utils.encode_cell({ r, c })] as XLSX.CellObject | undefined));
    rows.push({ line: r + 1, hidden: sheet['!rows']?.[r]?.hidden ?? false, cells });
  }
  const merges = (sheet['!merges'] ?? []).map(({ s, e }) => ({
    top: s.r + 1,
    left: s.c,
    bottom: e.r + 1,
    right: e.c,
  }));
  return { source, hidden, rows, merges };
}

function readCell(cell: XLSX.CellObject | undefined): Cell | null {
  if (cell?.v === undefined) return null;
  const formula = cell.f === undefined ? {} : { formula: true as const };
  if (cell.t !== 'n') return { text: typeof cell.v === 'string' ? cell.v : (cell.w ?? ''), ...formula };
  const number = Number(cell.v);
  if (typeof cell.z === 'string' && formatter.is_date(cell.z)) {
    const { y, m, d } = formatter.parse_date_code(number);
    const text = `${String(d).padStart(2, '0')}/${String(m).padStart(2, '0')}/${y}`;
    return { text, number, date: { year: y, month: m, day: d }, ...formula };
  }
  return { text: cell.w ?? String(number), number, ...formula };
}
