import { isDict, isRef, PdfError, sameValue } from './pdf-values.ts';
import type { PdfDict, PdfStream, PdfValue } from './pdf-values.ts';

/**
 * Reads PDF syntax (ISO 32000-2 §7.2, §7.3) strictly: what readers are known to read differently (an unclosed string, a
 * key written twice, an unknown keyword where a value must stand) is an error or is kept visible in the value.
 */

/** Real documents nest below 30; deeper nesting only serves to exhaust the stack. */
const MAX_DEPTH = 64;
/** One array or dictionary of more items than this serves no page (the largest /Kids and /Fields seen hold thousands). */
const MAX_ITEMS = 200_000;

const SPACE = 1;
const DELIMITER = 2;
const CLASS = new Uint8Array(256);
for (const code of [0, 9, 10, 12, 13, 32]) CLASS[code] = SPACE;
for (const sign of '()<>[]{}/%') CLASS[sign.charCodeAt(0)] = DELIMITER;

const code = (sign: string): number => sign.charCodeAt(0);
const LF = 10;
const CR = 13;
const HEX = new Int8Array(256).fill(-1);
for (let digit = 0; digit < 16; digit += 1) {
  HEX[code(digit.toString(16))] = digit;
  HEX[code(digit.toString(16).toUpperCase())] = digit;
}
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)$/;

export const isSpace = (byte: number | undefined): boolean => byte !== undefined && CLASS[byte] === SPACE;

/** A cursor over `source`, never reading at or after `limit`. */
export class PdfLexer {
  readonly source: Uint8Array;
  readonly limit: number;
  at: number;

  constructor(source: Uint8Array, at = 0, limit = source.length) {
    this.source = source;
    this.at = at;
    this.limit = Math.min(limit, source.length);
    if (at < 0 || at > this.limit) throw new PdfError(`offset ${at} lies outside the file`);
  }

  /** Skips white space and comments. */
  skipSpace(): void {
    for (;;) {
      const byte = this.#peek();
      if (byte === code('%')) this.#skipComment();
      else if (isSpace(byte)) this.at += 1;
      else return;
    }
  }

  /** The next run of regular characters, '' at a delimiter or at the end. */
  word(): string {
    this.skipSpace();
    const start = this.at;
    while (this.at < this.limit && CLASS[this.source[this.at]!] === 0) this.at += 1;
    return latin(this.source, start, this.at);
  }

  /** Reads `keyword` or fails. */
  expect(keyword: string): void {
    const found = this.word();
    if (found !== keyword)
      throw new PdfError(`'${keyword}' expected at ${this.at}, found '${found.slice(0, 20)}'`);
  }

  /** A non-negative whole number written in digits only. */
  whole(): number {
    const text = this.word();
    if (!/^\d{1,15}$/.test(text)) throw new PdfError(`whole number expected at ${this.at}`);
    return Number(text);
  }

  /** The next value; `12 0 R` is read as a reference. */
  value(depth = 0): PdfValue {
    if (depth > MAX_DEPTH) throw new PdfError(`values nest deeper than ${MAX_DEPTH}`);
    this.skipSpace();
    const byte = this.#peek();
    if (byte === undefined) throw new PdfError('the file ends inside a value');
    if (byte === code('/')) return { kind: 'name', name: this.#name() };
    if (byte === code('(')) return this.#literal();
    if (byte === code('[')) return this.#array(depth);
    if (byte === code('<')) return this.source[this.at + 1] === code('<') ? this.#dict(depth) : this.#hex();
    return this.#wordValue();
  }

  #peek(): number | undefined {
    return this.at < this.limit ? this.source[this.at] : undefined;
  }

