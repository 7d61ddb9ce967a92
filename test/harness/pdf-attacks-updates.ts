import { deflateSync } from 'node:zlib';
import { append, replaceRange, samePad, signedAs, type Attack } from './pdf-attacks.ts';
import { signPdf } from './pdf-signer.ts';
import { appendRevision, basePdf, pageBody, startxrefOf, textStream, type Objects } from './pdf-writer.ts';

/** Forgeries of test/cases/pdf/attacks.json by what is written behind a signature, or by how its own dictionary is written. */

const catalog = (extra: string, own = '/AcroForm 6 0 R'): string =>
  `<< /Type /Catalog /Pages 2 0 R ${own} ${extra} >>`;
const withCatalog = (extra: string, more: Objects = {}): Attack => append({ 1: catalog(extra), ...more });
const form = (extra: string): string => `<< /Fields [7 0 R] /SigFlags 3 ${extra} >>`;

/** A cross-reference without objects that names another one before it. */
const emptyAfter =
  (prev: (at: number) => string): Attack =>
  ({ signed }) =>
    Buffer.concat([
      signed,
      Buffer.from(
        `xref\n0 0\ntrailer\n<< /Size 100 /Root 1 0 R /Prev ${prev(signed.length)} >>\nstartxref\n${signed.length}\n%%EOF\n`,
      ),
    ]);

/** The page's text replaced by way of an object stream and a cross-reference stream. */
const packedPage: Attack = ({ signed }) => {
  const index = '3 0 ';
  const page = pageBody('/Annots [7 0 R]', '/Rotate 180');
  const data = deflateSync(Buffer.from(index + page)).toString('latin1');
  const container = `97 0 obj\n<< /Type /ObjStm /N 1 /First ${index.length} /Filter /FlateDecode /Length ${data.length} >>\nstream\n${data}\nendstream\nendobj\n`;
  const rows = Buffer.alloc(14, 0);
  rows.writeUInt8(2, 0);
  rows.writeUInt32BE(97, 1);
  rows.writeUInt8(1, 7);
  rows.writeUInt32BE(signed.length, 8);
  const at = signed.length + container.length;
  const stream = `98 0 obj\n<< /Type /XRef /W [1 4 2] /Index [3 1 97 1] /Size 100 /Root 1 0 R /Prev ${startxrefOf(signed)!} /Length 14 >>\nstream\n${rows.toString('latin1')}\nendstream\nendobj\nstartxref\n${at}\n%%EOF\n`;
  return Buffer.concat([signed, Buffer.from(container + stream, 'latin1')]);
};

/** Two sections that name each other. */
const mutualLoop: Attack = ({ signed }) => {
  const section = (at: number, prev: number): string =>
    `xref\n0 0\ntrailer\n<< /Size 100 /Root 1 0 R /Prev ${String(prev).padStart(8, '0')} >>\nstartxref\n${at}\n%%EOF\n`;
  const first = section(signed.length, 0);
  const second = signed.length + first.length;
  return Buffer.concat([
    signed,
    Buffer.from(section(signed.length, second) + section(second, signed.length)),
  ]);
};

const field = '<< /Type /Annot /Subtype /Widget /FT /Sig /T (Sig7) /F 132';

