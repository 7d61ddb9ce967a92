import { directLength, PdfLexer, readObject } from './pdf-lexer.ts';
import { decodeStream } from './pdf-filters.ts';
import { entry, isArray, isDict, isStream, nameAt, PdfError, wholeNumber } from './pdf-values.ts';
import type { PdfDict, PdfStream, PdfValue } from './pdf-values.ts';

/**
 * Cross-reference sections (ISO 32000-2 §7.5.4, §7.5.8): classic tables, streams and hybrids. A damaged section is an
 * error and never rebuilt by searching: readers rebuild differently, and the forgeries live in that difference.
 */

/** Annex C.2 allows 8,388,607 objects; a mail with an official document stays far below this. */
const MAX_ENTRIES = 1_000_000;
/** Each signature adds one to three sections; a hundred signers still fit. */
const MAX_SECTIONS = 512;

const COMMENT = '%'.charCodeAt(0);

/** Some producers write offsets as 64-bit numbers; a value beyond the file is refused when it is used. */
const MAX_FIELD_BYTES = 8;

export type XrefEntry =
  | { readonly kind: 'free' }
  | { readonly kind: 'offset'; readonly offset: number; readonly gen: number }
  | { readonly kind: 'packed'; readonly container: number; readonly index: number };

export interface XrefSection {
  /** Offset of the section: what startxref or /Prev named. */
  readonly at: number;
  readonly trailer: PdfDict;
  readonly entries: ReadonlyMap<number, XrefEntry>;
  /** Of a hybrid: where its stream stands, and what a reader that does not know such streams sees. Else null. */
  readonly hybrid: { readonly at: number; readonly shown: ReadonlyMap<number, XrefEntry> } | null;
}

/**
 * The sections of the revision that ends at `limit`, newest first.
 * @param start the offset that `startxref` names
 */
export function readXrefChain(source: Uint8Array, start: number, limit: number): readonly XrefSection[] {
  const sections: XrefSection[] = [];
  const seen = new Set<number>();
  let total = 0;
  for (let at: number | null = start; at !== null;) {
    if (seen.has(at)) throw new PdfError('the cross-reference chain runs in a circle');
    if (sections.length >= MAX_SECTIONS)
      throw new PdfError(`more than ${MAX_SECTIONS} cross-reference sections`);
    seen.add(at);
    const section = readSection(source, at, limit);
    total += section.entries.size;
    if (total > MAX_ENTRIES) throw new PdfError(`more than ${MAX_ENTRIES} cross-reference entries`);
    sections.push(section);
    at = previous(section.trailer);
  }
  return sections;
}

function previous(trailer: PdfDict): number | null {
  const value = entry(trailer, 'Prev');
  if (value === null) return null;
  const at = wholeNumber(value);
  if (at === null) throw new PdfError('/Prev is not an offset');
  return at;
}

function readSection(source: Uint8Array, at: number, limit: number): XrefSection {
  const lexer = new PdfLexer(source, at, limit);
  if (lexer.word() === 'xref') return readTable(lexer, at);
  return readXrefStream(source, at, limit);
}

function readTable(lexer: PdfLexer, at: number): XrefSection {
  const entries = new Map<number, XrefEntry>();
  for (;;) {
    const word = lexer.word();
    if (word === 'trailer') break;
    if (!/^\d{1,10}$/.test(word)) throw new PdfError(`the cross-reference table at ${at} is damaged`);
    readSubsection(lexer, Number(word), lexer.whole(), entries);
  }
  // Entries are 20 bytes each for some readers and words for others: a comment would be read as one and skipped by the other.
  if (lexer.source.subarray(at, lexer.at).includes(COMMENT))
    throw new PdfError(`the cross-reference table at ${at} holds a comment`);
  const trailer = lexer.value();
  if (!isDict(trailer)) throw new PdfError(`the cross-reference table at ${at} has no trailer`);
  refuseRepeated(trailer);
  const stream = entry(trailer, 'XRefStm');
  if (stream === null) return { at, trailer, entries, hybrid: null };
  const shown = new Map(entries);
  return { at, trailer, entries, hybrid: { at: addHybrid(lexer, stream, entries), shown } };
}

