import { csv } from './csv.ts';
import { ListError, type Grid, type ListFormat } from './port.ts';
import { workbook } from './workbook.ts';

/** Every list format. A new one is one file and one line here. */
export const FORMATS: readonly ListFormat[] = [workbook, csv];

/** @throws ListError for what is refused; `unsupported` when no format knows the file */
export async function readList(bytes: Uint8Array, filename: string): Promise<Grid[]> {
  const format = FORMATS.find((candidate) => candidate.recognises(bytes, filename));
  if (format === undefined) throw new ListError('unsupported', `no list format for ${filename}`);
  return format.read(bytes, filename);
}