export const UPDATE_ATTACKS: Readonly<Record<string, Attack>> = {
  'page replaced in an object stream': packedPage,
  'cross-references that name each other': mutualLoop,
  'previous cross-reference negative': emptyAfter(() => '-1'),
  'previous cross-reference outside the file': emptyAfter((at) => String(at + 100_000)),
  'previous cross-reference by reference': emptyAfter(() => '20 0 R'),
  'previous cross-reference left out': ({ signed }) =>
    Buffer.from(
      appendRevision(signed, { objects: { 4: textStream('Mot trieu hop thu') } })
        .toString('latin1')
        .replace(new RegExp(`/Prev ${startxrefOf(signed)!}(?=[^/]*>>\\nstartxref\\n\\d+\\n%%EOF\\n$)`), ''),
      'latin1',
    ),
  'text freed': ({ signed }) => {
    const table = `xref\n4 1\n0000000000 00001 f \ntrailer\n<< /Size 100 /Root 1 0 R /Prev ${startxrefOf(signed)!} >>\nstartxref\n${signed.length}\n%%EOF\n`;
    return Buffer.concat([signed, Buffer.from(table)]);
  },
  'text of another generation': ({ signed }) => {
    const body = '4 1 obj\n<< /Length 0 >>\nstream\n\nendstream\nendobj\n';
    const table = `xref\n4 1\n${String(signed.length).padStart(10, '0')} 00001 n \ntrailer\n<< /Size 100 /Root 1 0 R /Prev ${startxrefOf(signed)!} >>\nstartxref\n${signed.length + body.length}\n%%EOF\n`;
    return Buffer.concat([signed, Buffer.from(body + table)]);
  },
  'picture of the signature replaced': append({
    7: `${field} /Rect [0 0 300 200] /P 3 0 R /V 8 0 R /AP << /N 22 0 R >> >>`,
    22: { dict: '/Type /XObject /Subtype /Form /BBox [0 0 300 200]', data: '0 0 300 200 re f' },
  }),
  'picture of the signature drawn anew': ({ signing }) =>
    appendRevision(
      signPdf(basePdf(), {
        ...signing,
        objects: {
          22: { dict: '/Type /XObject /Subtype /Form /BBox [0 0 9 9]', data: '0 0 9 9 re f' },
          3: pageBody(
            '/Annots [7 0 R << /Type /Annot /Subtype /Stamp /Rect [0 0 9 9] /AP << /N 22 0 R >> >>]',
          ),
        },
      }),
      { objects: { 22: { dict: '/Type /XObject /Subtype /Form /BBox [0 0 9 9]', data: '0 0 1 1 re f' } } },
    ),
  'form asks for new pictures': append({ 6: form('/NeedAppearances true') }),
  'form gets another writing': append({ 6: form('/DA (/Helv 0 Tf 1 g)') }),
  'form gets a dynamic form': append({ 6: form('/XFA 20 0 R'), 20: { dict: '', data: '<xdp/>' } }),
  'form gets an order of calculation': append({ 6: form('/CO [7 0 R]') }),
  'script added to the names': withCatalog(
    '/Names << /JavaScript << /Names [(x) << /S /JavaScript /JS (x) >>] >> >>',
  ),
  'file added': withCatalog('/Names << /EmbeddedFiles << /Names [(a.xlsx) 20 0 R] >> >>', {
    20: '<< /Type /Filespec /F (a.xlsx) /EF << /F 21 0 R >> >>',
    21: { dict: '/Type /EmbeddedFile', data: 'x' },
  }),
  'files shown in place of the page': withCatalog('/Collection << /View /H /D (a.pdf) >>'),
  'layers added': withCatalog('/OCProperties << /OCGs [20 0 R] /D << >> >>', {
    20: '<< /Type /OCG /Name (L) >>',
  }),
  'usage rights added': withCatalog('/Perms << /UR3 20 0 R >>', {
    20: '<< /Type /Sig /Filter /Adobe.PPKLite >>',
  }),
  'certification taken away': ({ signing }) =>
    appendRevision(signPdf(basePdf(), { ...signing, certify: 2 }), { objects: { 1: catalog('') } }),
  'form taken away': append({ 1: catalog('', '') }),
  'form replaced': append({ 1: catalog('', '/AcroForm 20 0 R'), 20: form('') }),
  'page labels changed': withCatalog('/PageLabels << /Nums [0 << /P (So 12) >>] >>'),
  'article threads added': withCatalog('/Threads [20 0 R]', { 20: '<< /Type /Thread >>' }),
  'resources of the page replaced': append({
    3: pageBody('/Annots [7 0 R]').replace('/F1 5 0 R', '/F1 20 0 R'),
    20: '<< /Type /Font /Subtype /Type1 /BaseFont /ZapfDingbats >>',
  }),
  'action added to the page': append({
    3: pageBody('/Annots [7 0 R]', '/AA << /O << /S /URI /URI (http://example.vn) >> >>'),
  }),
  'another beginning named in a comment': ({ signed }) =>
    Buffer.concat([signed, Buffer.from(`%startxref\n%9\n%%EOF\n`)]),
  'two ends': ({ signed }) => Buffer.concat([signed, Buffer.from('%%EOF\n')]),
  'byte range by reference': ({ signed }) =>
    appendRevision(signed, { objects: { 8: '<< /Type /Sig /ByteRange 20 0 R >>', 20: '[0 1 2 3]' } }),
  'byte range of huge numbers': replaceRange(([, a, b]) => `/ByteRange [0 ${a!} ${b!} 99999999999999999999]`),
  'byte range that overlaps': replaceRange(([, a, , c]) => `/ByteRange [0 ${a! + 9} ${a!} ${c!}]`),
  'byte range of two numbers': replaceRange(([, a]) => `/ByteRange [0 ${a!}]`),
  'byte range of fractions': replaceRange(([, a, b, c]) => `/ByteRange [.5 ${a!} ${b!} ${c!}]`),
  'byte range of strings': replaceRange(([, a, b]) => `/ByteRange [(0) ${a!} ${b!} 9]`),
  'byte range without gap': replaceRange(([, a, , c]) => `/ByteRange [0 ${a!} ${a!} ${c!}]`),
  'contents of odd length': signedAs((pdf) => pdf.replace('0>', '>0')),
  'contents as text': signedAs((pdf) =>
    pdf.replace(/\/Contents <[0-9a-f]*>/, (found) => samePad('/Contents (0000)', found)),
  ),
  'contents by reference': signedAs((pdf) =>
    pdf.replace(/\/Contents <[0-9a-f]*>/, (found) => samePad('/Contents 20 0 R', found)),
  ),
};
