import {
  AlignmentType,
  BorderStyle,
  Document,
  Packer,
  Paragraph,
  Table,
  TableCell,
  TableRow,
  TextRun,
  WidthType,
  type IParagraphOptions,
  type IRunOptions,
} from 'docx';
import type { OfficialDraft } from './official-draft.ts';
import type { Table as Cells } from './render.ts';

/** NĐ 30/2020 Phụ lục I: A4, Times New Roman, margins 20–25 mm top and bottom, 30–35 mm left, 15–20 mm right. */
const MM = 56.7;
const MARGIN = { top: 20 * MM, bottom: 20 * MM, left: 30 * MM, right: 15 * MM };
const FONT = 'Times New Roman';
/** Half-points: 13 pt. */
const BODY = 26;

const run = (text: string, options: IRunOptions = {}): TextRun =>
  new TextRun({ text, font: FONT, size: BODY, ...options });
const line = (text: string, options: IRunOptions = {}, paragraph: IParagraphOptions = {}): Paragraph =>
  new Paragraph({ alignment: AlignmentType.CENTER, children: [run(text, options)], ...paragraph });
const NONE = { style: BorderStyle.NONE, size: 0, color: 'auto' } as const;
const NO_BORDERS = { top: NONE, bottom: NONE, left: NONE, right: NONE };

const column = (percent: number, children: Paragraph[]): TableCell =>
  new TableCell({ width: { size: percent, type: WidthType.PERCENTAGE }, borders: NO_BORDERS, children });
const columns = (left: Paragraph[], right: Paragraph[]): Table =>
  new Table({
    width: { size: 100, type: WidthType.PERCENTAGE },
    borders: { ...NO_BORDERS, insideHorizontal: NONE, insideVertical: NONE },
    rows: [new TableRow({ children: [column(42, left), column(58, right)] })],
  });

/** The draft as a docx that a clerk can still change. */
export async function officialDocx(draft: OfficialDraft): Promise<Buffer> {
  const head = columns(
    [
      line(draft.superior),
      line(draft.organ, { bold: true }),
      line(draft.number),
      line(draft.about, { size: 24 }),
    ],
    [
      line('CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM', { bold: true }),
      line('Độc lập - Tự do - Hạnh phúc', { bold: true, underline: {} }),
      line(draft.placeAndDate, { italics: true }),
    ],
  );
  const foot = columns(
    [
      line('Nơi nhận:', { bold: true, italics: true, size: 24 }, { alignment: AlignmentType.LEFT }),
      ...draft.recipients.map((to) => line(`- ${to}`, { size: 22 }, { alignment: AlignmentType.LEFT })),
    ],
    [line(draft.signer, { bold: true })],
  );
  const document = new Document({
    creator: draft.organ,
    title: draft.about,
    styles: { default: { document: { run: { font: FONT, size: BODY } } } },
    sections: [
      {
        properties: { page: { size: { width: 210 * MM, height: 297 * MM }, margin: MARGIN } },
        children: [
          head,
          line(`Kính gửi: ${draft.to}`, {}, { spacing: { before: 240, after: 240 } }),
          ...draft.blocks.flatMap((block): (Paragraph | Table)[] =>
            block.block === 'table'
              ? [cells(block.table)]
              : (block.block === 'list' ? block.items.map((item) => `- ${item}`) : [block.text]).map(prose),
          ),
          new Paragraph({ children: [] }),
          foot,
        ],
      },
    ],
  });
  return Packer.toBuffer(document);
}

const prose = (text: string): Paragraph =>
  line(text, {}, { alignment: AlignmentType.BOTH, indent: { firstLine: 10 * MM }, spacing: { after: 120 } });

const cells = ({ headings, rows }: Cells): Table =>
  new Table({
    width: { size: 100, type: WidthType.PERCENTAGE },
    rows: [headings, ...rows].map(
      (row, i) =>
        new TableRow({
          tableHeader: i === 0,
          children: row.map(
            (text) =>
              new TableCell({
                children: [line(text, { bold: i === 0, size: 24 }, { alignment: AlignmentType.LEFT })],
              }),
          ),
        }),
    ),
  });
