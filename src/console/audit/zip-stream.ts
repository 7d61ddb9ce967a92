import { crc32, createDeflateRaw } from 'node:zlib';
import type { Writable } from 'node:stream';
import { once } from 'node:events';
import { Readable } from 'node:stream';

type Content = Iterable<string | Buffer> | AsyncIterable<string | Buffer>;

/** PKWARE APPNOTE 4.4.4: sizes follow the data; names are UTF-8. */
const FLAGS = 0x0808;
const DEFLATE = 8;
/** Without ZIP64: larger things are exported by the command line. */
const MOST = 0xffffffff;

interface Written {
  readonly name: Buffer;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly offset: number;
}

/**
 * Writes a zip file as it is made, part after part, never faster than `out` takes it. `write` rejects when `out` is
 * closed early; `finish` writes the directory and ends `out`.
 */
export function zipStream(out: Writable, at: Date) {
  const parts: Written[] = [];
  const time = dosTime(at);
  let offset = 0;
  const put = async (chunk: Buffer): Promise<void> => {
    offset += chunk.length;
    if (out.destroyed) throw new Error('the reader went away');
    if (!out.write(chunk)) await Promise.race([once(out, 'drain'), once(out, 'close')]);
  };
  return {
    async write(name: string, content: Content): Promise<void> {
      const start = offset;
      const label = Buffer.from(name);
      await put(
        Buffer.concat([
          numbers(
            [4, 0x04034b50],
            [2, 20],
            [2, FLAGS],
            [2, DEFLATE],
            [4, time],
            [4, 0],
            [4, 0],
            [4, 0],
            [2, label.length],
            [2, 0],
          ),
          label,
        ]),
      );
      let [crc, size] = [0, 0];
      const began = offset;
      const counted = async function* (): AsyncGenerator<Buffer> {
        for await (const chunk of content) {
          const bytes = Buffer.from(chunk);
          crc = crc32(bytes, crc);
          size += bytes.length;
          yield bytes;
        }
      };
      const deflate = createDeflateRaw();
      const source = Readable.from(counted());
      source.on('error', (error) => deflate.destroy(error));
      for await (const chunk of source.pipe(deflate)) await put(chunk as Buffer);
      const packed = offset - began;
      if (size > MOST || offset > MOST) throw new Error('the export is too large for a zip file');
      await put(numbers([4, 0x08074b50], [4, crc], [4, packed], [4, size]));
      parts.push({ name: label, crc, packed, size, offset: start });
    },
    async finish(): Promise<void> {
      const start = offset;
      for (const { name, crc, packed, size, offset: where } of parts)
        await put(
          Buffer.concat([
            numbers(
              [4, 0x02014b50],
              [2, 20],
              [2, 20],
              [2, FLAGS],
              [2, DEFLATE],
              [4, time],
              [4, crc],
              [4, packed],
              [4, size],
              [2, name.length],
              [2, 0],
              [2, 0],
              [2, 0],
              [2, 0],
              [4, 0],
              [4, where],
            ),
            name,
          ]),
        );
      const length = offset - start;
      await put(
        numbers(
          [4, 0x06054b50],
          [2, 0],
          [2, 0],
          [2, parts.length],
          [2, parts.length],
          [4, length],
          [4, start],
          [2, 0],
        ),
      );
      out.end();
    },
  };
}

/** Little-endian fields of 2 or 4 bytes. */
function numbers(...fields: readonly (readonly [bytes: 2 | 4, value: number])[]): Buffer {
  const buffer = Buffer.alloc(fields.reduce((sum, [bytes]) => sum + bytes, 0));
  let at = 0;
  for (const [bytes, value] of fields) at = buffer.writeUIntLE(value, at, bytes);
  return buffer;
}

/** APPNOTE 4.4.6: two-second steps since 1980, here in UTC. Time in the low, date in the high half. */
function dosTime(at: Date): number {
  const time = (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1);
  const date = ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate();
  return ((date << 16) | time) >>> 0;
}
