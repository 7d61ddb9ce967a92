import { deflateSync } from 'node:zlib';
import type { Attack, AttackKit } from './pdf-attacks.ts';
import { signPdf } from './pdf-signer.ts';
import { appendRevision, basePdf, BASE_OBJECTS, pageBody, startxrefOf, textStream } from './pdf-writer.ts';
import type { Objects, Revision } from './pdf-writer.ts';

/**
 * Forgeries of test/cases/pdf/attacks.json in which two readers see two documents in the same signed bytes: prepared
 * before signing, so that the signer sees one text and whoever reads the list another.
 */

const OTHER = 'Mot trieu hop thu';
const stream = (num: number, dict: string, data: string): string =>
  `${num} 0 obj\n<< ${dict} /Length ${Buffer.byteLength(data, 'latin1')} >>\nstream\n${data}\nendstream\nendobj\n`;
/** A second object 4 (the page's text) as raw bytes. */
const HIDDEN = stream(4, '', `BT /F1 14 Tf 20 100 Td (${OTHER}) Tj ET`);
const DSS = {
  1: '<< /Type /Catalog /Pages 2 0 R /AcroForm 6 0 R /DSS << /Certs [21 0 R] >> >>',
  21: { dict: '', data: 'x' },
};

/** Signed over a file that was prepared. */
const prepared =
  (objects: Objects, revision: Omit<Revision, 'objects'> = {}, page = pageBody('/Annots [7 0 R]')): Attack =>
  ({ signing }) =>
    signPdf(basePdf({ ...BASE_OBJECTS, ...objects }, revision), { ...signing, objects: { 3: page } });

const pageAs = (contents: string): string => pageBody('/Annots [7 0 R]').replace('/Contents 4 0 R', contents);

const pad = (value: number, width: number): string => String(value).padStart(width, '0');
const table = (rows: string, trailer: string, at: number): string =>
  `xref\n${rows}trailer\n<< /Size 100 /Root 1 0 R ${trailer} >>\nstartxref\n${at}\n%%EOF\n`;

/** Raw bytes that end with a cross-reference, and a signature behind them. */
const signedBehind = (kit: AttackKit, make: (base: Buffer) => string): Buffer => {
  const base = basePdf();
  return signPdf(Buffer.concat([base, Buffer.from(make(base), 'latin1')]), kit.signing);
};

/** A cross-reference stream, object 98, with one row. */
const xrefRow = (num: number, offset: number): string => {
  const row = Buffer.alloc(7, 0);
  row.writeUInt8(1, 0);
  row.writeUInt32BE(offset, 1);
  return stream(98, `/Type /XRef /W [1 4 2] /Index [${num} 1] /Size 100 /Root 1 0 R`, row.toString('latin1'));
};

/** A table that hides nothing, and beside it a stream that moves object 4. */
const hybrid =
  (row: string): Attack =>
  (kit) =>
    signedBehind(kit, (base) => {
      const streamAt = base.length + HIDDEN.length;
      const body = HIDDEN + xrefRow(4, base.length);
      const trailer = `/Prev ${startxrefOf(base)!} /XRefStm ${streamAt}`;
      return body + table(row, trailer, base.length + body.length);
    });

/**
 * A file that calls itself linearised, with a cross-reference behind that first object that shows another text.
 * `length` and `last` are what /L says and where the true cross-reference will be: known only after signing once.
 */
function linearised(kit: AttackKit, length: number, last: number): Buffer {
  const head = `%PDF-1.7\n10 0 obj\n<< /Linearized 1 /L ${pad(length, 8)} /H [600 100] /O 3 /E 900 /N 1 /T 900 >>\nendobj\n`;
  const rows = (at: number): string => `4 1\n${pad(at, 10)} 00000 n \n`;
  const own = table(rows(0), `/Prev ${pad(last, 8)}`, 0);
  const start = head + own.replace(rows(0), rows(head.length + own.length)) + HIDDEN;
  const base = appendRevision(Buffer.from(start, 'latin1'), {
    objects: BASE_OBJECTS,
    pointers: { 10: '%PDF-1.7\n'.length },
  });
  return signPdf(Buffer.from(base.toString('latin1').replace('/Prev 0 ', ''), 'latin1'), kit.signing);
}

function linearisedFor(kit: AttackKit, lengthOf: (signed: Buffer) => number): Buffer {
  const draft = linearised(kit, 0, 0);
  return linearised(kit, lengthOf(draft), startxrefOf(draft)!);
}

/** An object stream behind a file. `index` has N pairs; `entries` says at which of them the cross-reference looks. */
const packed =
  (index: string, objects: string, entries: readonly (readonly [number, number])[]): Attack =>
  (kit) =>
    signedBehind(kit, (base) => {
      const container = stream(
        97,
        `/Type /ObjStm /N ${index.trim().split(' ').length / 2} /First ${index.length} /Filter /FlateDecode`,
        deflateSync(Buffer.from(index + objects, 'latin1')).toString('latin1'),
      );
      const rows = Buffer.alloc((entries.length + 1) * 7, 0);
      entries.forEach(([, place], row) => {
        rows.writeUInt8(2, row * 7);
        rows.writeUInt32BE(97, row * 7 + 1);
        rows.writeUInt16BE(place, row * 7 + 5);
      });
      rows.writeUInt8(1, entries.length * 7);
      rows.writeUInt32BE(base.length, entries.length * 7 + 1);
      const numbers = [...entries.map(([num]) => num), 97].map((num) => `${num} 1`).join(' ');
      const dict = `/Type /XRef /W [1 4 2] /Index [${numbers}] /Size 100 /Root 1 0 R /Prev ${startxrefOf(base)!}`;
      const at = base.length + container.length;
      return `${container}${stream(98, dict, rows.toString('latin1'))}startxref\n${at}\n%%EOF\n`;
    });

