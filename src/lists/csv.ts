import iconv from 'iconv-lite';
import { ListError, type Grid, type ListFormat } from './port.ts';

const MAX_BYTES = 20 * 1024 * 1024;
const MAX_ROWS = 20_000;

/** Comma, semicolon or tab separated text (RFC 4180 and what Excel makes of it). */
export const csv: ListFormat = {
  name: 'csv',
  recognises(bytes, filename) {
    // Text has no signature of its own; the name is needed, and binary content is refused whatever the name.
    return /\.(csv|tsv|txt)$/i.test(filename) && !decode(bytes.subarray(0, 4096)).includes('\u0000');
  },
  read(bytes, filename): Grid[] {
    if (bytes.length > MAX_BYTES) throw new ListError('too_large', 'text of more than 20 MB');
    const text = decode(bytes);
    const records = parse(text, separatorOf(text));
    const rows = records.map((fields, i) => ({
      line: i + 1,
      hidden: false,
      cells: fields.map((field) => (field.trim() === '' ? null : { text: field })),
    }));
    return [{ source: filename, hidden: false, rows, merges: [] }];
  },
};

function decode(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (buffer[0] === 0xff && buffer[1] === 0xfe) return buffer.subarray(2).toString('utf16le');
  if (buffer[0] === 0xfe && buffer[1] === 0xff) return iconv.decode(buffer, 'utf16be');
  const utf8 = buffer.toString('utf8').replace(/^\ufeff/, '');
  return utf8.includes('\ufffd') ? iconv.decode(buffer, 'windows-1258').normalize('NFC') : utf8;
}

/** The candidate that occurs most often outside quotes in the first lines. */
function separatorOf(text: string): string {
  const head = text.slice(0, 8192).replaceAll(/"[^"]*"/g, '');
  const count = (separator: string): number => head.split(separator).length;
  return [';', ',', '\t', '|'].reduce((best, other) => (count(other) > count(best) ? other : best));
}

function parse(text: string, separator: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let field = '';
  let quoted = false;
  const endField = (): void => {
    record.push(field);
    field = '';
  };
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (quoted) {
      if (char !== '"') field += char;
      else if (text[i + 1] === '"') field += text[++i]!;
      else quoted = false;
    } else if (char === '"' && field === '') quoted = true;
    else if (char === separator) endField();
    else if (char === '\n') {
      endField();
      records.push(record);
      record = [];
      if (records.length > MAX_ROWS) throw new ListError('too_large', `more than ${MAX_ROWS} rows`);
    } else if (char !== '\r') field += char;
  }
  if (field !== '' || record.length > 0) {
    endField();
    records.push(record);
  }
  return records;
}
