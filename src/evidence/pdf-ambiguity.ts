import type { PdfDocument } from './pdf-document.ts';
import { isSpace, PdfLexer } from './pdf-lexer.ts';
import { movingPart } from './pdf-moving-parts.ts';
import { entry, isArray, isDict, isRef, isStream, PdfError } from './pdf-values.ts';
import type { PdfRef, PdfValue } from './pdf-values.ts';
import type { XrefEntry } from './pdf-xref.ts';

/**
 * Whether other readers could see another document in the same bytes. Each of these was used, or works, as a forgery:
 * the signer's reader shows one text and the one that takes over the list another, under one valid signature. So a file
 * must say everything once (readers that search the file for objects must find what the cross-reference names), and
 * must not show now one thing, now another (pdf-moving-parts.ts).
 */

/** The first reason why readers could differ, or null. Never throws on hostile input. */
export function ambiguity(document: PdfDocument): string | null {
  try {
    return (
      secondBeginning(document) ??
      hybridFault(document) ??
      misplaced(document) ??
      hiddenObject(document) ??
      hiddenTrailer(document) ??
      contradiction(document)
    );
  } catch (error) {
    if (error instanceof PdfError) return error.message;
    throw error;
  }
}

/**
 * Annex F: when /L is the length of the file, readers that know linearised files begin with the cross-reference behind
 * that first object, all others with the one that the last `startxref` names.
 */
function secondBeginning(document: PdfDocument): string | null {
  const lexer = new PdfLexer(document.bytes, 0, document.end);
  const found = firstObject(lexer);
  if (!isDict(found) || entry(found, 'Linearized') === null) return null;
  if (document.resolve(entry(found, 'L')) !== document.end) return null;
  lexer.expect('endobj');
  lexer.skipSpace();
  return document.sections[0]!.at === lexer.at
    ? null
    : 'the linearisation names another cross-reference than startxref';
}

function firstObject(lexer: PdfLexer): PdfValue {
  try {
    lexer.whole();
    lexer.whole();
    lexer.expect('obj');
    return lexer.value();
  } catch {
    return null;
  }
}

/**
 * §7.5.8.4: what pages and form need must be the same for a reader that does not look into the streams of a hybrid, and
 * for one that does (Word hides its structure tree there; pdf.js and MuPDF do not see what the table says is free).
 */
function hybridFault(document: PdfDocument): string | null {
  const { sections } = document;
  const streamed = sections.flatMap((one) => (one.hybrid === null ? [] : [...one.entries.keys()]));
  const hidden = new Set<number>();
  for (const num of new Set(streamed)) {
    const simple = sections.map((one) => (one.hybrid?.shown ?? one.entries).get(num)).find(isGiven);
    const full = sections.map((one) => one.entries.get(num)).find(isGiven)!;
    if (simple === undefined || simple.kind === 'free') hidden.add(num);
    else if (!samePlace(simple, full)) return `object ${num} has two places in a hybrid cross-reference`;
  }
  return hidden.size === 0 ? null : usesHidden(document, hidden);
}

const isGiven = <T>(value: T | undefined): value is T => value !== undefined;

function usesHidden(document: PdfDocument, hidden: ReadonlySet<number>): string | null {
  const catalog = document.catalog();
  const open: PdfValue[] = ['Pages', 'AcroForm'].map((key) => entry(catalog, key));
  const seen = new Set<number>();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (isRef(next)) {
      if (hidden.has(next.num)) return `object ${next.num} is hidden in a hybrid cross-reference`;
      if (!seen.has(next.num)) open.push(document.resolve(next));
      seen.add(next.num);
    } else for (const part of partsOf(next)) open.push(part);
  }
  return null;
}

/** The values directly inside a value. */
function partsOf(value: PdfValue): readonly PdfValue[] {
  if (isArray(value)) return value.items;
  if (isDict(value)) return [...value.entries.values()];
  return isStream(value) ? [...value.dict.entries.values()] : [];
}

const samePlace = (a: XrefEntry, b: XrefEntry): boolean => JSON.stringify(a) === JSON.stringify(b);

/**
 * One object that does not stand where the cross-reference says makes many readers throw the whole cross-reference away
 * and search the file for objects.
 */
function misplaced(document: PdfDocument): string | null {
  for (const num of document.numbers()) {
    const place = document.place(num)!;
    if (place.kind !== 'offset') continue;
    const lexer = new PdfLexer(document.bytes, Math.min(place.offset, document.end), document.end);
    if (lexer.word() !== String(num) || lexer.word() !== String(place.gen) || lexer.word() !== 'obj')
      return `object ${num} does not stand where the cross-reference says`;
  }
  return null;
}