const catalog = (extra: string): string => `<< /Type /Catalog /Pages 2 0 R /AcroForm 6 0 R ${extra} >>`;
const layers = (usual: string): Objects => ({
  1: catalog(`/OCProperties << /OCGs [20 0 R] /D << ${usual} >> >>`),
  20: '<< /Type /OCG /Name (Lop) >>',
});

export const READER_ATTACKS: Readonly<Record<string, Attack>> = {
  'object hidden in the signed bytes': prepared({}, { before: HIDDEN }),
  'object hidden behind the signature': ({ signed }) =>
    appendRevision(signed, { objects: DSS, before: HIDDEN }),
  'object hidden in a stream': prepared({ 20: { dict: '/Type /Metadata /Subtype /XML', data: HIDDEN } }),
  'object hidden in a string': prepared({ 20: `<< /Note (\n${HIDDEN.replaceAll(/[()]/g, '')}) >>` }),
  'trailer hidden in the signed bytes': prepared(
    { 20: '<< /Type /Catalog /Pages 21 0 R >>', 21: '<< /Type /Pages /Kids [] /Count 0 >>' },
    { before: 'trailer\n<< /Size 100 /Root 20 0 R >>\n' },
  ),
  'linearised with another beginning': (kit) => linearisedFor(kit, (signed) => signed.length),
  'linearised by what is appended': (kit) => {
    const longer = (signed: Buffer): Buffer => appendRevision(signed, { objects: DSS });
    return longer(linearisedFor(kit, (signed) => longer(signed).length));
  },
  'hybrid cross-reference with another text': hybrid('0 1\n0000000000 65535 f \n'),
  'hybrid cross-reference over a freed text': hybrid('0 1\n0000000000 65535 f \n4 1\n0000000000 00001 f \n'),
  'reference of another generation': prepared({}, {}, pageAs('/Contents 4 1 R')),
  'key with two values': prepared({ 12: textStream(OTHER) }, {}, pageAs('/Contents 12 0 R /Contents 4 0 R')),
  'escaped key with another value': prepared(
    { 12: textStream(OTHER) },
    {},
    pageAs('/Con#74ents 12 0 R /Contents 4 0 R'),
  ),
  'name that ends at a NUL': prepared(
    { 12: textStream(OTHER) },
    {},
    pageAs('/Contents#00 12 0 R /Contents 4 0 R'),
  ),
  'catalog with two page trees': prepared({
    1: '<< /Type /Catalog /Pages 13 0 R /Pages 2 0 R /AcroForm 6 0 R >>',
    13: '<< /Type /Pages /Kids [] /Count 0 >>',
  }),
  'older text behind the newer': (kit) =>
    signedBehind(kit, (base) => {
      const at = base.length + HIDDEN.length;
      const first = table(`4 1\n${pad(base.length, 10)} 00000 n \n`, `/Prev ${startxrefOf(base)!}`, at);
      const back = `4 1\n${pad(base.indexOf('4 0 obj'), 10)} 00000 n \n`;
      return HIDDEN + first + table(back, `/Prev ${at}`, at + first.length);
    }),
  'cross-reference that begins with a free object 1': (kit) =>
    signedBehind(kit, (base) =>
      table(
        `1 2\n0000000000 65535 f \n${pad(base.indexOf('2 0 obj'), 10)} 00000 n \n`,
        `/Prev ${startxrefOf(base)!}`,
        base.length,
      ),
    ),
  'comment in the cross-reference': (kit) =>
    signedBehind(kit, (base) =>
      table(
        `4 1\n%${pad(15, 10)} 00000 n\n${pad(base.indexOf('4 0 obj'), 10)} 00000 n \n`,
        `/Prev ${startxrefOf(base)!}`,
        base.length,
      ),
    ),
  'object stream that names the text twice': packed('20 0 20 6 ', '(one) (two)', [[20, 0]]),
  'object at another place of its object stream': packed('20 0 21 6 ', '(one) (two)', [[20, 1]]),
  'script that runs when the file is opened': prepared({
    1: catalog('/OpenAction << /S /JavaScript /JS (this.pageNum = 1) >>'),
  }),
  'script on the page': prepared(
    {},
    {},
    pageBody('/Annots [7 0 R]', '/AA << /O << /S /JavaScript /JS (x) >> >>'),
  ),
  'program started from the file': prepared({ 1: catalog('/OpenAction << /S /Launch /F (cmd.exe) >>') }),
  'file shown in place of the page': prepared({ 1: catalog('/Collection << /View /H /D (a.pdf) >>') }),
  'dynamic form': ({ signing }) =>
    signPdf(basePdf(), {
      ...signing,
      objects: { 6: '<< /Fields [7 0 R] /SigFlags 3 /XFA 20 0 R >>', 20: { dict: '', data: '<xdp/>' } },
    }),
  'layer that is off': prepared(layers('/OFF [20 0 R]')),
  'layer for printing': prepared(layers('/AS [<< /Event /Print /OCGs [20 0 R] /Category [/Print] >>]')),
  'layers all off': prepared(layers('/BaseState /OFF')),
  'other picture for printing': prepared({
    20: { dict: '/Type /XObject /Subtype /Image /Alternates [<< /Image 21 0 R >>]', data: 'x' },
  }),
  'text from another file': prepared({ 4: { dict: '/F (http://example.vn/text)', data: '' } }),
};
