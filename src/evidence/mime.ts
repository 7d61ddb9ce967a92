import { firstField, fieldValues, latin1, MimeLimit, readHeader, readStructured } from './mime-fields.ts';
import type { Field, StructuredValue } from './mime-fields.ts';
import { fileNameOf } from './mime-words.ts';
import { decodeTransfer } from './mime-transfer.ts';

/**
 * Byte-exact MIME slicer (RFC 2045, 2046) over the stored raw letter. Every entity is a view of the input, so a
 * signature is checked over the very octets that came in; libraries keep no raw bytes of signed parts.
 */

/** threats.md "Inside the message": deeper or more numerous letters are quarantined. */
const MAX_DEPTH = 20;
const MAX_PARTS = 200;
/** RFC 2046 §5.1.1 */
const MAX_BOUNDARY = 70;

export interface Entity {
  readonly fields: readonly Field[];
  readonly type: StructuredValue;
  /** "attachment", "inline" or '' */
  readonly disposition: string;
  /** A label (NFC, no path parts); null when the part names none. */
  readonly filename: string | null;
  readonly whole: Uint8Array;
  readonly body: Uint8Array;
  /** Empty unless multipart. */
  readonly parts: readonly Entity[];
  /** A multipart whose closing delimiter is there; true for everything else. */
  readonly closed: boolean;
  /** Two readers may understand this entity differently: several Content-Type fields, a parameter given twice. */
  readonly ambiguity: string | null;
}

/** Counts the parts of one letter over all its layers. */
export interface PartBudget {
  left: number;
}

export const partBudget = (): PartBudget => ({ left: MAX_PARTS });

/** Slices an entity. Throws MimeLimit, nothing else. Encapsulated messages (message/rfc822) stay closed. */
export function readEntity(bytes: Uint8Array, budget: PartBudget = partBudget(), depth = 0): Entity {
  if (depth > MAX_DEPTH) throw new MimeLimit(`more than ${MAX_DEPTH} levels of parts`);
  if (--budget.left < 0) throw new MimeLimit(`more than ${MAX_PARTS} parts`);
  const { fields, bodyAt } = readHeader(bytes);
  const type = readStructured(firstField(fields, 'content-type') ?? 'text/plain');
  const body = bytes.subarray(bodyAt);
  const boundary = type.value.startsWith('multipart/') ? usableBoundary(type) : null;
  const slices = boundary === null ? null : slice(body, boundary, budget.left);
  return {
    fields,
    type,
    disposition: readStructured(firstField(fields, 'content-disposition') ?? '').value,
    filename: fileNameOf(fields, type),
    whole: bytes,
    body,
    parts: slices?.parts.map((part) => readEntity(part, budget, depth + 1)) ?? [],
    closed: slices?.closed ?? !type.value.startsWith('multipart/'),
    ambiguity: ambiguityOf(fields, type),
  };
}

/** The decoded content of a leaf. */
export const contentOf = (entity: Entity): Uint8Array =>
  decodeTransfer(entity.body, firstField(entity.fields, 'content-transfer-encoding') ?? '');

export function* walk(entity: Entity): Generator<Entity> {
  yield entity;
  for (const part of entity.parts) yield* walk(part);
}

function ambiguityOf(fields: readonly Field[], type: StructuredValue): string | null {
  for (const name of ['content-type', 'content-transfer-encoding', 'content-disposition']) {
    if (fieldValues(fields, name).length > 1) return `several ${name} fields`;
  }
  if (type.ambiguous) return 'a content-type parameter given twice';
  if (!type.value.startsWith('multipart/')) return null;
  // RFC 2231 allows a boundary in pieces, but some readers do not put it together and others prefer the plain one.
  if (type.extended.has('boundary')) return 'an extended boundary parameter';
  const encoding = firstField(fields, 'content-transfer-encoding')?.toLowerCase() ?? '7bit';
  // RFC 2045 §6.4: a reader that decodes a multipart nevertheless sees other parts.
  return /^(7bit|8bit|binary)$/.test(encoding) ? null : `a multipart in ${encoding}`;
}

function usableBoundary(type: StructuredValue): string | null {
  const extended = type.extended.get('boundary');
  const boundary = type.parameters.get('boundary') ?? (extended === undefined ? '' : latin1(extended.octets));
  return boundary.length > 0 && boundary.length <= MAX_BOUNDARY ? boundary : null;
}

interface Slices {
  readonly parts: readonly Uint8Array[];
  readonly closed: boolean;
}

/**
 * RFC 2046 §5.1.1: a delimiter is a whole line `--boundary` (or `--boundary--`) with trailing blanks only; the line
 * break before it belongs to it, not to the part. A bare LF counts as line break because files at rest mix both.
 */
function slice(body: Uint8Array, boundary: string, most: number): Slices {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  const mark = Buffer.from(`--${boundary}`, 'latin1');
  const parts: Uint8Array[] = [];
  let partAt = -1;
  for (let at = bytes.indexOf(mark); at !== -1; at = bytes.indexOf(mark, at + 1)) {
    const delimiter = delimiterAt(bytes, at, mark.length);
    if (delimiter === null) continue;
    if (partAt !== -1) {
      if (parts.length >= most) throw new MimeLimit(`more than ${MAX_PARTS} parts`);
      parts.push(bytes.subarray(partAt, Math.max(partAt, delimiter.breakAt)));
    }
    if (delimiter.closing) return { parts, closed: true };
    partAt = delimiter.next;
    // `at + 1` would re-scan this very line; the next delimiter needs its own line.
    at = Math.max(at, delimiter.next - 2);
  }
  if (partAt !== -1) parts.push(bytes.subarray(partAt));
  return { parts, closed: false };
}

function delimiterAt(bytes: Buffer, at: number, markLength: number) {
  if (at > 0 && bytes[at - 1] !== 0x0a) return null;
  let end = at + markLength;
  const closing = bytes[end] === 0x2d && bytes[end + 1] === 0x2d;
  if (closing) end += 2;
  while (bytes[end] === 0x20 || bytes[end] === 0x09) end++;
  if (bytes[end] === 0x0d && bytes[end + 1] === 0x0a) end++;
  if (end < bytes.length && bytes[end] !== 0x0a) return null;
  const breakAt = at === 0 ? 0 : bytes[at - 2] === 0x0d ? at - 2 : at - 1;
  return { closing, breakAt, next: Math.min(bytes.length, end + 1) };
}
