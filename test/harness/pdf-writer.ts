import { deflateSync } from 'node:zlib';

/** Writes small PDF files revision by revision, for tests: what is written stays readable in the test. */

/** Body of an object: text, or a stream. */
export type Body = string | { readonly dict: string; readonly data: string | Buffer };
export type Objects = Readonly<Record<number, Body>>;

export interface Revision {
  readonly objects: Objects;
  /** Entries of the trailer besides Size, Prev and Root. */
  readonly trailer?: string;
  readonly root?: number;
  /** One more than the highest object number; a cross-reference stream takes the number below it. Default 100. */
  readonly size?: number;
  readonly xref?: 'table' | 'stream' | 'none';
  /** Entries of the cross-reference beyond the written objects: number → absolute offset. */
  readonly pointers?: Readonly<Record<number, number>>;
  /** Raw bytes before the cross-reference. */
  readonly before?: string;
}

export const FONT = '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>';
export const pageBody = (annots = '', extra = ''): string =>
  `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> ${annots} ${extra} >>`;
export const textStream = (text: string): Body => ({
  dict: '',
  data: `BT /F1 14 Tf 20 100 Td (${text}) Tj ET`,
});

/** A page with one line of text and an empty form (object 6); numbers 7 and up are free. */
export const BASE_OBJECTS: Objects = {
  1: '<< /Type /Catalog /Pages 2 0 R /AcroForm 6 0 R >>',
  2: '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
  3: pageBody(),
  4: textStream('Lập danh sách hộp thư'),
  5: FONT,
  6: '<< /Fields [] /SigFlags 3 >>',
};

export function basePdf(objects: Objects = BASE_OBJECTS, revision: Omit<Revision, 'objects'> = {}): Buffer {
  return appendRevision(Buffer.from('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n', 'latin1'), { objects, ...revision });
}

/** The file with one more revision behind it. */
export function appendRevision(pdf: Buffer, revision: Revision): Buffer {
  const parts: Buffer[] = [pdf];
  let at = pdf.length;
  const write = (bytes: Buffer): void => {
    parts.push(bytes);
    at += bytes.length;
  };
  const offsets = new Map<number, number>();
  for (const [num, body] of Object.entries(revision.objects)) {
    offsets.set(Number(num), at);
    write(objectBytes(Number(num), body));
  }
  for (const [num, offset] of Object.entries(revision.pointers ?? {})) offsets.set(Number(num), offset);
  if (revision.before !== undefined) write(Buffer.from(revision.before, 'latin1'));
  const tail = { at, offsets, previous: startxrefOf(pdf), size: revision.size ?? 100, revision };
  if (revision.xref === 'stream') write(xrefStream(tail));
  else if (revision.xref !== 'none') write(xrefTable(tail));
  return Buffer.concat(parts);
}

function objectBytes(num: number, body: Body): Buffer {
  if (typeof body === 'string') return Buffer.from(`${num} 0 obj\n${body}\nendobj\n`, 'latin1');
  const data = typeof body.data === 'string' ? Buffer.from(body.data, 'utf8') : body.data;
  const head = `${num} 0 obj\n<< ${body.dict} /Length ${data.length} >>\nstream\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), data, Buffer.from('\nendstream\nendobj\n')]);
}

interface Tail {
  readonly at: number;
  readonly offsets: ReadonlyMap<number, number>;
  readonly previous: number | null;
  readonly size: number;
  readonly revision: Revision;
}

function trailerEntries({ previous, size, revision }: Tail): string {
  const prev = previous === null ? '' : `/Prev ${previous}`;
  return `/Size ${size} /Root ${revision.root ?? 1} 0 R ${prev} ${revision.trailer ?? ''}`;
}

function xrefTable(tail: Tail): Buffer {
  const pad = (value: number, width: number): string => String(value).padStart(width, '0');
  const sections = [...tail.offsets].map(([num, offset]) => `${num} 1\n${pad(offset, 10)} 00000 n \n`);
  const zero = tail.previous === null ? '0 1\n0000000000 65535 f \n' : '';
  return Buffer.from(
    `xref\n${zero}${sections.join('')}trailer\n<< ${trailerEntries(tail)} >>\nstartxref\n${tail.at}\n%%EOF\n`,
    'latin1',
  );
}

/** Its own object takes the highest number. */
function xrefStream(tail: Tail): Buffer {
  const own = tail.size - 1;
  const entries = [...tail.offsets, [own, tail.at] as const];
  const data = Buffer.alloc(entries.length * 7);
  entries.forEach(([, offset], index) => {
    data.writeUInt8(1, index * 7);
    data.writeUInt32BE(offset, index * 7 + 1);
  });
  const index = entries.map(([num]) => `${num} 1`).join(' ');
  const dict = `/Type /XRef /W [1 4 2] /Index [${index}] /Filter /FlateDecode ${trailerEntries(tail)}`;
  const stream = objectBytes(own, { dict, data: deflateSync(data) });
  return Buffer.concat([stream, Buffer.from(`startxref\n${tail.at}\n%%EOF\n`)]);
}

export function startxrefOf(pdf: Buffer): number | null {
  const at = pdf.lastIndexOf('startxref');
  return at < 0 ? null : Number(/\d+/.exec(pdf.subarray(at + 9, at + 30).toString('latin1'))![0]);
}
