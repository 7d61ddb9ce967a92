import { createCanvas, loadImage } from '@napi-rs/canvas';
import UTIF from 'utif2';
import type { ScanPicture } from '../rules/scan-facts.ts';
import type { Raster } from './raster.ts';

/**
 * Reads and writes picture files. JPEG and PNG by the canvas that pdfjs brings along anyway (Skia: an A4 page of
 * 200 dpi is read in 30 ms, by jpeg-js in 400 ms); TIFF, which it cannot read, by utif2 (CCITT G3/G4, LZW, JPEG).
 */

/** 40 million pixels are an A3 page at 400 dpi or a large telephone picture; they take 160 MB as RGBA. */
export const MAX_PIXELS = 40_000_000;

/** The file is no picture we read, or a larger one than any page. English, exact. */
export class PictureFault extends Error {
  override name = 'PictureFault';
}

/** @throws PictureFault */
export async function readPicture(bytes: Buffer, mediaType: string): Promise<Raster> {
  const size =
    mediaType === 'image/png' ? pngSize(bytes) : mediaType === 'image/jpeg' ? jpegSize(bytes) : null;
  if (size === null) throw new PictureFault(`pictures of type ${mediaType} are not read`);
  checkSize(size.width, size.height);
  if (!isWhole(bytes, mediaType)) throw new PictureFault('the picture is cut off');
  const image = await loadImage(bytes).catch((error: unknown) => {
    throw new PictureFault(`the picture is damaged: ${String(error)}`);
  });
  const canvas = createCanvas(image.width, image.height);
  const pen = canvas.getContext('2d');
  // What is transparent shows paper, as every viewer does.
  pen.fillStyle = 'white';
  pen.fillRect(0, 0, image.width, image.height);
  pen.drawImage(image, 0, 0);
  return fromRgba(image.width, image.height, pen.getImageData(0, 0, image.width, image.height).data);
}

/** The pages of a TIFF, one at a time. @throws PictureFault */
export function tiffPages(bytes: Buffer): { readonly count: number; read(page: number): Raster } {
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  const directories = orFault(() => UTIF.decode(file)).filter((ifd) => ifd['t256'] !== undefined);
  return {
    count: directories.length,
    read(page) {
      const ifd = directories[page - 1]!;
      const tag = (name: string): number => (ifd[name] as number[] | undefined)?.[0] ?? 0;
      checkSize(tag('t256'), tag('t257'));
      if (!holdsItsPixels(ifd, bytes.length)) throw new PictureFault('the TIFF file is cut off');
      checkKind(tag);
      const raster = orFault(() => {
        UTIF.decodeImage(file, ifd);
        return fromRgba(ifd.width, ifd.height, UTIF.toRGBA8(ifd));
      });
      return upright(raster, tag('t274'));
    },
  };
}

/**
 * TIFF 6.0 §3, §15: offsets and lengths of the strips or tiles. What is missing the reader draws black, and a page
 * half seen must not be told as one without a seal.
 */
function holdsItsPixels(ifd: UTIF.IFD, size: number): boolean {
  const [offsets, lengths] = (ifd['t324'] === undefined ? ['t273', 't279'] : ['t324', 't325']).map(
    (name) => (ifd[name] ?? []) as number[],
  );
  return offsets!.length > 0 && offsets!.every((offset, n) => offset + (lengths![n] ?? 0) <= size);
}

/** Bilevel or grey, RGB, palette, YCbCr: of the others the reader makes a picture too, but not the one that is there. */
const COLOURS: ReadonlySet<number> = new Set([0, 1, 2, 3, 6]);
/** None, CCITT G3 (two kinds) and G4, LZW, JPEG, Deflate (two numbers), PackBits. */
const COMPRESSIONS: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 7, 8, 32_773, 32_946]);

/** TIFF 6.0 §8: what the reader is known to get right; drawn wrong, a page would be told as one without a seal. */
function checkKind(tag: (name: string) => number): void {
  const [compression, colours, samples] = [tag('t259') || 1, tag('t262'), tag('t277')];
  if (!COMPRESSIONS.has(compression)) throw new PictureFault(`a TIFF of compression ${compression}`);
  if (!COLOURS.has(colours)) throw new PictureFault(`a TIFF of colour kind ${colours}`);
  if (tag('t284') > 1 && samples > 1) throw new PictureFault('a TIFF with its colours in planes');
  if (tag('t339') > 1) throw new PictureFault('a TIFF of signed or fractional samples');
}

