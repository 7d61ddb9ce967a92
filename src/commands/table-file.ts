import fs from 'node:fs';
import path from 'node:path';
import { UserError } from '../errors.ts';
import { sniff } from '../evidence/sniff.ts';
import { readList } from '../lists/formats.ts';
import { ListError } from '../lists/port.ts';
import { plain } from '../rules/request-kinds.ts';

/** A row of an import file: values by column, and the line it stands on. */
export interface TableRow<Column extends string> {
  readonly line: number;
  readonly values: Readonly<Partial<Record<Column, string>>>;
}

/**
 * Reads a csv or xlsx whose first row names the columns, in English or Vietnamese.
 * @throws UserError naming the file and what is wrong with it
 */
export async function readTable<Column extends string>(
  file: string,
  columns: Readonly<Record<Column, readonly string[]>>,
  required: readonly Column[],
): Promise<TableRow<Column>[]> {
  let bytes: Buffer;
  try {
    bytes = fs.readFileSync(file);
  } catch {
    throw new UserError(`${file} cannot be read.`);
  }
  const filename = path.basename(file);
  const grids = await readList({ bytes, filename, ...sniff(bytes, filename) }).catch((error: unknown) => {
    if (error instanceof ListError)
      throw new UserError(`${file}: ${error.message}`, 'Give a .csv or .xlsx file.');
    throw error;
  });
  const rows = grids[0]?.rows.filter((row) => row.cells.some((cell) => cell !== null)) ?? [];
  const [head, ...body] = rows;
  const key = (text: string): string =>
    plain(text)
      .replaceAll(/[^a-z0-9]+/g, ' ')
      .trim();
  const places = new Map<Column, number>();
  for (const column of Object.keys(columns) as Column[]) {
    const place =
      head?.cells.findIndex((cell) => cell !== null && columns[column].includes(key(cell.text))) ?? -1;
    if (place >= 0) places.set(column, place);
  }
  const missing = required.filter((column) => !places.has(column));
  if (missing.length > 0) {
    throw new UserError(
      `${file}: the first row names no column ${missing.join(', ')}.`,
      `Columns: ${Object.keys(columns).join(', ')}`,
    );
  }
  return body.map((row) => {
    const values: Partial<Record<Column, string>> = {};
    for (const [column, place] of places) {
      const text = row.cells[place]?.text.normalize('NFC').trim();
      if (text !== undefined && text !== '') values[column] = text;
    }
    return { line: row.line, values };
  });
}

/** Progress on a terminal for long work; silent in a pipe. */
export function progress(err: NodeJS.WritableStream, what: string): (done: number, all: number) => void {
  const terminal = 'isTTY' in err && err.isTTY === true;
  return (done, all) => {
    if (terminal) err.write(`\r${what}: ${done}/${all}${done === all ? '\n' : ''}`);
  };
}
