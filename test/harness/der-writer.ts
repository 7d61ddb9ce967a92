/** Writes and takes apart DER for tests, independently of the reader under test. */

export function tlv(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head =
    length < 0x80
      ? Buffer.of(tag, length)
      : length < 0x100
        ? Buffer.of(tag, 0x81, length)
        : length < 0x10000
          ? Buffer.of(tag, 0x82, length >> 8, length & 0xff)
          : Buffer.of(tag, 0x83, length >> 16, (length >> 8) & 0xff, length & 0xff);
  return Buffer.concat([head, content]);
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => tlv(0x30, ...parts);
export const set = (...parts: readonly Uint8Array[]): Buffer => tlv(0x31, ...parts);
/** SET OF in DER order. */
export const setOf = (...parts: readonly Uint8Array[]): Buffer =>
  set(...parts.toSorted((a, b) => Buffer.compare(a, b)));
export const octetString = (bytes: Uint8Array): Buffer => tlv(0x04, bytes);
export const integer = (value: number): Buffer => {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return tlv(0x02, bytes[0]! >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
};

export function oid(dotted: string): Buffer {
  const [first, second, ...rest] = dotted.split('.').map(Number) as [number, number, ...number[]];
  const arc = (value: number): number[] => {
    const bytes = [value & 0x7f];
    for (let left = Math.floor(value / 128); left > 0; left = Math.floor(left / 128))
      bytes.unshift((left & 0x7f) | 0x80);
    return bytes;
  };
  return tlv(0x06, Buffer.from([first * 40 + second, ...rest].flatMap(arc)));
}

/** "20260105011500Z" as it stands. */
export const generalizedText = (text: string): Buffer => tlv(0x18, Buffer.from(text));
export const generalizedTime = (at: Date): Buffer =>
  generalizedText(
    `${at
      .toISOString()
      .replaceAll(/[-:T]/g, '')
      .replace(/\.\d+Z$/, '')}Z`,
  );

export const bitString = (bytes: Uint8Array): Buffer => tlv(0x03, Buffer.of(0), bytes);
export const utf8 = (text: string): Buffer => tlv(0x0c, Buffer.from(text));
export const NULL = Buffer.of(0x05, 0x00);
export const TRUE = Buffer.of(0x01, 0x01, 0xff);

/** The same value with an indefinite length (X.690 §8.1.3.6). */
export const indefinite = (tag: number, ...parts: readonly Uint8Array[]): Buffer =>
  Buffer.concat([Buffer.of(tag, 0x80), ...parts, Buffer.of(0, 0)]);

/** The same value with a length in more bytes than it needs: BER, not DER. */
export function longLength(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const head = Buffer.of(tag, 0x84, 0, 0, 0, 0);
  head.writeUInt32BE(content.length, 2);
  return Buffer.concat([head, content]);
}

export interface Piece {
  readonly tag: number;
  readonly content: Buffer;
  readonly whole: Buffer;
}

/** The values that stand one after another in `bytes`. */
export function pieces(bytes: Buffer): Piece[] {
  const found: Piece[] = [];
  for (let at = 0; at < bytes.length;) {
    const short = bytes[at + 1]!;
    const octets = short < 0x80 ? 0 : short & 0x7f;
    const length = octets === 0 ? short : bytes.readUIntBE(at + 2, octets);
    const start = at + 2 + octets;
    const end = start + length;
    found.push({
      tag: bytes[at]!,
      content: bytes.subarray(start, end),
      whole: bytes.subarray(at, end),
    });
    at = end;
  }
  return found;
}
