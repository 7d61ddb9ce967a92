/**
 * A bounded reader of DER, and of the BER that CMS streaming writes (indefinite lengths, constructed octet strings).
 * Nothing is copied: every value is a view of the input.
 */
export class DerError extends Error {
  override name = 'DerError';
}

/** Deeper nesting is an attack: real certificates and signatures stay below 20. */
const MAX_DEPTH = 64;
/** Certificates, attributes and extensions come by the dozen; 10 MB of empty values took 1.6 GB when all were kept. */
const MAX_CHILDREN = 10_000;
/** Streams of 50 MB are written in pieces of 1 KB and more. */
const MAX_PIECES = 200_000;
/** The longest OID that makes sense; longer ones are refused before they are decoded. */
const MAX_OID_BYTES = 64;

export interface Node {
  /** The identifier byte: class, constructed bit and number. Numbers above 30 do not occur in our formats. */
  readonly tag: number;
  /** Content bytes (for indefinite length without the end mark). */
  readonly content: Uint8Array;
  /** Identifier, length and content. */
  readonly whole: Uint8Array;
  readonly depth: number;
}

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8: 0x0c,
  printable: 0x13,
  t61: 0x14,
  ia5: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  bmp: 0x1e,
  sequence: 0x30,
  set: 0x31,
  octetStringConstructed: 0x24,
} as const;

/** Context tag [n], constructed or primitive. */
export const context = (n: number, constructed = true): number => 0x80 | (constructed ? 0x20 : 0) | n;

/** Reads one value that must fill `bytes` entirely. */
export function readAll(bytes: Uint8Array): Node {
  const node = readAt(bytes, 0, 0);
  if (node.whole.length !== bytes.length) throw new DerError('bytes follow the value');
  return node;
}

/** Runs a reader of hostile bytes; a part that is not there shows as undefined in it and is told as DerError. */
export function reading<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError)
      throw new DerError(`${what} is malformed`, { cause: error });
    throw error;
  }
}

/** Reads the first value of `bytes`, whatever follows it. */
export const readFirst = (bytes: Uint8Array): Node => readAt(bytes, 0, 0);

function readAt(bytes: Uint8Array, at: number, depth: number): Node {
  const end = contentEnd(bytes, at, depth);
  return {
    tag: bytes[at]!,
    content: bytes.subarray(contentStart(bytes, at), end),
    whole: bytes.subarray(at, end + endMark(bytes, at)),
    depth,
  };
}

/** Offset of the first content byte. */
const contentStart = (bytes: Uint8Array, at: number): number =>
  at + 2 + (bytes[at + 1]! > INDEFINITE ? bytes[at + 1]! & 0x7f : 0);

const INDEFINITE = 0x80;
/** Two zeros close a value of indefinite length (X.690 §8.1.5). */
const endMark = (bytes: Uint8Array, at: number): number => (bytes[at + 1] === INDEFINITE ? 2 : 0);

/** Offset behind the last content byte. Builds nothing, so that a million values inside one cost no memory. */
function contentEnd(bytes: Uint8Array, at: number, depth: number): number {
  if (depth > MAX_DEPTH) throw new DerError('nested too deeply');
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined) throw new DerError('the value is cut off');
  if ((tag & 0x1f) === 0x1f) throw new DerError('multi-byte tag');
  if (first !== INDEFINITE) {
    const end = contentStart(bytes, at) + definiteLength(bytes, at, first);
    if (end > bytes.length) throw new DerError('the value is longer than its input');
    return end;
  }
  if ((tag & 0x20) === 0) throw new DerError('indefinite length of a primitive value');
  let end = at + 2;
  while (bytes[end] !== 0 || bytes[end + 1] !== 0)
    end = contentEnd(bytes, end, depth + 1) + endMark(bytes, end);
  return end;
}

function definiteLength(bytes: Uint8Array, at: number, first: number): number {
  if (first < INDEFINITE) return first;
  const octets = first & 0x7f;
  if (octets > 4) throw new DerError('length of more than 4 bytes');
  let length = 0;
  for (let i = 0; i < octets; i++) {
    const octet = bytes[at + 2 + i];
    if (octet === undefined) throw new DerError('the length is cut off');
    length = length * 256 + octet;
  }
  return length;
}

