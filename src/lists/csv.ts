import { parseDelimited, separatorOf } from './delimited.ts';
import { GridBuilder, ListBudget } from './grid-builder.ts';
import { ListError, type Grid, type ListFormat } from './port.ts';
import { decodeText } from './text-encoding.ts';

const MOST_BYTES = 20 * 1024 * 1024;

/** Delimited text (RFC 4180 and what Excel makes of it), in any of the encodings Vietnamese programs write. */
export const csv: ListFormat = {
  name: 'csv',
  mediaTypes: ['text/csv'],
  read({ bytes, filename }): Grid[] {
    if (bytes.length > MOST_BYTES) throw new ListError('too_large', 'text of more than 20 MB');
    return [delimitedGrid(decodeText(bytes), filename)];
  },
};

/** Excel writes the separator it used into a first line "sep=;". */
const TOLD = /^sep=(.)\r?\n/u;

function delimitedGrid(text: string, filename: string): Grid {
  const told = TOLD.exec(text);
  const body = told === null ? text : text.slice(told[0].length);
  const records = parseDelimited(body, told?.[1] ?? separatorOf(body) ?? ',');
  const builder = new GridBuilder(new ListBudget());
  records.forEach((fields, record) => {
    fields.forEach((field, column) => {
      if (field.trim() !== '') builder.put(record + (told === null ? 1 : 2), column, { text: field });
    });
  });
  return builder.build(filename, false);
}