function readSubsection(
  lexer: PdfLexer,
  first: number,
  count: number,
  entries: Map<number, XrefEntry>,
): void {
  // An entry takes 20 bytes, so a count that the file cannot hold is refused before any loop.
  if (count * 18 > lexer.limit - lexer.at)
    throw new PdfError('a cross-reference table is longer than the file');
  for (let index = 0; index < count; index += 1) {
    const offset = lexer.whole();
    const gen = lexer.whole();
    const type = lexer.word();
    if (type !== 'n' && type !== 'f') throw new PdfError('a cross-reference entry is neither n nor f');
    // Some readers take a table that begins with a free object 1 for one that begins with object 0, and count on from there.
    if (first === 1 && index === 0 && type === 'f' && count > 1)
      throw new PdfError('a cross-reference table begins with a free object 1');
    const inUse = type === 'n' && offset !== 0;
    add(entries, first + index, inUse ? { kind: 'offset', offset, gen } : { kind: 'free' });
  }
}

function add(entries: Map<number, XrefEntry>, num: number, found: XrefEntry): void {
  if (entries.has(num)) throw new PdfError(`object ${num} stands twice in one cross-reference section`);
  if (entries.size >= MAX_ENTRIES) throw new PdfError(`more than ${MAX_ENTRIES} cross-reference entries`);
  entries.set(num, found);
}

/** §7.5.8.4: the stream adds what the table hides as free; telling another place for a visible object is a forgery. */
function addHybrid(lexer: PdfLexer, value: PdfValue, entries: Map<number, XrefEntry>): number {
  const at = wholeNumber(value);
  if (at === null) throw new PdfError('/XRefStm is not an offset');
  for (const [num, hidden] of readXrefStream(lexer.source, at, lexer.limit).entries) {
    const shown = entries.get(num);
    if (shown === undefined || shown.kind === 'free') entries.set(num, hidden);
    else if (JSON.stringify(shown) !== JSON.stringify(hidden)) {
      throw new PdfError(`object ${num} has two places in a hybrid cross-reference`);
    }
  }
  return at;
}

function readXrefStream(source: Uint8Array, at: number, limit: number): XrefSection {
  const { value } = readObject(source, at, limit, directLength);
  if (!isStream(value) || nameAt(value.dict, 'Type') !== 'XRef') {
    throw new PdfError(`no cross-reference stands at ${at}`);
  }
  refuseRepeated(value.dict);
  return { at, trailer: value.dict, entries: readStreamEntries(value), hybrid: null };
}

const refuseRepeated = (trailer: PdfDict): void => {
  if (trailer.repeated.length > 0) throw new PdfError(`the trailer names /${trailer.repeated[0]!} twice`);
};

function numbers(value: PdfValue): number[] | null {
  if (!isArray(value)) return null;
  return value.items.map((item) => {
    const number = wholeNumber(item);
    if (number === null) throw new PdfError('a cross-reference stream has a damaged dictionary');
    return number;
  });
}

function readStreamEntries(stream: PdfStream): Map<number, XrefEntry> {
  const widths = numbers(entry(stream.dict, 'W'));
  const size = wholeNumber(entry(stream.dict, 'Size'));
  if (widths?.length !== 3 || widths.some((width) => width > MAX_FIELD_BYTES) || size === null) {
    throw new PdfError('a cross-reference stream has a damaged dictionary');
  }
  const index = numbers(entry(stream.dict, 'Index')) ?? [0, size];
  const data = decodeStream(stream, (value) => value);
  const entries = new Map<number, XrefEntry>();
  const step = widths[0]! + widths[1]! + widths[2]!;
  let at = 0;
  for (let pair = 0; pair + 1 < index.length; pair += 2) {
    for (let offset = 0; offset < index[pair + 1]!; offset += 1) {
      if (step === 0 || at + step > data.length) throw new PdfError('a cross-reference stream is too short');
      add(entries, index[pair]! + offset, streamEntry(data, at, widths));
      at += step;
    }
  }
  return entries;
}

/** §7.5.8.3 table 18; a width of 0 for the type means type 1. */
function streamEntry(data: Uint8Array, at: number, widths: readonly number[]): XrefEntry {
  const [w0, w1, w2] = [widths[0]!, widths[1]!, widths[2]!];
  const type = w0 === 0 ? 1 : bigEndian(data, at, w0);
  const second = bigEndian(data, at + w0, w1);
  const third = bigEndian(data, at + w0 + w1, w2);
  if (type === 0) return { kind: 'free' };
  if (type === 1) return { kind: 'offset', offset: second, gen: third };
  if (type === 2) return { kind: 'packed', container: second, index: third };
  throw new PdfError('a cross-reference entry of unknown type');
}

function bigEndian(data: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let index = at; index < at + width; index += 1) value = value * 256 + data[index]!;
  return value;
}