/** TIFF 6.0 §8 Orientation: 1 upright, 2 to 4 mirrored or upside down, 5 to 8 lying. */
function upright(raster: Raster, orientation: number): Raster {
  if (orientation < 2 || orientation > 8) return raster;
  const lying = orientation > 4;
  const [width, height] = lying ? [raster.height, raster.width] : [raster.width, raster.height];
  const [right, down] = [[2, 3, 7, 8].includes(orientation), [3, 4, 6, 7].includes(orientation)];
  const data = new Uint8Array(raster.data.length);
  for (let y = 0, to = 0; y < height; y++)
    for (let x = 0; x < width; x++, to += 3) {
      const [i, j] = lying ? [y, x] : [x, y];
      const [column, row] = [right ? raster.width - 1 - i : i, down ? raster.height - 1 - j : j];
      const from = (row * raster.width + column) * 3;
      data[to] = raster.data[from]!;
      data[to + 1] = raster.data[from + 1]!;
      data[to + 2] = raster.data[from + 2]!;
    }
  return { width, height, data };
}

function orFault<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new PictureFault(`the TIFF file is damaged: ${String(error)}`);
  }
}

function checkSize(width: number, height: number): void {
  if (width < 1 || height < 1) throw new PictureFault('the picture has no size');
  if (width * height > MAX_PIXELS) throw new PictureFault(`a picture of ${width} × ${height} pixels`);
}

/** Both end with a mark of their own (PNG §11.2.5 IEND; T.81 B.1.1.3 EOI); decoders fill up what is missing. */
const isWhole = (bytes: Buffer, mediaType: string): boolean =>
  mediaType === 'image/png'
    ? bytes.includes('IEND', 0, 'latin1')
    : bytes.lastIndexOf(Buffer.from([0xff, 0xd9])) > bytes.lastIndexOf(Buffer.from([0xff, 0xda]));

interface Size {
  readonly width: number;
  readonly height: number;
}

/** PNG §11.2.2: IHDR comes first. */
const pngSize = (bytes: Buffer): Size | null =>
  bytes.length < 24 ? null : { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };

/** ITU-T T.81 B.2.2: the frame header (SOF) of any kind; DHT, JPG and DAC lie in the same range. */
function jpegSize(bytes: Buffer): Size | null {
  for (let at = 2; at + 9 < bytes.length;) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1]!;
    if (marker === 0xff) at++;
    else if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
      return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
    else at += 2 + bytes.readUInt16BE(at + 2);
  }
  return null;
}

export function fromRgba(width: number, height: number, rgba: ArrayLike<number>): Raster {
  const data = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < data.length; from += 4, to += 3) {
    data[to] = rgba[from]!;
    data[to + 1] = rgba[from + 1]!;
    data[to + 2] = rgba[from + 2]!;
  }
  return { width, height, data };
}

/** As a JPEG whose longer side is at most `longest` pixels. */
export function writeJpeg(
  raster: Raster,
  quality: number,
  longest: number,
): Pick<ScanPicture, 'mediaType' | 'width' | 'height' | 'bytes'> {
  const full = createCanvas(raster.width, raster.height);
  const image = full.getContext('2d').createImageData(raster.width, raster.height);
  for (let from = 0, to = 0; from < raster.data.length; from += 3, to += 4) {
    image.data[to] = raster.data[from]!;
    image.data[to + 1] = raster.data[from + 1]!;
    image.data[to + 2] = raster.data[from + 2]!;
    image.data[to + 3] = 255;
  }
  full.getContext('2d').putImageData(image, 0, 0);
  const scale = Math.min(1, longest / Math.max(raster.width, raster.height));
  const [width, height] = [
    Math.max(1, Math.round(raster.width * scale)),
    Math.max(1, Math.round(raster.height * scale)),
  ];
  let canvas = full;
  if (scale < 1) {
    canvas = createCanvas(width, height);
    const pen = canvas.getContext('2d');
    pen.imageSmoothingQuality = 'high';
    pen.drawImage(full, 0, 0, width, height);
  }
  return { mediaType: 'image/jpeg', width, height, bytes: canvas.toBuffer('image/jpeg', quality) };
}