/** Readers that search take every `N G obj`, and of one number the last: it must be the one the cross-reference names. */
function hiddenObject(document: PdfDocument): string | null {
  const known = definitions(document);
  const last = new Map<number, number>();
  for (const { at, num } of objectHeads(document)) {
    if (known.get(at) !== num) return `object ${num} at ${at} is hidden from the cross-reference`;
    last.set(num, at);
  }
  for (const [num, at] of last) {
    const place = document.place(num);
    if (place?.kind === 'offset' && firstDigit(document, place.offset) !== at)
      return `an older object ${num} stands behind the newer one`;
  }
  return null;
}

/** Offset of the first digit → number, for every object that any section of the chain ever named. */
function definitions(document: PdfDocument): Map<number, number> {
  const known = new Map<number, number>();
  for (const section of document.sections) {
    for (const at of [section.at, section.hybrid?.at ?? section.at]) known.set(at, numberAt(document, at));
    for (const [num, place] of section.entries)
      if (place.kind === 'offset' && place.offset < document.end)
        known.set(firstDigit(document, place.offset), num);
  }
  return known;
}

function firstDigit({ bytes, end }: PdfDocument, offset: number): number {
  const lexer = new PdfLexer(bytes, offset, end);
  lexer.skipSpace();
  return lexer.at;
}

const numberAt = ({ bytes, end }: PdfDocument, offset: number): number =>
  Number(new PdfLexer(bytes, offset, end).word());

/** Every `N G obj` in the file, in streams and strings as well: who searches does not know where they are. */
function* objectHeads({ bytes, end }: PdfDocument): Generator<{ at: number; num: number }> {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, end);
  for (let word = file.indexOf('obj'); word >= 0; word = file.indexOf('obj', word + 3)) {
    const generation = numberBefore(file, word);
    const number = generation === null ? null : numberBefore(file, generation);
    if (number !== null)
      yield { at: number, num: Number.parseInt(file.toString('latin1', number, number + 12), 10) };
  }
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;

/** Where the digits begin that stand before `end` with white space between; null when something else does. */
function numberBefore(file: Buffer, end: number): number | null {
  let at = end;
  while (isSpace(file[at - 1])) at -= 1;
  const close = at;
  while (isDigit(file[at - 1])) at -= 1;
  return at === close || close === end ? null : at;
}

/** Readers that search for objects search for `trailer` too. */
function hiddenTrailer(document: PdfDocument): string | null {
  const { bytes, end, sections } = document;
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, end);
  const known = new Set(sections.map(({ trailer }) => trailer.place.start));
  for (let at = file.indexOf('trailer'); at >= 0; at = file.indexOf('trailer', at + 7)) {
    const dict = firstDigit(document, at + 7);
    if (file.toString('latin1', dict, dict + 2) === '<<' && !known.has(dict))
      return `a trailer at ${at} belongs to no cross-reference`;
  }
  return null;
}

/** In what a reader may show: a key with two values, a reference to a generation that is not there, a moving part. */
function contradiction(document: PdfDocument): string | null {
  for (const num of document.numbers()) {
    const place = document.place(num)!;
    if (place.kind === 'free') continue;
    const ref: PdfRef = { kind: 'ref', num, gen: place.kind === 'offset' ? place.gen : 0 };
    const fault = contradictionIn(document, document.resolve(ref));
    if (fault !== null) return `object ${num} ${fault}`;
  }
  return null;
}

function contradictionIn(document: PdfDocument, value: PdfValue): string | null {
  const open: PdfValue[] = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const fault = isRef(next) ? generationFault(document, next) : dictFault(document, next);
    if (fault !== null) return fault;
    for (const part of partsOf(next)) open.push(part);
  }
  return null;
}

function generationFault(document: PdfDocument, { num, gen }: PdfRef): string | null {
  const place = document.place(num);
  if (place === undefined || place.kind === 'free') return null;
  return gen === (place.kind === 'offset' ? place.gen : 0)
    ? null
    : `refers to generation ${gen} of object ${num}, which is not there`;
}

function dictFault(document: PdfDocument, value: PdfValue): string | null {
  if (!isDict(value) && !isStream(value)) return null;
  const { repeated } = isStream(value) ? value.dict : value;
  return repeated.length > 0
    ? `gives /${repeated[0]!.slice(0, 40)} two values`
    : movingPart(value, (one) => document.resolve(one));
}