  #skipComment(): void {
    while (this.at < this.limit && this.source[this.at] !== LF && this.source[this.at] !== CR) this.at += 1;
  }

  #wordValue(): PdfValue {
    const start = this.at;
    const text = this.word();
    if (text === 'null') return null;
    if (text === 'true') return true;
    if (text === 'false') return false;
    if (!NUMBER.test(text) || text.length > 40) throw new PdfError(`no value at ${start}`);
    return this.#reference(text) ?? Number(text);
  }

  #reference(first: string): PdfValue {
    if (!/^\d{1,10}$/.test(first)) return null;
    const back = this.at;
    const second = this.word();
    if (/^\d{1,5}$/.test(second) && this.word() === 'R') {
      return { kind: 'ref', num: Number(first), gen: Number(second) };
    }
    this.at = back;
    return null;
  }

  #name(): string {
    const start = (this.at += 1);
    let escaped = false;
    while (this.at < this.limit && CLASS[this.source[this.at]!] === 0) {
      if (this.source[this.at] === code('#')) escaped = true;
      this.at += 1;
    }
    const text = latin(this.source, start, this.at);
    if (!escaped) return text;
    // §7.3.5: a name holds no NUL; readers written in C would end it there.
    if (text.includes('#00')) throw new PdfError(`the name at ${start} holds a NUL`);
    return text.replace(/#([0-9A-Fa-f]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  }

  #array(depth: number): PdfValue {
    this.at += 1;
    const items: PdfValue[] = [];
    for (;;) {
      this.skipSpace();
      if (this.#peek() === code(']')) break;
      if (items.length >= MAX_ITEMS) throw new PdfError(`an array holds more than ${MAX_ITEMS} items`);
      items.push(this.value(depth + 1));
    }
    this.at += 1;
    return { kind: 'array', items };
  }

  #dict(depth: number): PdfDict {
    const start = this.at;
    this.at += 2;
    const entries = new Map<string, PdfValue>();
    const repeated: string[] = [];
    for (;;) {
      this.skipSpace();
      const byte = this.#peek();
      if (byte === code('>')) break;
      if (byte !== code('/')) throw new PdfError(`key expected in the dictionary at ${start}`);
      if (entries.size >= MAX_ITEMS) throw new PdfError(`a dictionary holds more than ${MAX_ITEMS} keys`);
      const key = this.#name();
      const value = this.value(depth + 1);
      if (entries.has(key) && !sameValue(entries.get(key)!, value)) repeated.push(key);
      entries.set(key, value);
    }
    if (this.source[this.at + 1] !== code('>') || this.at + 2 > this.limit) {
      throw new PdfError(`the dictionary at ${start} is not closed`);
    }
    this.at += 2;
    return { kind: 'dict', entries, repeated, place: { source: this.source, start, end: this.at } };
  }

  #hex(): PdfValue {
    const start = this.at;
    const close = this.source.indexOf(code('>'), start);
    if (close < 0 || close >= this.limit) throw new PdfError(`the string at ${start} is not closed`);
    const digits: number[] = [];
    for (let at = start + 1; at < close; at += 1) {
      const digit = HEX[this.source[at]!]!;
      if (digit >= 0) digits.push(digit);
      else if (!isSpace(this.source[at]))
        throw new PdfError(`the string at ${start} holds something else than hex`);
    }
    if (digits.length % 2 === 1) digits.push(0);
    const bytes = new Uint8Array(digits.length / 2);
    for (let index = 0; index < bytes.length; index += 1) {
      bytes[index] = digits[index * 2]! * 16 + digits[index * 2 + 1]!;
    }
    this.at = close + 1;
    return { kind: 'string', bytes, hex: true, place: { source: this.source, start, end: this.at } };
  }

  #literal(): PdfValue {
    const start = this.at;
    const bytes: number[] = [];
    let open = 1;
    this.at += 1;
    for (; this.at < this.limit; this.at += 1) {
      const byte = this.source[this.at]!;
      if (byte === code('\\')) {
        this.#escape(bytes);
        continue;
      }
      if (byte === code('(')) open += 1;
      if (byte === code(')')) open -= 1;
      if (open === 0) break;
      bytes.push(byte);
    }
    if (open !== 0) throw new PdfError(`the string at ${start} is not closed`);
    this.at += 1;
    const place = { source: this.source, start, end: this.at };
    return { kind: 'string', bytes: Uint8Array.from(bytes), hex: false, place };
  }

  /** §7.3.4.2 table 3; leaves the cursor on the last byte of the escape. */
  #escape(bytes: number[]): void {
    this.at += 1;
    const byte = this.source[this.at] ?? 0;
    const simple = 'nrtbf'.indexOf(String.fromCharCode(byte));
    if (simple >= 0) bytes.push([10, 13, 9, 8, 12][simple]!);
    else if (byte >= 0x30 && byte <= 0x37) bytes.push(this.#octal());
    else if (byte === CR && this.source[this.at + 1] === LF) this.at += 1;
    else if (byte !== CR && byte !== LF) bytes.push(byte);
  }

  #octal(): number {
    let value = 0;
    let last = this.at;
    for (let at = this.at; at < Math.min(this.at + 3, this.limit); at += 1) {
      const byte = this.source[at]!;
      if (byte < 0x30 || byte > 0x37) break;
      value = value * 8 + byte - 0x30;
      last = at;
    }
    this.at = last;
    return value & 0xff;
  }
}

