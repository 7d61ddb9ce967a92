/** DER values from their parts (X.690 §8, §10), as much of it as CMS needs. */

/** A value from its tag and content. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const length: number[] = [];
  for (let rest = content.length; rest > 0; rest >>= 8) length.unshift(rest & 0xff);
  const head = content.length < 128 ? [tag, content.length] : [tag, 0x80 | length.length, ...length];
  return Buffer.concat([Buffer.from(head), content]);
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);
export const octets = (content: Uint8Array): Buffer => der(0x04, content);
export const small = (value: number): Buffer => der(0x02, Buffer.of(value));
export const NULL: Buffer = Buffer.of(0x05, 0x00);

/** "1.2.840.113549.1.7.1" as OBJECT IDENTIFIER. */
export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const base128 = (value: number): number[] => {
    const digits = [value % 128];
    for (let left = Math.floor(value / 128); left > 0; left = Math.floor(left / 128))
      digits.unshift(0x80 | (left % 128));
    return digits;
  };
  return der(0x06, Buffer.from([first * 40 + second, ...rest].flatMap(base128)));
}
