import type { LoggedFields } from './search.ts';

const FIELDS = [
  'at',
  'event',
  'outcome',
  'sender',
  'recipient',
  'client',
  'size',
  'subject',
  'messageId',
  'letter',
  'dossier',
  'unit',
  'detail',
  'error',
  'actor',
  'count',
  'due',
  'queue',
  'relay',
];

/** Columns of the CSV and XLSX views. */
export const VIEW_COLUMNS: string[] = ['number', ...FIELDS];

export function viewRow(entry: LoggedFields, number: number | null): string[] {
  return [number === null ? '' : String(number), ...FIELDS.map((field) => inert(String(entry[field] ?? '')))];
}

/** A cell that a spreadsheet would take for a formula begins with an apostrophe instead (threats.md). */
export function inert(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

/** RFC 4180. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\r\n`;
}
