import { writeJpeg } from '../../src/scan/picture-file.ts';
import type { DrawnPage } from './page.ts';

/** Small PDF files as scanners, forgers and attackers make them. */

export interface Stream {
  readonly dictionary: string;
  readonly bytes: Buffer;
}

/** Objects from number 3 on; 1 is the catalogue, 2 the page tree. `pages`: numbers of page objects. */
export function pdfOf(
  objects: readonly (string | Stream)[],
  pages: readonly number[],
  count = pages.length,
): Buffer {
  const all = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${pages.map((n) => `${n} 0 R`).join(' ')}] /Count ${count} >>`,
    ...objects,
  ];
  const parts: Buffer[] = [Buffer.from('%PDF-1.7\n')];
  const offsets: number[] = [];
  let at = parts[0]!.length;
  const add = (bytes: Buffer): void => {
    parts.push(bytes);
    at += bytes.length;
  };
  all.forEach((object, n) => {
    offsets.push(at);
    add(Buffer.from(`${n + 1} 0 obj\n`));
    if (typeof object === 'string') add(Buffer.from(object));
    else {
      add(Buffer.from(`<< ${object.dictionary} /Length ${object.bytes.length} >>\nstream\n`));
      add(object.bytes);
      add(Buffer.from('\nendstream'));
    }
    add(Buffer.from('\nendobj\n'));
  });
  const xref = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const size = all.length + 1;
  add(
    Buffer.from(
      `xref\n0 ${size}\n0000000000 65535 f \n${xref}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${at}\n%%EOF\n`,
    ),
  );
  return Buffer.concat(parts);
}

export const stream = (dictionary: string, bytes: Buffer | string): Stream => ({
  dictionary,
  bytes: Buffer.from(bytes as Buffer),
});

const A4 = [595.28, 841.89] as const;

/** A page whose whole is one picture (object 4), with more content and resources on top when wanted. */
export function imagePdf(
  image: Stream,
  more: {
    content?: string;
    before?: string;
    resources?: string;
    objects?: Stream[];
    size?: readonly [number, number];
  } = {},
): Buffer {
  const [width, height] = more.size ?? A4;
  return pdfOf(
    [
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${width} ${height}] /Contents 5 0 R /Resources << /XObject << /Im0 4 0 R ${more.resources ?? ''} >> /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>`,
      image,
      stream('', `${more.before ?? ''} q ${width} 0 0 ${height} 0 0 cm /Im0 Do Q ${more.content ?? ''}`),
      ...(more.objects ?? []),
    ],
    [3],
  );
}

export function jpegStream(page: DrawnPage): Stream {
  const { width, height, bytes } = writeJpeg(page, 85, 10_000);
  return stream(
    `/Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode`,
    Buffer.from(bytes),
  );
}
