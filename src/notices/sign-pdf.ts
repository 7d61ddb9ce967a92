import { signDetached, type SigningKey } from './sign.ts';

/** What this file needs of pdfkit's document: its objects and the page to hang the field on. */
interface PdfObjects {
  ref(data: object): PDFKit.PDFKitReference;
  readonly page: { readonly dictionary: PDFKit.PDFKitReference; readonly annotations: unknown[] };
  readonly _root: {
    readonly data: {
      readonly AcroForm?: {
        readonly data: { Fields: unknown[]; SigFlags?: number; NeedAppearances?: boolean };
      };
    };
  };
}

/** Placeholder of fixed width for /ByteRange, filled in once the file's size is known (ISO 32000-1 12.8.1). */
const RANGE = '[0 /0000000001 /0000000002 /0000000003]';

/**
 * Puts an invisible, still empty signature field on the current page: PAdES baseline, SubFilter
 * ETSI.CAdES.detached (ETSI EN 319 142-1). NĐ 30/2020 asks no picture of an organ that signs a copy.
 */
export function addSignatureField(pdf: PDFKit.PDFDocument, room: number, at: Date): void {
  const objects = pdf as unknown as PdfObjects;
  const value = objects.ref({
    Type: 'Sig',
    Filter: 'Adobe.PPKLite',
    SubFilter: 'ETSI.CAdES.detached',
    M: at,
    ByteRange: [0, '0000000001', '0000000002', '0000000003'],
    Contents: Buffer.alloc(room),
  });
  const field = objects.ref({
    Type: 'Annot',
    Subtype: 'Widget',
    FT: 'Sig',
    F: 132,
    Rect: [0, 0, 0, 0],
    T: new String('CongThu'),
    P: objects.page.dictionary,
    V: value,
  });
  objects.page.annotations.push(field);
  for (const ref of [value, field]) (ref as unknown as { end(): void }).end();
  // pdfkit makes and ends the form; a viewer told to make appearances anew would change what was signed.
  pdf.initForm();
  const form = objects._root.data.AcroForm!.data;
  form.Fields.push(field);
  form.SigFlags = 3;
  delete form.NeedAppearances;
}

/**
 * Fills the empty signature of a PDF made with `addSignatureField`. The CMS carries ESS signing-certificate-v2, so it
 * is CAdES-B as PAdES wants.
 * @throws Error when the file has no empty signature or the CMS does not fit
 */
export function signPdf(pdf: Buffer, key: SigningKey): Buffer {
  const signed = Buffer.from(pdf);
  const text = signed.toString('latin1');
  const range = text.lastIndexOf(RANGE);
  const empty = /\/Contents <(0{1000,})>/.exec(text.slice(range));
  if (range < 0 || empty === null) throw new Error('the PDF has no empty signature');
  const start = range + empty.index + '/Contents '.length;
  const room = empty[1]!.length;
  const end = start + room + 2;
  const place = `[0 ${start} ${end} ${signed.length - end}]`.padEnd(RANGE.length);
  signed.write(place, range, 'latin1');
  const cms = signDetached(
    Buffer.concat([signed.subarray(0, start), signed.subarray(end)]),
    key,
    null,
  ).toString('hex');
  if (cms.length > room)
    throw new Error(`the signature needs ${cms.length / 2} bytes, the PDF has room for ${room / 2}`);
  signed.write(cms.padEnd(room, '0'), start + 1, 'latin1');
  return signed;
}