/** Names end at 127 bytes (ISO 32000-1 annex C) and numbers earlier; a longer word is not worth a string. */
const MAX_WORD = 512;

function latin(source: Uint8Array, start: number, end: number): string {
  if (end - start > MAX_WORD) throw new PdfError(`the word at ${start} is longer than ${MAX_WORD} bytes`);
  return String.fromCharCode(...source.subarray(start, end));
}

export interface PdfObject {
  readonly num: number;
  readonly gen: number;
  readonly value: PdfValue;
  /** Offset of the object's first byte and of the byte after `endobj`. */
  readonly start: number;
  readonly end: number;
}

/**
 * Reads `N G obj … endobj` at exactly `offset`.
 * @param lengthOf resolves an indirect /Length; a wrong length is an error, never searched for: readers repair differently
 */
export function readObject(
  source: Uint8Array,
  offset: number,
  limit: number,
  lengthOf: (value: PdfValue) => number,
): PdfObject {
  const lexer = new PdfLexer(source, offset, limit);
  const num = lexer.whole();
  const gen = lexer.whole();
  lexer.expect('obj');
  const value = lexer.value();
  const back = lexer.at;
  const next = lexer.word();
  if (next === 'endobj') return { num, gen, value, start: offset, end: lexer.at };
  if (next !== 'stream' || !isDict(value)) throw new PdfError(`object ${num} is not closed (byte ${back})`);
  const stream = readStream(lexer, value, lengthOf);
  lexer.expect('endobj');
  return { num, gen, value: stream, start: offset, end: lexer.at };
}

/** §7.3.8.1: after `stream` stand CRLF or LF, then exactly /Length bytes, then `endstream`. */
function readStream(lexer: PdfLexer, dict: PdfDict, lengthOf: (value: PdfValue) => number): PdfStream {
  const { source } = lexer;
  if (source[lexer.at] === CR) lexer.at += 1;
  if (source[lexer.at] !== LF) throw new PdfError(`no line end after 'stream' at ${lexer.at}`);
  const start = lexer.at + 1;
  const length = lengthOf(dict.entries.get('Length') ?? null);
  if (start + length > lexer.limit) throw new PdfError(`the stream at ${start} reaches past the end`);
  lexer.at = start + length;
  lexer.expect('endstream');
  return { kind: 'stream', dict, raw: source.subarray(start, start + length) };
}

/** A stream length given directly; a reference is only allowed where the caller can resolve it. */
export function directLength(value: PdfValue): number {
  if (isRef(value) || typeof value !== 'number' || !Number.isInteger(value) || value < 0) {
    throw new PdfError('a stream has no usable /Length');
  }
  return value;
}