/** The values inside a constructed value, one by one. */
export function* eachChild(node: Node): Generator<Node> {
  if ((node.tag & 0x20) === 0) throw new DerError('a primitive value has no parts');
  for (let at = 0; at < node.content.length;) {
    const part = readAt(node.content, at, node.depth + 1);
    yield part;
    at += part.whole.length;
  }
}

/** The values inside a constructed value; longer lists than MAX_CHILDREN are gone through with `eachChild`. */
export const children = (node: Node): Node[] => collect(node, MAX_CHILDREN);

function collect(node: Node, most: number): Node[] {
  const parts: Node[] = [];
  for (const part of eachChild(node)) {
    if (parts.length >= most) throw new DerError(`more than ${most} values in one`);
    parts.push(part);
  }
  return parts;
}

/** A value of this tag, or DerError naming what was looked for. */
export function expect(node: Node | undefined, tag: number, what: string): Node {
  if (node?.tag !== tag) throw new DerError(`${what} expected`);
  return node;
}

export function oid(node: Node | undefined): string {
  const bytes = expect(node, TAG.oid, 'object identifier').content;
  if (bytes.length === 0 || bytes.length > MAX_OID_BYTES)
    throw new DerError('object identifier of impossible length');
  const arcs: number[] = [];
  let arc = 0;
  for (const [i, byte] of bytes.entries()) {
    if (arc > Number.MAX_SAFE_INTEGER / 256) throw new DerError('object identifier arc too large');
    arc = arc * 128 + (byte & 0x7f);
    if ((byte & 0x80) !== 0) {
      if (i === bytes.length - 1) throw new DerError('object identifier is cut off');
      continue;
    }
    if (arcs.length === 0) {
      const head = Math.min(2, Math.floor(arc / 40));
      arcs.push(head, arc - head * 40);
    } else arcs.push(arc);
    arc = 0;
  }
  return arcs.join('.');
}

/** Content of an octet string; the pieces of a constructed one joined (BER streaming, whose pieces are never in pieces). */
export function octets(node: Node | undefined): Uint8Array {
  if (node?.tag === TAG.octetString) return node.content;
  if (node?.tag !== TAG.octetStringConstructed) throw new DerError('octet string expected');
  return Buffer.concat(
    collect(node, MAX_PIECES).map((part) => expect(part, TAG.octetString, 'octet string').content),
  );
}

/** Bytes of a bit string that has no unused bits. */
export function bits(node: Node | undefined): Uint8Array {
  const content = expect(node, TAG.bitString, 'bit string').content;
  if (content[0] !== 0) throw new DerError('bit string with unused bits');
  return content.subarray(1);
}

/** A non-negative integer small enough for a number. */
export function small(node: Node | undefined): number {
  const content = expect(node, TAG.integer, 'integer').content;
  if (content.length === 0 || content.length > 4 || (content[0]! & 0x80) !== 0)
    throw new DerError('integer out of range');
  return content.reduce((sum, byte) => sum * 256 + byte, 0);
}

export const hex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');

export const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** UTCTime (RFC 5280: 1950–2049) or GeneralizedTime, both in Z with seconds. */
export function time(node: Node | undefined): Date {
  const text = Buffer.from(node?.content ?? []).toString('latin1');
  const generalized = node?.tag === TAG.generalizedTime;
  if (!generalized && node?.tag !== TAG.utcTime) throw new DerError('time expected');
  const match = (
    generalized
      ? /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d+)?Z$/
      : /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/
  ).exec(text);
  if (match === null) throw new DerError('time in no known form');
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const full = generalized ? year : year < 50 ? 2000 + year : 1900 + year;
  const date = new Date(Date.UTC(full, month - 1, day, hour, minute, second));
  if (
    date.getUTCMonth() !== month - 1 ||
    date.getUTCDate() !== day ||
    hour > 23 ||
    minute > 59 ||
    second > 59
  ) {
    throw new DerError('time that does not exist');
  }
  return date;
}

/** The text of a directory string, NFC. */
export function text(node: Node): string {
  const bytes = Buffer.from(node.content);
  switch (node.tag) {
    case TAG.utf8:
    case TAG.printable:
    case TAG.ia5:
      return bytes.toString('utf8').normalize('NFC');
    case TAG.t61:
      return bytes.toString('latin1');
    case TAG.bmp:
      return bytes.length % 2 === 0 ? Buffer.from(bytes).swap16().toString('utf16le').normalize('NFC') : '';
    default:
      throw new DerError('text expected');
  }
}
