import { PdfLexer, readObject, isSpace } from './pdf-lexer.ts';
import { decodeStream } from './pdf-filters.ts';
import { entry, isDict, isRef, isStream, nameAt, PdfError, wholeNumber } from './pdf-values.ts';
import type { PdfDict, PdfRef, PdfStream, PdfValue } from './pdf-values.ts';
import { readXrefChain } from './pdf-xref.ts';
import type { XrefEntry, XrefSection } from './pdf-xref.ts';

/** References to references: a chain of two is already unheard of. */
const MAX_REFERENCE_STEPS = 8;
/** Objects read in one examination; a 10,000 page document has about 100,000. */
const MAX_OBJECTS_READ = 500_000;
/** All object streams together, so that many small bombs do not add up to a big one. */
const MAX_INFLATED_TOTAL = 128 * 1024 * 1024;
/** One object stream; producers write 100 to 200 objects. */
const MAX_PACKED = 100_000;

interface Packed {
  readonly data: Uint8Array;
  readonly numbers: readonly number[];
  readonly offsets: readonly number[];
}

/**
 * One revision of a PDF: the file as it stood when its first `end` bytes were the whole of it.
 * Objects are read when asked for and remembered. Every method throws only `PdfError`.
 */
export class PdfDocument {
  readonly bytes: Uint8Array;
  readonly end: number;
  /** Newest first. */
  readonly sections: readonly XrefSection[];
  readonly trailer: PdfDict;
  readonly #entries = new Map<number, XrefEntry>();
  readonly #objects = new Map<number, PdfValue>();
  readonly #packed = new Map<number, Packed>();
  readonly #reading = new Set<number>();
  #inflated = 0;

  constructor(bytes: Uint8Array, end: number = bytes.length) {
    this.bytes = bytes;
    this.end = end;
    this.sections = readXrefChain(bytes, readStartxref(bytes, end), end);
    this.trailer = this.sections[0]!.trailer;
    for (const section of this.sections.toReversed()) {
      for (const [num, found] of section.entries) this.#entries.set(num, found);
    }
  }

  get encrypted(): boolean {
    return entry(this.trailer, 'Encrypt') !== null;
  }

  /** The catalog (§7.7.2); a file without one shows nothing. */
  catalog(): PdfDict {
    const root = entry(this.trailer, 'Root');
    const catalog = this.resolve(root);
    if (!isRef(root) || !isDict(catalog)) throw new PdfError('the file has no catalog');
    return catalog;
  }

  /** Where object `num` is kept; undefined when this revision never mentions it. */
  place(num: number): XrefEntry | undefined {
    return this.#entries.get(num);
  }

  /** Object numbers that the cross-reference of this revision mentions, free ones included. */
  numbers(): Iterable<number> {
    return this.#entries.keys();
  }

  /** Follows references to the value; null for a missing object (§7.3.10). */
  resolve(value: PdfValue): PdfValue {
    let current = value;
    for (let step = 0; isRef(current); step += 1) {
      if (step >= MAX_REFERENCE_STEPS) throw new PdfError('references lead only to references');
      current = this.#object(current);
    }
    return current;
  }

  /** The resolved entry of a dictionary. */
  get(dict: PdfDict, key: string): PdfValue {
    return this.resolve(entry(dict, key));
  }

  /** The resolved dictionary under `key`, or null when it is something else. */
  dictAt(dict: PdfDict, key: string): PdfDict | null {
    const value = this.get(dict, key);
    return isDict(value) ? value : null;
  }

