import fs from 'node:fs';
import path from 'node:path';
import UTIF from 'utif2';
import { afterAll, describe, expect, test } from 'vitest';
import { createParserPool, ParserCrash } from '../src/parser-process/pool.ts';
import type { ScanFact } from '../src/rules/scan-facts.ts';
import { scanDoubts } from '../src/rules/scan.ts';
import { examineScan } from '../src/scan/examine-scan.ts';
import { writeJpeg } from '../src/scan/picture-file.ts';
import { HOSTILE } from './scans/hostile.ts';
import { letterWith } from './scans/letter.ts';
import { drawPage } from './scans/page.ts';
import { imagePdf, jpegStream, pdfOf, stream } from './scans/scan-pdf.ts';

const pool = createParserPool();
afterAll(() => {
  pool.close();
});

/** In the parsing child, as the gateway does it; a child that is killed is a fact with a limit. */
async function examined(bytes: Buffer, filename = 'scan.pdf') {
  const { raw, document } = letterWith(bytes, filename);
  return pool.examineScan({ raw, document });
}
const codes = (fact: ScanFact): string[] => scanDoubts(fact).map(({ code }) => code);

/** 200 dpi, a strong seal with blue ink over it. */
const GOOD = drawPage(1006);
const HIDDEN = 'BT 3 Tr /F1 12 Tf 72 700 Td (Nguyen Van An) Tj ET';

describe('a scanned page', () => {
  test('with seal and ink gives nothing to doubt, and pictures for the desk', async () => {
    const { fact, pictures } = await examined(imagePdf(jpegStream(GOOD), { content: HIDDEN }));
    expect(codes(fact)).toEqual([]);
    expect(fact).toMatchObject({
      pageCount: 1,
      limit: null,
      pages: [{ dpi: 200, imageCoverage: 1, colour: 'colour', visibleText: 0, hiddenText: 11 }],
    });
    expect(fact.images).toHaveLength(1);
    expect(pictures.map(({ kind }) => kind)).toEqual(['page', 'seal', 'strokes']);
    for (const { bytes } of pictures)
      expect(Buffer.from(bytes.subarray(0, 3)).toString('hex')).toBe('ffd8ff');
  });

  test('with typed words over it has an overlay, whatever lies under it', async () => {
    const { fact } = await examined(
      imagePdf(jpegStream(GOOD), {
        before: 'BT /F1 12 Tf 72 400 Td (below) Tj ET',
        content: 'BT /F1 12 Tf 72 700 Td (Tran Thi Binh) Tj ET',
      }),
    );
    expect(fact.pages[0]).toMatchObject({ visibleText: 11, hiddenText: 5, overlays: [{ kind: 'text' }] });
    expect(codes(fact)).toEqual(expect.arrayContaining(['overlay', 'born_digital']));
  });

  test('of a born-digital file with a pasted transparent seal is told as that', async () => {
    const side = 300;
    const rgb = Buffer.alloc(side * side * 3, 200);
    const pasted = stream(
      `/Type /XObject /Subtype /Image /Width ${side} /Height ${side} /ColorSpace /DeviceRGB /BitsPerComponent 8 /SMask 6 0 R`,
      rgb,
    );
    const mask = stream(
      `/Type /XObject /Subtype /Image /Width ${side} /Height ${side} /ColorSpace /DeviceGray /BitsPerComponent 8`,
      Buffer.alloc(side * side, 128),
    );
    const page =
      '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /XObject << /S 5 0 R >> /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>';
    const content = stream('', 'BT /F1 12 Tf 72 700 Td (De nghi) Tj ET q 102 0 0 102 350 200 cm /S Do Q');
    const { fact } = await examined(pdfOf([page, content, pasted, mask], [3]));
    expect(fact.pages[0]!.overlays.map(({ kind }) => kind)).toEqual(['text', 'transparent_picture']);
    expect(fact.images).toHaveLength(1);
    expect(codes(fact)).toEqual(expect.arrayContaining(['born_digital', 'overlay']));
  });

  test('placed on a page that is no paper tells no millimetres', async () => {
    const { fact } = await examined(imagePdf(jpegStream(GOOD), { size: [1654, 2339] }));
    expect(fact.pages[0]).toMatchObject({ scale: 'assumed', seals: [{ weaknesses: ['scale_assumed'] }] });
  });

  test('as a JPEG, PNG or TIFF is read as a photograph', async () => {
    const jpeg = Buffer.from(writeJpeg(drawPage(1012), 85, 5000).bytes);
    const { fact } = await examined(jpeg, 'trang.jpg');
    expect(fact).toMatchObject({
      renderer: 'canvas',
      pages: [{ scale: 'assumed', seals: [{ grade: 'weak' }] }],
    });
    const { width, height, data } = drawPage(1064);
    const rgba = new Uint8Array(width * height * 4).fill(255);
    for (let n = 0; n < width * height; n++) rgba.set(data.subarray(n * 3, n * 3 + 3), n * 4);
    const tiff = Buffer.from(UTIF.encodeImage(rgba, width, height));
    expect((await examined(tiff, 'trang.tif')).fact).toMatchObject({
      pageCount: 1,
      pages: [{ colour: 'colour', seals: [{ grade: 'weak' }] }],
    });
    expect(codes((await examined(tiff.subarray(0, 3000), 'trang.tif')).fact)).toContain('not_seen');
    for (const length of [200, jpeg.length >> 1]) {
      const damaged = await examined(jpeg.subarray(0, length), 'trang.jpg');
      expect(codes(damaged.fact)).toEqual(['not_seen']);
    }
  });
});

