import fs from 'node:fs';
import path from 'node:path';
import { createCanvas } from '@napi-rs/canvas';
import { describe, expect, test } from 'vitest';
import { scanDoubts } from '../src/rules/scan.ts';
import { examineScan } from '../src/scan/examine-scan.ts';
import { readPicture, tiffPages, writeJpeg } from '../src/scan/picture-file.ts';
import type { Raster } from '../src/scan/raster.ts';
import { drawPage } from './scans/page.ts';
import { withOrientation, writePng, writeTiff } from './scans/picture-writer.ts';

/** Pictures as scanners and telephones write them: drawn right, or told as not seen, never "no seal" by mistake. */

/** 100 dpi, a seal of 35.6 mm. */
const PAGE = drawPage(1064);
const TYPES: Readonly<Record<string, string>> = { jpg: 'image/jpeg', png: 'image/png', tif: 'image/tiff' };

async function look(bytes: Buffer, kind: string) {
  const { fact, pictures } = await examineScan(bytes, TYPES[kind]!);
  return { fact, pictures, doubts: scanDoubts(fact).map(({ code }) => code) };
}

describe('the seal is found in', () => {
  const jpeg = (): Buffer => Buffer.from(writeJpeg(PAGE, 85, 5000).bytes);
  const files: Readonly<Record<string, () => Buffer>> = {
    'a progressive JPEG.jpg': () =>
      fs.readFileSync(path.join(import.meta.dirname, '../fixtures/scans/progressive.jpg')),
    'a CMYK JPEG.jpg': () => fs.readFileSync(path.join(import.meta.dirname, '../fixtures/scans/cmyk.jpg')),
    'a JPEG lying on its side.jpg': () => withOrientation(jpeg(), 6),
    'a PNG of 16 bits.png': () => writePng(PAGE, '16 bits'),
    'a PNG with a palette.png': () => writePng(PAGE, 'palette'),
    'an interlaced PNG.png': () => writePng(PAGE, 'interlaced'),
    'a PNG with transparency.png': () => writePng(PAGE, 'transparent'),
    'a TIFF.tif': () => writeTiff([PAGE]),
    'a big-endian TIFF.tif': () => writeTiff([PAGE], { bigEndian: true }),
  };

  test.each(Object.keys(files))('%s', async (name) => {
    const { fact } = await look(files[name]!(), name.slice(-3));
    expect(fact.limit).toBeNull();
    expect(fact.pages).toMatchObject([{ colour: 'colour', blank: false, seals: [{ grade: 'weak' }] }]);
    expect(fact.pages[0]!.seals[0]!.diameterMm).toBeCloseTo(35.6, 0);
  });

  test('each page of a TIFF, and no more than twenty are looked at', async () => {
    const small = drawPage(1064);
    const { fact } = await look(writeTiff([small, small, small]), 'tif');
    expect(fact).toMatchObject({ pageCount: 3, limit: null });
    expect(fact.pages.map(({ seals }) => seals.length)).toEqual([1, 1, 1]);
    const stamp: Raster = { width: 8, height: 8, data: new Uint8Array(192) };
    const many = await look(writeTiff(Array<Raster>(21).fill(stamp)), 'tif');
    expect(many.fact).toMatchObject({ pageCount: 21, limit: 'only 20 of 21 pages were looked at' });
    expect(many.doubts).toContain('not_seen');
  });
});

