import { opaqueCms, signPdf, type Signing } from './pdf-signer.ts';
import { appendRevision, basePdf, BASE_OBJECTS, pageBody, startxrefOf, textStream } from './pdf-writer.ts';
import type { Objects, Revision } from './pdf-writer.ts';

/** The forgeries of test/cases/pdf/attacks.json, each made from a file that was validly signed (or signs a trap). */
export interface AttackKit {
  readonly signing: Signing;
  /** A validly signed file. */
  readonly signed: Buffer;
  /** Object 7 is the field, 8 the signature dictionary as text. */
  readonly dictionary: string;
}

export function attackKit(signing: Signing): AttackKit {
  const signed = signPdf(basePdf(), signing);
  const start = signed.indexOf('8 0 obj') + '8 0 obj\n'.length;
  return {
    signing,
    signed,
    dictionary: signed.subarray(start, signed.indexOf('endobj', start)).toString('latin1'),
  };
}

export type Attack = (kit: AttackKit) => Buffer;

/** A revision appended to the signed file. */
export const append =
  (objects: Objects, revision: Omit<Revision, 'objects'> = {}): Attack =>
  ({ signed }) =>
    appendRevision(signed, { objects, ...revision });

/** A file signed over other objects than the base, then changed. */
const trap =
  (base: Objects, objects: Objects, revision: Omit<Revision, 'objects'> = {}, own: Objects = {}): Attack =>
  ({ signing }) =>
    appendRevision(signPdf(basePdf({ ...BASE_OBJECTS, ...base }), { ...signing, objects: own }), {
      objects,
      ...revision,
    });

/** The signature dictionary replaced, byte range filled in or not. */
export const signedAs =
  (change: (pdf: string) => string): Attack =>
  ({ signed }) =>
    Buffer.from(change(signed.toString('latin1')), 'latin1');

const range = /\/ByteRange \[[^\]]*\]/;
export const samePad = (text: string, like: string): string => text.padEnd(like.length);
export const replaceRange = (make: (numbers: number[]) => string): Attack =>
  signedAs((pdf) => pdf.replace(range, (found) => samePad(make(found.match(/\d+/g)!.map(Number)), found)));

const ANNOTATED = '/Annots [7 0 R 20 0 R]';
const FREE_TEXT =
  '<< /Type /Annot /Subtype /FreeText /Rect [0 0 300 200] /Contents (Dong y) /DA (/F1 12 Tf) >>';
const TEXT_FIELD = '<< /FT /Tx /T (So) /V (12) /Type /Annot /Subtype /Widget /Rect [0 0 50 20] /P 3 0 R >>';
const FORM_WITH = '<< /Fields [7 0 R 20 0 R] /SigFlags 3 >>';
const CATALOG_WITH_DSS = '<< /Type /Catalog /Pages 2 0 R /AcroForm 6 0 R /DSS << /Certs [21 0 R] >> >>';
const certificate = { dict: '', data: 'x' };

const timestampField = (extra: string): Objects => ({
  3: pageBody(ANNOTATED),
  6: FORM_WITH,
  20: `<< /Type /Annot /Subtype /Widget /FT /Sig /T (TS) /P 3 0 R /V 21 0 R ${extra} >>`,
  21: '<< /Type /DocTimeStamp /SubFilter /ETSI.RFC3161 /Contents <00> >>',
  22: { dict: '/Type /XObject /Subtype /Form /BBox [0 0 300 200]', data: '1 0 0 rg 0 0 300 200 re f' },
});

const SECOND = (kit: AttackKit): Signing => ({ ...kit.signing, field: 9, fields: [7, 9] });
const certified = (kit: AttackKit, level: number): Buffer =>
  signPdf(basePdf(), { ...kit.signing, certify: level });

