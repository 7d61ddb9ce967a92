/** Content-Transfer-Encoding (RFC 2045 §6), decoded without turning 50 MB into strings. */

/** Value of each base64 digit, 64 for padding, 255 for everything that is skipped (RFC 2045 §6.8). */
const BASE64 = new Uint8Array(256).fill(255);
Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/').forEach((digit, value) => {
  BASE64[digit] = value;
});
BASE64['='.charCodeAt(0)] = 64;

/** The content of a body. Unknown encodings are returned as they stand: RFC 2045 §6.4 asks to treat them as opaque. */
export function decodeTransfer(body: Uint8Array, encoding: string): Uint8Array {
  switch (encoding.trim().toLowerCase()) {
    case 'base64':
      return fromBase64(body);
    case 'quoted-printable':
      return fromQuotedPrintable(body);
    default:
      return body;
  }
}

function fromBase64(body: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.ceil(body.length / 4) * 3);
  let length = 0;
  let group = 0;
  let digits = 0;
  for (const byte of body) {
    const value = BASE64[byte]!;
    if (value === 255) continue;
    // What follows the padding is hidden from some readers and shown by others: it is no content.
    if (value === 64) break;
    group = (group << 6) | value;
    if (++digits < 4) continue;
    out[length++] = group >> 16;
    out[length++] = group >> 8;
    out[length++] = group;
    group = 0;
    digits = 0;
  }
  if (digits === 2) out[length++] = group >> 4;
  if (digits === 3) {
    out[length++] = group >> 10;
    out[length++] = group >> 2;
  }
  return out.subarray(0, length);
}

/** True when every reader decodes this base64 body alike: its digits, then padding, blanks between, nothing else. */
export function isPlainBase64(body: Uint8Array): boolean {
  let padded = false;
  for (const byte of body) {
    const value = BASE64[byte]!;
    if (value === 64) padded = true;
    else if (value === 255 ? !BLANKS.has(byte) : padded) return false;
  }
  return true;
}

const BLANKS: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0d, 0x20]);
const LF = 0x0a;
const CR = 0x0d;
const EQUALS = 0x3d;

function fromQuotedPrintable(body: Uint8Array): Uint8Array {
  const out = new Uint8Array(body.length);
  let length = 0;
  let lineStart = 0;
  while (lineStart < body.length) {
    const feed = body.indexOf(LF, lineStart);
    const next = feed === -1 ? body.length : feed + 1;
    let end = feed === -1 ? body.length : feed;
    if (end > lineStart && body[end - 1] === CR) end--;
    const broken = body.subarray(end, next);
    // RFC 2045 §6.7 (3): spaces at the end of a line were added in transport.
    while (end > lineStart && (body[end - 1] === 0x20 || body[end - 1] === 0x09)) end--;
    const soft = body[end - 1] === EQUALS && end > lineStart;
    length = quotedLine(body.subarray(lineStart, soft ? end - 1 : end), out, length);
    if (!soft) {
      out.set(broken, length);
      length += broken.length;
    }
    lineStart = next;
  }
  return out.subarray(0, length);
}

function quotedLine(line: Uint8Array, out: Uint8Array, from: number): number {
  let length = from;
  for (let i = 0; i < line.length; i++) {
    const value = line[i] === EQUALS ? hexPair(line[i + 1], line[i + 2]) : -1;
    out[length++] = value === -1 ? line[i]! : value;
    if (value !== -1) i += 2;
  }
  return length;
}

/** Value of each hexadecimal digit, 255 for everything else. */
const HEX = new Uint8Array(256).fill(255);
Buffer.from('0123456789ABCDEF').forEach((digit, value) => (HEX[digit] = value));
Buffer.from('abcdef').forEach((digit, value) => (HEX[digit] = value + 10));

function hexPair(high: number | undefined, low: number | undefined): number {
  const [h, l] = [HEX[high ?? 0]!, HEX[low ?? 0]!];
  return h === 255 || l === 255 ? -1 : h * 16 + l;
}
