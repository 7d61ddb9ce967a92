import { ListError } from './port.ts';

/** One more than a list may have, so that a longer file is refused and not cut. */
const MOST_RECORDS = 20_001;
const SEPARATORS = [';', ',', '\t', '|', '^', '~', '¦', '§'];
/** Enough of a file to see how its lines are divided. */
const SAMPLE = 16 * 1024;

/** RFC 4180 with any separator; a record ends at CRLF, LF or CR. @throws ListError when a quote is never closed */
export function parseDelimited(text: string, separator: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let at = 0;
  while (at < text.length) {
    const [field, next] = text[at] === '"' ? quoted(text, at, separator) : bare(text, at, separator);
    record.push(field);
    at = next;
    if (text[at] === separator) {
      at++;
      if (at < text.length) continue;
      record.push('');
    }
    if (text[at] === '\r' && text[at + 1] === '\n') at++;
    at++;
    records.push(record);
    record = [];
    if (records.length > MOST_RECORDS) throw new ListError('too_large', 'more rows than any list has');
  }
  return records;
}

function bare(text: string, from: number, separator: string): [string, number] {
  let at = from;
  while (at < text.length && text[at] !== separator && text[at] !== '\n' && text[at] !== '\r') at++;
  return [text.slice(from, at), at];
}

/** What stands between a closing quote and the separator belongs to the field: `"Hoa" Nguyễn`. */
function quoted(text: string, from: number, separator: string): [string, number] {
  let field = '';
  let at = from + 1;
  for (;;) {
    const end = text.indexOf('"', at);
    if (end < 0) throw new ListError('malformed', 'a quote is never closed');
    field += text.slice(at, end);
    if (text[end + 1] !== '"') {
      const [rest, next] = bare(text, end + 1, separator);
      return [field + rest, next];
    }
    field += '"';
    at = end + 2;
  }
}

/**
 * The separator that divides most lines into equally many fields; null when none divides two lines alike. Commas
 * inside a title ("Quảng Bình, ngày …") divide few lines and each otherwise.
 */
export function separatorOf(text: string): string | null {
  const lines = text
    .slice(0, SAMPLE)
    .replaceAll(/"(?:[^"]|"")*"/gu, '')
    .split(/\r\n|\n|\r/u);
  let best: string | null = null;
  let most = 0;
  for (const separator of SEPARATORS) {
    const counts = new Map<number, number>();
    for (const line of lines) {
      const fields = line.split(separator).length;
      if (fields > 1) counts.set(fields, (counts.get(fields) ?? 0) + 1);
    }
    const score = Math.max(0, ...[...counts].map(([fields, times]) => (fields - 1) * times));
    if (score > most) [best, most] = [separator, score];
  }
  return best;
}