export const ATTACKS: Readonly<Record<string, Attack>> = {
  'shadow replace': append({ 4: textStream('Mot trieu hop thu') }),
  'shadow hide': trap({}, { 3: pageBody('/Annots [7 0 R]') }, {}, { 3: pageBody(ANNOTATED), 20: FREE_TEXT }),
  'shadow hide and replace': ({ signing }) => {
    const prepared = basePdf({ ...BASE_OBJECTS, 12: textStream('Mot trieu hop thu') });
    const hidden = Buffer.from(prepared.toString('latin1').replace('12 0 obj', '04 0 obj'), 'latin1');
    const signed = signPdf(hidden, signing);
    return appendRevision(signed, { objects: {}, pointers: { 4: signed.indexOf('04 0 obj') } });
  },
  'added annotation': append({ 3: pageBody(ANNOTATED), 20: FREE_TEXT }),
  'annotation as signature field': append({
    3: pageBody(ANNOTATED),
    20: '<< /Type /Annot /Subtype /Widget /FT /Sig /T (X) /Rect [0 0 300 200] /P 3 0 R /AP << /N 21 0 R >> >>',
    21: { dict: '/Type /XObject /Subtype /Form /BBox [0 0 300 200]', data: '0 0 300 200 re f' },
  }),
  'form filling': trap(
    {},
    { 20: TEXT_FIELD.replace('(12)', '(99)') },
    {},
    { 3: pageBody(ANNOTATED), 6: FORM_WITH, 20: TEXT_FIELD },
  ),
  'added page': append({ 2: '<< /Type /Pages /Kids [3 0 R 20 0 R] /Count 2 >>', 20: pageBody() }),
  'resized page': append({ 3: pageBody('/Annots [7 0 R]').replace('[0 0 300 200]', '[0 120 300 200]') }),
  'font replaced': append({ 5: '<< /Type /Font /Subtype /Type1 /BaseFont /Symbol >>' }),
  'other catalog': append(
    {
      20: '<< /Type /Catalog /Pages 21 0 R /AcroForm 6 0 R >>',
      21: '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    },
    { root: 20 },
  ),
  'document information changed': append({ 20: '<< /Title (Cong van khac) >>' }, { trailer: '/Info 20 0 R' }),
  'open action': append({
    1: '<< /Type /Catalog /Pages 2 0 R /AcroForm 6 0 R /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>',
  }),
  'dangling reference filled by DSS': trap(
    {},
    { 1: CATALOG_WITH_DSS, 21: textStream('Them dong nay') },
    {},
    { 3: pageBody('/Annots [7 0 R]').replace('/Contents 4 0 R', '/Contents [4 0 R 21 0 R]') },
  ),
  'page content inside DSS': append({
    1: CATALOG_WITH_DSS.replace('21 0 R', '4 0 R'),
    4: textStream('Mot trieu hop thu'),
  }),
  'visible document timestamp': append(timestampField('/Rect [0 0 300 200] /AP << /N 22 0 R >>')),
  'document timestamp with action': append(
    timestampField('/Rect [0 0 0 0] /AP << /N 22 0 R >> /AA << /PV << /S /JavaScript /JS (x) >> >>'),
  ),
  'stray page in update': append({ 1: CATALOG_WITH_DSS, 21: certificate, 30: pageBody() }),
  'appended without cross-reference': append({ 4: textStream('Mot trieu hop thu') }, { xref: 'none' }),
  'appended with only a startxref': ({ signed }) =>
    Buffer.concat([signed, Buffer.from(`4 0 obj null endobj\nstartxref\n${startxrefOf(signed)!}\n%%EOF\n`)]),
  'trailing garbage': ({ signed }) => Buffer.concat([signed, Buffer.from('garbage\n')]),
  'trailing comment': ({ signed }) => Buffer.concat([signed, Buffer.from('% nothing\n')]),
  'trailing white space': ({ signed }) => Buffer.concat([signed, Buffer.from('\n')]),
  'leading bytes': ({ signed }) => Buffer.concat([Buffer.from('\n'), signed]),
  'cross-reference loop': ({ signed }) => {
    const text = `xref\n0 0\ntrailer\n<< /Size 9 /Root 1 0 R /Prev ${signed.length} >>\nstartxref\n${signed.length}\n%%EOF\n`;
    return Buffer.concat([signed, Buffer.from(text)]);
  },
  'object twice in one cross-reference': ({ signed }) => {
    const entry = '4 1\n0000000015 00000 n \n';
    const text = `xref\n${entry}${entry}trailer\n<< /Size 9 /Root 1 0 R /Prev ${startxrefOf(signed)!} >>\nstartxref\n${signed.length}\n%%EOF\n`;
    return Buffer.concat([signed, Buffer.from(text)]);
  },
  'object numbered otherwise': ({ signed }) =>
    appendRevision(signed, { objects: {}, pointers: { 4: signed.indexOf('5 0 obj') } }),
  'damaged entry inside the signed bytes': ({ signing }) =>
    signPdf(basePdf(BASE_OBJECTS, { pointers: { 12: 30 } }), signing),
  'signature wrapping': ({ signed, dictionary }) => appendRevision(signed, { objects: { 8: dictionary } }),
  'second signature for the same bytes': (kit) =>
    append({
      6: '<< /Fields [7 0 R 20 0 R] /SigFlags 3 >>',
      20: '<< /FT /Sig /T (Sig2) /V 21 0 R >>',
      21: kit.dictionary,
    })(kit),
  'signature rewritten': ({ signed, dictionary }) =>
    appendRevision(signed, {
      objects: { 8: dictionary.replace('/Type /Sig', '/Type /Sig /Name (Giam doc)') },
    }),
  'no byte range': signedAs((pdf) => pdf.replace('/ByteRange', '/BiteRange')),
  'byte range null': replaceRange(() => '/ByteRange null'),
  'byte range negative': replaceRange(([, a, b]) => `/ByteRange [0 ${a!} ${b!} -1]`),
  'byte range too long': replaceRange(([, a, b, c]) => `/ByteRange [0 ${a!} ${b!} ${c! + 1}]`),
  'byte range of six numbers': replaceRange(([, a, b]) => `/ByteRange [0 ${a!} ${b!} 9 9 9]`),
  'byte range not from the start': replaceRange(([, a, b, c]) => `/ByteRange [5 ${a! - 5} ${b!} ${c!}]`),
  'no contents': signedAs((pdf) => pdf.replace('/Contents <', '/Cantents <')),
  'contents null': signedAs((pdf) =>
    pdf.replace(/\/Contents <[0-9a-f]*>/, (found) => samePad('/Contents null', found)),
  ),
  'contents of zeros': ({ signing }) => signPdf(basePdf(), { ...signing, contents: () => '' }),
  'contents twice': ({ signing }) => signPdf(basePdf(), { ...signing, entries: '/Contents <3000>' }),
  'something behind the CMS': ({ signing }) =>
    signPdf(basePdf(), { ...signing, contents: (cms) => `${cms.toString('hex')}00ff` }),
  'white space in the contents': signedAs((pdf) => pdf.replace('00>', '0\0>')),
  'content inside the CMS': ({ signing }) => signPdf(basePdf(), { ...signing, cms: opaqueCms }),
  'adbe.pkcs7.sha1': ({ signing }) => signPdf(basePdf(), { ...signing, subFilter: 'adbe.pkcs7.sha1' }),
  'adbe.x509.rsa_sha1': ({ signing }) => signPdf(basePdf(), { ...signing, subFilter: 'adbe.x509.rsa_sha1' }),
  'kind missing': signedAs((pdf) => pdf.replace('/SubFilter', '/SobFilter')),
  'signed text changed': signedAs((pdf) => pdf.replace('danh', 'DANH')),
  'signature not in the form': append({ 6: '<< /Fields [] >>', 3: pageBody() }),
  'encrypted afterwards': append({}, { trailer: '/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 >>' }),
  'signed over a closed certification': (kit) => signPdf(certified(kit, 1), SECOND(kit)),
  'text changed between certification and signature': (kit) =>
    signPdf(
      appendRevision(certified(kit, 2), { objects: { 4: textStream('Mot trieu hop thu') } }),
      SECOND(kit),
    ),
  'certified twice': (kit) => signPdf(certified(kit, 2), { ...SECOND(kit), certify: 2 }),
  'certification not first': (kit) => signPdf(kit.signed, { ...SECOND(kit), certify: 2 }),
  'certification that is no signature': ({ signing }) =>
    signPdf(
      basePdf({
        ...BASE_OBJECTS,
        1: '<< /Type /Catalog /Pages 2 0 R /AcroForm 6 0 R /Perms << /DocMDP 20 0 R >> >>',
        20: '<< /Type /Sig /SubFilter /adbe.pkcs7.detached >>',
      }),
      signing,
    ),
};