  /** The decoded bytes of a stream that carries validation material or structure. */
  decode(stream: PdfStream): Uint8Array {
    const data = decodeStream(stream, (value) => this.resolve(value));
    this.#inflated += data.length;
    if (this.#inflated > MAX_INFLATED_TOTAL) throw new PdfError('the compressed streams add up to a bomb');
    return data;
  }

  #object(ref: PdfRef): PdfValue {
    const place = this.#entries.get(ref.num);
    if (place === undefined || place.kind === 'free') return null;
    if (place.kind === 'offset' ? place.gen !== ref.gen : ref.gen !== 0) return null;
    const known = this.#objects.get(ref.num);
    if (known !== undefined) return known;
    if (this.#reading.has(ref.num)) throw new PdfError(`object ${ref.num} contains itself`);
    if (this.#objects.size >= MAX_OBJECTS_READ) throw new PdfError(`more than ${MAX_OBJECTS_READ} objects`);
    this.#reading.add(ref.num);
    const value = place.kind === 'offset' ? this.#read(ref, place.offset) : this.#unpack(ref.num, place);
    this.#reading.delete(ref.num);
    this.#objects.set(ref.num, value);
    return value;
  }

  #read(ref: PdfRef, offset: number): PdfValue {
    const lengthOf = (value: PdfValue): number => {
      const length = wholeNumber(this.resolve(value));
      if (length === null) throw new PdfError(`the stream of object ${ref.num} has no usable /Length`);
      return length;
    };
    const found = readObject(this.bytes, offset, this.end, lengthOf);
    if (found.num !== ref.num || found.gen !== ref.gen) {
      throw new PdfError(`the cross-reference names object ${ref.num}, but ${found.num} stands there`);
    }
    return found.value;
  }

  /** §7.5.7: an object stream may not hold streams, and its own number must be where the table says. */
  #unpack(num: number, place: { readonly container: number; readonly index: number }): PdfValue {
    const packed = this.#container(place.container);
    const { index } = place;
    if (packed.numbers[index] !== num) {
      throw new PdfError(`object ${num} is not at its place in object stream ${place.container}`);
    }
    return new PdfLexer(packed.data, packed.offsets[index]).value();
  }

  #container(num: number): Packed {
    const known = this.#packed.get(num);
    if (known !== undefined) return known;
    if (this.#entries.get(num)?.kind !== 'offset')
      throw new PdfError(`object stream ${num} is not in the file`);
    const stream = this.resolve({ kind: 'ref', num, gen: 0 });
    if (!isStream(stream) || nameAt(stream.dict, 'Type') !== 'ObjStm') {
      throw new PdfError(`object ${num} is not an object stream`);
    }
    const packed = readIndex(this.decode(stream), stream.dict);
    this.#packed.set(num, packed);
    return packed;
  }
}

function readIndex(data: Uint8Array, dict: PdfDict): Packed {
  const count = wholeNumber(entry(dict, 'N'), 0, MAX_PACKED);
  const first = wholeNumber(entry(dict, 'First'), 0, data.length);
  if (count === null || first === null) throw new PdfError('an object stream has a damaged dictionary');
  const lexer = new PdfLexer(data, 0, first);
  const numbers: number[] = [];
  const offsets: number[] = [];
  for (let index = 0; index < count; index += 1) {
    numbers.push(lexer.whole());
    offsets.push(first + lexer.whole());
  }
  // Some readers go by the index, some by the number.
  if (new Set(numbers).size !== count) throw new PdfError('an object stream names an object twice');
  return { data, numbers, offsets };
}

/**
 * The offset named by `startxref` at the very end of a revision. Only `startxref N %%EOF` and white space may stand
 * there: some readers search backwards, some forwards, and a second one or a tail would be read differently.
 */
export function readStartxref(bytes: Uint8Array, end: number): number {
  let last = end;
  while (last > 0 && isSpace(bytes[last - 1])) last -= 1;
  const tail = Buffer.from(bytes.buffer, bytes.byteOffset, last)
    .subarray(Math.max(0, last - 64))
    .toString('latin1');
  const found = /startxref[\0\t\n\f\r ]+(\d{1,12})[\0\t\n\f\r ]+%%EOF$/.exec(tail);
  if (found === null) throw new PdfError("the revision does not end with 'startxref', an offset and '%%EOF'");
  return Number(found[1]);
}
