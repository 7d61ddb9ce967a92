import type { PdfDocument } from './pdf-document.ts';
import { entry, isArray, isDict, isRef, isString, nameAt, PdfError } from './pdf-values.ts';
import type { PdfDict, PdfValue } from './pdf-values.ts';

/** A form of an official letter has tens of fields; this many is a tree made to be walked for ever. */
const MAX_FIELDS = 20_000;
/** /Kids of /Kids: real forms stay below 8. */
const MAX_FIELD_DEPTH = 32;

/** A signed signature field (ISO 32000-2 §12.7.5.5) as one revision shows it. */
export interface PdfSignature {
  readonly dict: PdfDict;
  /** Object number of the signature dictionary; null when it is written inside the field. */
  readonly num: number | null;
}

/**
 * Every signature that the form of this revision shows, each once, in the order of their place in the file.
 * Found through AcroForm /Fields only: that is what readers show, and what a forged second dictionary must enter.
 */
export function findSignatures(document: PdfDocument): readonly PdfSignature[] {
  const form = document.dictAt(document.catalog(), 'AcroForm');
  if (form === null) return [];
  const found = new Map<number, PdfSignature>();
  let fields = 0;
  const visit = (value: PdfValue, inherited: Inherited, above: readonly number[]): void => {
    fields += 1;
    if (fields > MAX_FIELDS || above.length > MAX_FIELD_DEPTH)
      throw new PdfError('the form has too many fields');
    if (isRef(value) && above.includes(value.num)) throw new PdfError('the form runs in a circle');
    const field = document.resolve(value);
    if (!isDict(field)) return;
    refuseRepeated(field);
    const path = isRef(value) ? [...above, value.num] : above;
    const own = inherit(document, field, inherited);
    const kids = document.get(field, 'Kids');
    if (isArray(kids)) for (const kid of kids.items) visit(kid, own, path);
    if (own.type === 'Sig') addSignature(document, own.value, found);
  };
  const roots = document.get(form, 'Fields');
  if (isArray(roots)) for (const root of roots.items) visit(root, { type: null, value: null }, []);
  return [...found.values()].toSorted((a, b) => a.dict.place.start - b.dict.place.start);
}

/** §12.7.4.1 table 226: /FT and /V come down from the parent field. */
interface Inherited {
  readonly type: string | null;
  readonly value: PdfValue;
}

function inherit(document: PdfDocument, field: PdfDict, above: Inherited): Inherited {
  const type = document.get(field, 'FT');
  const value = entry(field, 'V');
  return {
    type: type !== null && typeof type === 'object' && type.kind === 'name' ? type.name : above.type,
    value: value ?? above.value,
  };
}

function addSignature(document: PdfDocument, value: PdfValue, found: Map<number, PdfSignature>): void {
  const dict = document.resolve(value);
  if (!isDict(dict)) {
    if (dict !== null) throw new PdfError('a signature field holds something else than a signature');
    return;
  }
  refuseRepeated(dict);
  // A signature kept in an object stream has no place in the file, hence no byte range of its own.
  if (dict.place.source !== document.bytes) throw new PdfError('a signature is kept in a compressed object');
  found.set(dict.place.start, { dict, num: isRef(value) ? value.num : null });
}

function refuseRepeated(dict: PdfDict): void {
  if (dict.repeated.length > 0) throw new PdfError(`a form dictionary names /${dict.repeated[0]!} twice`);
}

/** What a signature covers once its byte range has been found sound. */
export interface Covered {
  /** The signed bytes, in two pieces around /Contents. */
  readonly pieces: readonly [Uint8Array, Uint8Array];
  /** The revision that was signed is the first `end` bytes. */
  readonly end: number;
  /** /Contents with its padding. */
  readonly contents: Uint8Array;
}

/**
 * ISO 32000-2 §12.8.1: the byte range is everything but the /Contents string. Throws PdfError saying what is wrong when
 * the gap is anything else than exactly that one string, or when a piece starts or ends elsewhere.
 */
export function coveredBytes(document: PdfDocument, signature: PdfSignature): Covered {
  const { bytes } = document;
  const range = byteRange(document, signature.dict);
  const contents = entry(signature.dict, 'Contents');
  if (!isString(contents) || !contents.hex) throw new PdfError('/Contents is not a hexadecimal string');
  const [from, first, second, length] = range;
  const end = second + length;
  if (from !== 0) throw new PdfError('/ByteRange does not start at the first byte');
  if (first > second || end > bytes.length) throw new PdfError('/ByteRange lies outside the file');
  if (first !== contents.place.start || second !== contents.place.end) {
    throw new PdfError('the gap of /ByteRange is not exactly /Contents');
  }
  if (!isPlainHex(bytes.subarray(first + 1, second - 1)))
    throw new PdfError('/Contents holds more than hex digits');
  if (signature.dict.place.end > end) throw new PdfError('/ByteRange ends inside the signature dictionary');
  return { pieces: [bytes.subarray(0, first), bytes.subarray(second, end)], end, contents: contents.bytes };
}

/** The gap is unsigned: white space in it, or half a byte, would be room for whatever another reader makes of it. */
function isPlainHex(gap: Uint8Array): boolean {
  const text = Buffer.from(gap.buffer, gap.byteOffset, gap.length).toString('latin1');
  return text.length % 2 === 0 && /^[0-9A-Fa-f]*$/.test(text);
}

function byteRange(document: PdfDocument, dict: PdfDict): readonly [number, number, number, number] {
  const value = document.get(dict, 'ByteRange');
  const numbers = isArray(value) ? value.items.map((item) => document.resolve(item)) : [];
  const usable = numbers.filter(
    (item): item is number => typeof item === 'number' && Number.isSafeInteger(item) && item >= 0,
  );
  if (numbers.length !== 4 || usable.length !== 4) throw new PdfError('/ByteRange is not four offsets');
  return [usable[0]!, usable[1]!, usable[2]!, usable[3]!];
}

export type SignatureKind = 'adbe.pkcs7.detached' | 'ETSI.CAdES.detached' | 'ETSI.RFC3161';

/** The kinds that are checked; adbe.pkcs7.sha1 and adbe.x509.rsa_sha1 rest on SHA-1 (ISO 32000-2 deprecates both). */
export function signatureKind(dict: PdfDict): SignatureKind {
  const name = nameAt(dict, 'SubFilter');
  const type = nameAt(dict, 'Type');
  if (type !== null && type !== 'Sig' && type !== 'DocTimeStamp') throw new PdfError(`/Type is /${type}`);
  if (name === 'ETSI.RFC3161') return name;
  if (type === 'DocTimeStamp') throw new PdfError('a document timestamp of another kind than ETSI.RFC3161');
  if (name === 'adbe.pkcs7.detached' || name === 'ETSI.CAdES.detached') return name;
  throw new PdfError(`signatures of kind ${name ?? 'without /SubFilter'} are refused`);
}

/** How many /ByteRange stand in the raw bytes: more than the form shows, or without a form, is worth a look. */
export function countByteRanges(bytes: Uint8Array): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let count = 0;
  for (let at = buffer.indexOf('/ByteRange'); at >= 0; at = buffer.indexOf('/ByteRange', at + 1)) count += 1;
  return count;
}
