import { csv } from './csv.ts';
import { docx } from './docx.ts';
import { html } from './html.ts';
import { ods } from './ods.ts';
import { odt } from './odt.ts';
import { pdfTable } from './pdf-table.ts';
import { plainText } from './plain-text.ts';
import { ListError, type Grid, type ListFile, type ListFormat } from './port.ts';
import { xls } from './xls.ts';
import { xlsx } from './xlsx.ts';

/** Every list format. A new one is one file and one line here. */
export const FORMATS: readonly ListFormat[] = [xlsx, xls, ods, docx, odt, pdfTable, csv, html, plainText];

/** Kinds of file that may hold a list, for which there is no reader: the unit is asked for another kind. */
const UNREADABLE = [
  'application/msword',
  'application/rtf',
  'application/vnd.rar',
  'application/x-7z-compressed',
  'application/zip',
];

/** @throws ListError for what is refused; `unsupported` when the file is no list */
export async function readList(file: ListFile): Promise<Grid[]> {
  if (file.encrypted) throw new ListError('encrypted', `${file.filename} needs a password`);
  const format = FORMATS.find(({ mediaTypes }) => mediaTypes.includes(file.mediaType));
  if (format !== undefined) return format.read(file);
  const code = UNREADABLE.includes(file.mediaType) ? 'unreadable_format' : 'unsupported';
  throw new ListError(code, `no list format for ${file.filename} (${file.mediaType})`);
}