describe('turned pictures stand upright', () => {
  /** Red, green / blue, yellow: any turn is seen from the corners. */
  const CORNERS = ['red', 'lime', 'blue', 'yellow'];
  const RGB: Readonly<Record<string, readonly number[]>> = {
    red: [255, 0, 0],
    lime: [0, 255, 0],
    blue: [0, 0, 255],
    yellow: [255, 255, 0],
  };
  const canvas = createCanvas(64, 32);
  const pen = canvas.getContext('2d');
  CORNERS.forEach((colour, n) => {
    pen.fillStyle = colour;
    pen.fillRect((n % 2) * 32, n > 1 ? 16 : 0, 32, 16);
  });
  const jpeg = canvas.toBuffer('image/jpeg', 95);
  const raster: Raster = {
    width: 64,
    height: 32,
    data: Uint8Array.from(pen.getImageData(0, 0, 64, 32).data.filter((_, n) => n % 4 !== 3)),
  };
  const corners = ({ width, height, data }: Raster): string[] =>
    [
      [4, 4],
      [width - 4, 4],
      [4, height - 4],
      [width - 4, height - 4],
    ].map(([x, y]) => {
      const at = (y! * width + x!) * 3;
      const off = (name: string): number =>
        Math.hypot(...RGB[name]!.map((value, c) => value - data[at + c]!));
      return CORNERS.toSorted((a, b) => off(a) - off(b))[0]!;
    });
  /** As viewers show them (Exif 2.3, TIFF 6.0): upper left, upper right, lower left, lower right. */
  const SHOWN: readonly (readonly [number, string])[] = [
    [1, 'red lime blue yellow'],
    [2, 'lime red yellow blue'],
    [3, 'yellow blue lime red'],
    [4, 'blue yellow red lime'],
    [5, 'red blue lime yellow'],
    [6, 'blue red yellow lime'],
    [7, 'yellow lime blue red'],
    [8, 'lime yellow red blue'],
  ];

  test.each(SHOWN)('orientation %i', async (orientation, shown) => {
    const photo = await readPicture(withOrientation(jpeg, orientation), 'image/jpeg');
    const scan = tiffPages(writeTiff([raster], { tags: { 274: orientation } })).read(1);
    for (const picture of [photo, scan]) {
      expect(picture.width > picture.height).toBe(orientation < 5);
      expect(corners(picture).join(' ')).toBe(shown);
    }
  });
});

describe('cannot tell', () => {
  const files: Readonly<Record<string, () => Buffer>> = {
    'a TIFF with its colours in planes.tif': () => writeTiff([PAGE], { tags: { 284: 2 } }),
    'a TIFF in CMYK.tif': () => writeTiff([PAGE], { tags: { 262: 5 } }),
    'a TIFF in Lab.tif': () => writeTiff([PAGE], { tags: { 262: 8 } }),
    'a TIFF of an unknown compression.tif': () => writeTiff([PAGE], { tags: { 259: 34712 } }),
    'a TIFF of fractions.tif': () => writeTiff([PAGE], { tags: { 339: 3 } }),
    'a TIFF of a billion pixels.tif': () => writeTiff([PAGE], { tags: { 256: 40_000, 257: 25_000 } }),
    'a BigTIFF.tif': () => Buffer.concat([Buffer.from('II+\0\x08\0\0\0', 'latin1'), Buffer.alloc(64)]),
    'a TIFF without pages.tif': () => Buffer.from('II*\0\x08\0\0\0\0\0\0\0\0\0', 'latin1'),
    'a PNG of a billion pixels.png': () => sized(writePng(PAGE, 'plain'), 16, 40_000),
    'a PNG without size.png': () => sized(writePng(PAGE, 'plain'), 16, 0),
    'a PNG cut off.png': () => writePng(PAGE, 'plain').subarray(0, 20_000),
    'a JPEG without size.jpg': () => {
      const jpeg = Buffer.from(writeJpeg(PAGE, 85, 5000).bytes);
      jpeg.writeUInt16BE(0, jpeg.indexOf(Buffer.of(0xff, 0xc0)) + 5);
      return jpeg;
    },
  };
  const sized = (png: Buffer, at: number, value: number): Buffer => {
    png.writeUInt32BE(value, at);
    return png;
  };

  test.each(Object.keys(files))('%s', async (name) => {
    const { fact, doubts } = await look(files[name]!(), name.slice(-3));
    expect(fact.limit).not.toBeNull();
    expect(doubts).toContain('not_seen');
    expect(doubts).not.toContain('no_seal');
  });
});
