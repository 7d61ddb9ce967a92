import { createRequire } from 'node:module';
import PDFDocument from 'pdfkit';
import type { OfficialDraft } from './official-draft.ts';
import type { Table } from './render.ts';
import { addSignatureField } from './sign-pdf.ts';

const font = (name: string): string =>
  createRequire(import.meta.url).resolve(`@expo-google-fonts/tinos/${name}.ttf`);
/** Tinos has the metrics of Times New Roman and every Vietnamese letter; the real one may not be shipped. */
const FONTS = {
  plain: font('400Regular/Tinos_400Regular'),
  bold: font('700Bold/Tinos_700Bold'),
  italic: font('400Regular_Italic/Tinos_400Regular_Italic'),
};
const MM = 72 / 25.4;
const MARGINS = { top: 20 * MM, bottom: 20 * MM, left: 30 * MM, right: 15 * MM };
/** Bytes for the CMS; a chain of three certificates with RSA-4096 needs about 8 KB. */
const SIGNATURE_ROOM = 16_384;

type Pdf = PDFKit.PDFDocument;
type Style = keyof typeof FONTS;

/**
 * The draft as a PDF. `prepared`: with an empty signature that `signPdf` fills. What people sign with their own tools
 * must have none: it would stay in the file as a signature that proves nothing.
 */
export function officialPdf(draft: OfficialDraft, at: Date, prepared: boolean): Promise<Buffer> {
  const pdf = new PDFDocument({
    size: 'A4',
    margins: MARGINS,
    pdfVersion: '1.7',
    lang: 'vi-VN',
    info: { Title: draft.about, Author: draft.organ, CreationDate: at, ModDate: at },
  });
  for (const [name, file] of Object.entries(FONTS)) pdf.registerFont(name, file);
  const parts: Buffer[] = [];
  pdf.on('data', (part: Buffer) => parts.push(part));
  const whole = new Promise<Buffer>((resolve, reject) => {
    pdf.on('end', () => {
      resolve(Buffer.concat(parts));
    });
    pdf.on('error', reject);
  });
  head(pdf, draft);
  body(pdf, draft);
  foot(pdf, draft);
  if (prepared) addSignatureField(pdf, SIGNATURE_ROOM, at);
  pdf.end();
  return whole;
}

const width = ({ page }: Pdf): number => page.width - MARGINS.left - MARGINS.right;

interface Line {
  readonly text: string;
  readonly style?: Style;
  readonly size?: number;
  readonly underline?: boolean;
}

/** Lines below one another in a column; resolves to where it ends. */
function column(
  pdf: Pdf,
  lines: readonly Line[],
  x: number,
  y: number,
  w: number,
  align: 'center' | 'left',
): number {
  pdf.y = y;
  for (const { text, style = 'plain', size = 13, underline = false } of lines)
    pdf.font(style).fontSize(size).text(text, x, pdf.y, { width: w, align, underline });
  return pdf.y;
}

function head(pdf: Pdf, draft: OfficialDraft): void {
  const left = width(pdf) * 0.42;
  const top = MARGINS.top;
  const organ: Line[] = [
    { text: draft.superior, size: 12 },
    { text: draft.organ, style: 'bold', size: 12 },
    { text: draft.number },
    { text: draft.about, size: 12 },
  ];
  const state: Line[] = [
    { text: 'CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM', style: 'bold', size: 12 },
    { text: 'Độc lập - Tự do - Hạnh phúc', style: 'bold', underline: true },
    { text: draft.placeAndDate, style: 'italic' },
  ];
  const a = column(pdf, organ, MARGINS.left, top, left - 6, 'center');
  const b = column(pdf, state, MARGINS.left + left, top, width(pdf) - left, 'center');
  pdf.y = Math.max(a, b) + 18;
  pdf
    .font('plain')
    .fontSize(14)
    .text(`Kính gửi: ${draft.to}`, MARGINS.left, pdf.y, { width: width(pdf), align: 'center' });
  pdf.moveDown(1);
}

function body(pdf: Pdf, { blocks }: OfficialDraft): void {
  for (const block of blocks) {
    if (block.block === 'table') drawTable(pdf, block.table);
    else
      for (const text of block.block === 'list' ? block.items.map((item) => `- ${item}`) : [block.text])
        pdf
          .font('plain')
          .fontSize(13)
          .text(text, MARGINS.left, pdf.y, {
            width: width(pdf),
            align: 'justify',
            indent: 10 * MM,
            paragraphGap: 6,
          });
  }
}

const CELL = { padding: 3, size: 11 };

/** A ruled table over as many pages as it needs; pdfkit's own takes 50 ms a row and lists have thousands. */
function drawTable(pdf: Pdf, { headings, rows }: Table): void {
  // The running number is narrow, the other columns share the rest.
  const narrow = headings[0] === 'STT' ? 34 : 0;
  const shared = (width(pdf) - narrow) / (headings.length - (narrow > 0 ? 1 : 0));
  const widths = headings.map((_, i) => (i === 0 && narrow > 0 ? narrow : shared));
  drawRow(pdf, headings, widths, 'bold');
  for (const row of rows) drawRow(pdf, row, widths, 'plain');
  pdf.x = MARGINS.left;
  pdf.y += 12;
}

function drawRow(pdf: Pdf, row: readonly string[], widths: readonly number[], style: Style): void {
  pdf.font(style).fontSize(CELL.size);
  const inner = (i: number): number => widths[i]! - 2 * CELL.padding;
  const heights = row.map((text, i) => pdf.heightOfString(text, { width: inner(i) }));
  const height = Math.max(...heights) + 2 * CELL.padding;
  if (pdf.y + height > pdf.page.height - MARGINS.bottom) pdf.addPage();
  const top = pdf.y;
  let left = MARGINS.left;
  for (const [i, text] of row.entries()) {
    pdf.rect(left, top, widths[i]!, height).lineWidth(0.5).stroke();
    pdf.text(text, left + CELL.padding, top + CELL.padding, { width: inner(i) });
    left += widths[i]!;
  }
  pdf.y = top + height;
}

function foot(pdf: Pdf, draft: OfficialDraft): void {
  const left = width(pdf) * 0.42;
  const to: Line[] = [
    { text: 'Nơi nhận:', style: 'bold', size: 12 },
    ...draft.recipients.map((text) => ({ text: `- ${text}`, size: 11 })),
  ];
  // Signature and addressees stay together.
  if (pdf.y > pdf.page.height - MARGINS.bottom - 90) pdf.addPage();
  const top = pdf.y + 12;
  column(pdf, to, MARGINS.left, top, left, 'left');
  column(pdf, [{ text: draft.signer, style: 'bold' }], MARGINS.left + left, top, width(pdf) - left, 'center');
}
