import { crc32, deflateSync } from 'node:zlib';
import type { Raster } from '../../src/scan/raster.ts';

/** Picture files in forms that scanners and telephones write and our own writer does not. */

export interface TiffForm {
  /** Tags that replace those of a plain RGB picture, each with one short value. */
  readonly tags?: Readonly<Record<number, number>>;
  readonly bigEndian?: boolean;
}

/** An uncompressed TIFF (TIFF 6.0) with one page for each picture. */
export function writeTiff(pages: readonly Raster[], { tags = {}, bigEndian = false }: TiffForm = {}): Buffer {
  const short = (value: number): Buffer => integer(value, 2, bigEndian);
  const long = (value: number): Buffer => integer(value, 4, bigEndian);
  const out: Buffer[] = [Buffer.from(bigEndian ? 'MM' : 'II'), short(42), long(8)];
  let at = 8;
  pages.forEach(({ width, height, data }, n) => {
    const fields: Record<number, number> = {
      ...{
        256: width,
        257: height,
        258: 8,
        259: 1,
        262: 2,
        273: 0,
        274: 1,
        277: 3,
        278: height,
        279: data.length,
      },
      ...{ 284: 1 },
      ...tags,
    };
    const size = 2 + Object.keys(fields).length * 12 + 4;
    fields[273] = at + size;
    const rows = Object.entries(fields).map(([tag, value]) =>
      Buffer.concat([short(Number(tag)), short(4), long(1), long(value)]),
    );
    at += size + data.length;
    out.push(short(rows.length), ...rows, long(n + 1 < pages.length ? at : 0), Buffer.from(data));
  });
  return Buffer.concat(out);
}

function integer(value: number, bytes: number, bigEndian: boolean): Buffer {
  const out = Buffer.alloc(bytes);
  if (bigEndian) out.writeUIntBE(value, 0, bytes);
  else out.writeUIntLE(value, 0, bytes);
  return out;
}

export type PngForm = 'plain' | '16 bits' | 'palette' | 'interlaced' | 'transparent';

/** A PNG (ISO/IEC 15948) in one of its forms. A palette keeps two bits of each colour. */
export function writePng(raster: Raster, form: PngForm): Buffer {
  const { width, height } = raster;
  const kind = { plain: 2, '16 bits': 2, palette: 3, interlaced: 2, transparent: 6 }[form];
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([form === '16 bits' ? 16 : 8, kind, 0, 0, form === 'interlaced' ? 1 : 0], 8);
  const palette = form === 'palette' ? [chunk('PLTE', twoBitColours())] : [];
  const passes = form === 'interlaced' ? ADAM7 : [[0, 0, 1, 1] as const];
  const rows = passes.flatMap((pass) => passRows(raster, pass, form));
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', head),
    ...palette,
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** First column and row, steps across and down (§8.2). */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

function passRows(
  { width, height, data }: Raster,
  [left, top, across, down]: readonly [number, number, number, number],
  form: PngForm,
): Buffer[] {
  const rows: Buffer[] = [];
  for (let y = top; y < height; y += down) {
    const row: number[] = [0];
    for (let x = left; x < width; x += across) {
      const pixel = data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3);
      row.push(...written(pixel, form));
    }
    rows.push(Buffer.from(row));
  }
  return rows;
}

function written([r, g, b]: Uint8Array, form: PngForm): number[] {
  if (form === '16 bits') return [r!, 0, g!, 0, b!, 0];
  if (form === 'palette') return [((r! >> 6) << 4) | ((g! >> 6) << 2) | (b! >> 6)];
  return form === 'transparent' ? [r!, g!, b!, 255] : [r!, g!, b!];
}

const twoBitColours = (): Buffer =>
  Buffer.from(
    Array.from({ length: 64 }, (_, n) => [n >> 4, (n >> 2) & 3, n & 3].map((two) => two * 85)).flat(),
  );

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  return Buffer.concat([integer(data.length, 4, true), body, integer(crc32(body), 4, true)]);
}

/** A JPEG with an Exif orientation (Exif 2.3 §4.6.4) put in front of its other segments. */
export function withOrientation(jpeg: Buffer, orientation: number): Buffer {
  const directory = [
    [1, 2],
    [0x112, 2],
    [3, 2],
    [1, 4],
    [orientation, 2],
    [0, 2],
    [0, 4],
  ] as const;
  const tiff = Buffer.concat([
    Buffer.from('II*\0\x08\0\0\0', 'latin1'),
    ...directory.map(([value, bytes]) => integer(value, bytes, false)),
  ]);
  const exif = Buffer.concat([Buffer.from('Exif\0\0'), tiff]);
  return Buffer.concat([
    jpeg.subarray(0, 2),
    Buffer.of(0xff, 0xe1),
    integer(exif.length + 2, 2, true),
    exif,
    jpeg.subarray(2),
  ]);
}
