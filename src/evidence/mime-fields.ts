/**
 * Header blocks and structured field values (RFC 5322 §2.2, RFC 2045 §5.1, RFC 2231). Bytes are read as Latin-1 so
 * that a value keeps its exact octets; what a person reads is decoded later (mime-words.ts).
 */

export interface Field {
  /** Lower-case. */
  readonly name: string;
  /** Unfolded, outer spaces removed, still Latin-1. */
  readonly value: string;
}

/** A letter that reaches a bound is quarantined with this text, never guessed at (threats.md "Inside the message"). */
export class MimeLimit extends Error {
  override name = 'MimeLimit';
}

/** Real letters stay below 40 KB; at 2.1 MB mailparser silently returned no headers at all. */
export const MAX_HEADER_BYTES = 256 * 1024;
/** A field value takes part in character-by-character parsing only up to here. */
const MAX_PARAMETERS = 64;

export interface HeaderBlock {
  readonly fields: readonly Field[];
  /** Offset of the first byte after the empty line. */
  readonly bodyAt: number;
}

/** Reads the fields up to the empty line. Throws MimeLimit when none comes within MAX_HEADER_BYTES. */
export function readHeader(bytes: Uint8Array): HeaderBlock {
  const fields: { name: string; lines: string[] }[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at > MAX_HEADER_BYTES) throw new MimeLimit('header block of more than 256 KB');
    const feed = bytes.indexOf(0x0a, at);
    const end = feed === -1 ? bytes.length : feed;
    if (end - at > MAX_HEADER_BYTES) throw new MimeLimit('header block of more than 256 KB');
    const line = latin1(bytes.subarray(at, bytes[end - 1] === 0x0d && end > at ? end - 1 : end));
    at = feed === -1 ? bytes.length : feed + 1;
    if (line === '') break;
    const named = /^([!-9;-~]+)[ \t]*:/.exec(line);
    if (/^[ \t]/.test(line)) fields.at(-1)?.lines.push(line);
    else if (named !== null)
      fields.push({ name: named[1]!.toLowerCase(), lines: [line.slice(named[0].length)] });
  }
  return {
    fields: fields.map(({ name, lines }) => ({ name, value: lines.join('').trim() })),
    bodyAt: at,
  };
}

export const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');

export const fieldValues = (fields: readonly Field[], name: string): string[] =>
  fields.filter((field) => field.name === name).map((field) => field.value);

export const firstField = (fields: readonly Field[], name: string): string | null =>
  fieldValues(fields, name)[0] ?? null;

export interface StructuredValue {
  /** "multipart/signed", "attachment"; lower-case. */
  readonly value: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** Extended parameters (RFC 2231) joined, with the charset they name. */
  readonly extended: ReadonlyMap<string, { readonly charset: string; readonly octets: Uint8Array }>;
  /** A parameter given twice: two readers may take different ones. */
  readonly ambiguous: boolean;
}

/** Reads `token; name=value; name*0*=…`. Comments are dropped; nothing here throws. */
export function readStructured(text: string): StructuredValue {
  const [head = '', ...rest] = splitParameters(text);
  const parameters = new Map<string, string>();
  const pieces = new Map<string, Map<number, { text: string; encoded: boolean }>>();
  let ambiguous = rest.length > MAX_PARAMETERS;
  for (const item of rest.slice(0, MAX_PARAMETERS)) {
    const equals = item.indexOf('=');
    if (equals < 1) continue;
    const name = item.slice(0, equals).trim().toLowerCase();
    const value = unquote(item.slice(equals + 1).trim());
    const extended = /^([^*]+)(?:\*(\d{1,3}))?(\*)?$/.exec(name);
    if (extended === null) continue;
    if (extended[2] === undefined && extended[3] === undefined) {
      if (parameters.has(name)) ambiguous = true;
      else parameters.set(name, value);
      continue;
    }
    const series = pieces.get(extended[1]!) ?? new Map<number, { text: string; encoded: boolean }>();
    const number = Number(extended[2] ?? 0);
    if (series.has(number)) ambiguous = true;
    else series.set(number, { text: value, encoded: extended[3] === '*' });
    pieces.set(extended[1]!, series);
  }
  return { value: head.trim().toLowerCase(), parameters, extended: joinPieces(pieces), ambiguous };
}

/** Splits at semicolons outside quotes; comments outside quotes vanish (RFC 5322 §3.2.2). */
function splitParameters(text: string): string[] {
  const items: string[] = [];
  let item = '';
  let quoted = false;
  let comment = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (c === '\\' && (quoted || comment > 0)) {
      if (comment === 0) item += c + (text[i + 1] ?? '');
      i++;
    } else if (quoted || (c === '"' && comment === 0)) {
      if (c === '"') quoted = !quoted;
      item += c;
    } else if (c === '(') comment++;
    else if (c === ')' && comment > 0) comment--;
    else if (comment > 0) continue;
    else if (c === ';') {
      items.push(item);
      item = '';
    } else item += c;
  }
  return [...items, item];
}

function unquote(value: string): string {
  if (!value.startsWith('"')) return value;
  const inner = value.endsWith('"') && value.length > 1 ? value.slice(1, -1) : value.slice(1);
  return inner.replace(/\\(.)/gs, '$1');
}

/** RFC 2231 §3–4: pieces in order from 0, the charset named by the first. */
function joinPieces(pieces: ReadonlyMap<string, ReadonlyMap<number, { text: string; encoded: boolean }>>) {
  const joined = new Map<string, { charset: string; octets: Uint8Array }>();
  for (const [name, series] of pieces) {
    const chunks: Buffer[] = [];
    let charset = '';
    for (let number = 0; ; number++) {
      const piece = series.get(number);
      if (piece === undefined) break;
      let text = piece.text;
      if (number === 0 && piece.encoded) {
        const parts = /^([^']*)'[^']*'(.*)$/s.exec(text);
        charset = parts?.[1] ?? '';
        text = parts?.[2] ?? text;
      }
      chunks.push(Buffer.from(piece.encoded ? percentDecoded(text) : text, 'latin1'));
    }
    if (chunks.length > 0) joined.set(name, { charset, octets: Buffer.concat(chunks) });
  }
  return joined;
}

const percentDecoded = (text: string): string =>
  text.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