describe('each coding of scanners is drawn, or told as not seen', () => {
  const fixture = (name: string): Buffer =>
    fs.readFileSync(path.join(import.meta.dirname, '../fixtures/scans', name));

  test.each(['ccitt-g4.pdf', 'jbig2-mmr.pdf'])('%s is seen and not in colour', async (name) => {
    const { fact } = await examined(fixture(name));
    expect(fact.pages[0]).toMatchObject({ blank: false, dpi: 100, seals: [] });
    expect(codes(fact)).toContain('not_colour');
  });

  test('jpx.pdf shows its seal', async () => {
    const { fact } = await examined(fixture('jpx.pdf'));
    expect(fact.pages[0]).toMatchObject({ blank: false, colour: 'colour', seals: [{ grade: 'strong' }] });
  });

  test('a picture nobody can decode is a blank page: cannot tell, never "no seal" alone', async () => {
    const broken = stream(
      '/Type /XObject /Subtype /Image /Width 800 /Height 1100 /Filter /JPXDecode',
      Buffer.alloc(4000, 7),
    );
    const { fact } = await examined(imagePdf(broken));
    expect(codes(fact).some((code) => code === 'blank' || code === 'not_seen')).toBe(true);
  });

  test.each(['ccitt-g4.pdf', 'jbig2-mmr.pdf', 'jpx.pdf'])(
    '%s is drawn by pdfjs too, where pdftoppm is missing',
    async (name) => {
      const { fact } = await examineScan(fixture(name), 'application/pdf', { pdftoppm: null });
      expect(fact).toMatchObject({ renderer: 'pdfjs', limit: null, pages: [{ blank: false }] });
    },
  );
});

describe('hostile files end as something to review, and the gateway goes on', () => {
  // The gateway's own limit is 20 s; here it is shorter, for the suite's sake.
  const strict = createParserPool({ timeoutMs: 6000 });
  afterAll(() => {
    strict.close();
  });

  test.concurrent.each(Object.keys(HOSTILE))('%s', { timeout: 60_000 }, async (name) => {
    const memory = process.memoryUsage().rss;
    const bytes = HOSTILE[name]!();
    const { raw, document } = letterWith(bytes, 'a.pdf');
    const doubts = await strict.examineScan({ raw, document }).then(
      ({ fact }) => codes(fact),
      (error: unknown) => {
        expect(error).toBeInstanceOf(ParserCrash);
        return ['not_seen'];
      },
    );
    expect(doubts.length).toBeGreaterThan(0);
    expect(process.memoryUsage().rss - memory).toBeLessThan(1e9);
  });

  test('a child killed in the middle of a job fails that job only', async () => {
    const own = createParserPool({ children: 1 });
    try {
      const slow = letterWith(HOSTILE['nested forms']!(), 'a.pdf');
      const job = own.examineScan(slow).catch((error: unknown) => error);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      const children = fs
        .readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8')
        .trim()
        .split(' ')
        .filter((pid) => fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('parser-process/child.ts'));
      for (const pid of children) process.kill(Number(pid), 'SIGKILL');
      expect(await job).toBeInstanceOf(ParserCrash);
      const { fact } = await own.examineScan(letterWith(imagePdf(jpegStream(GOOD)), 'b.pdf'));
      expect(fact.pages).toHaveLength(1);
    } finally {
      own.close();
    }
  });
});
