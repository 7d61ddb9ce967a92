import { csvLine, inert } from '../mail-log/export-view.ts';
import { longDate, shortDate } from '../notices/dates.ts';
import type { OfficialDraft } from '../notices/official-draft.ts';
import { draftBlocks, type Table } from '../notices/render.ts';
import { articleOf, cite } from '../rules/articles.ts';
import type { Regulation, RequestKind } from '../rules/regulation.ts';
import { placeOf } from './reply-document.ts';
import type { ReportFigures, UnitFigures } from './report-figures.ts';
import { subjectOf } from './write-notice.ts';

const percent = ({ boxes }: UnitFigures): string =>
  boxes.total === 0 ? '' : `${((100 * boxes.used) / boxes.total).toFixed(1).replace('.', ',')}%`;

const UNIT_HEADINGS = [
  'STT',
  'Đơn vị',
  'Hộp thư',
  'Có sử dụng',
  'Tỷ lệ',
  'Tạm khóa',
  'Hồ sơ',
  'Quá hạn',
  'Đã báo cáo',
];

const unitRow = (unit: UnitFigures, i: number): string[] => [
  String(i + 1),
  unit.name,
  String(unit.boxes.total),
  String(unit.boxes.used),
  percent(unit),
  String(unit.boxes.locked),
  String(unit.requests.received),
  String(unit.requests.overdue),
  unit.reported ? 'Có' : '',
];

/** The figures by unit for a spreadsheet, with a byte order mark; the codes tell two units of one name apart. */
export function reportCsv({ units }: ReportFigures): string {
  const heading = ['Mã', ...UNIT_HEADINGS];
  const lines = units.map((unit, i) => [unit.code, ...unitRow(unit, i)].map(inert));
  return `\ufeff${[heading, ...lines].map(csvLine).join('')}`;
}

/** The draft of a report in the form of NĐ 30/2020; a clerk gives the number, a head signs. */
export function reportDraft(
  figures: ReportFigures,
  regulation: Regulation,
  to: { readonly audience: string; readonly source: string },
  now: Date,
): OfficialDraft {
  const { identity } = regulation;
  const { boxes, requests, period } = figures;
  const refused = Object.values(figures.refusedByReason).reduce((sum, n) => sum + n, 0);
  const { subject, blocks } = draftBlocks(regulation.templates, 'report', {
    operator: identity.operatorName,
    first: shortDate(period.first),
    last: shortDate(period.last),
    today: longDate(now),
    ground: cite(regulation, articleOf(to.source) ?? regulation.legal.instrument),
    total: String(boxes.total),
    units: String(boxes.units),
    persons: String(boxes.persons),
    active: String(boxes.active),
    pending: String(boxes.pending),
    locked: String(boxes.locked),
    created: String(boxes.created),
    used: String(boxes.used),
    received: String(requests.received),
    completed: String(requests.completed),
    refused_requests: String(requests.refused),
    open: String(requests.open),
    on_time: String(requests.onTime),
    overdue: String(requests.overdue),
    refused_letters: String(refused),
    sealed: String(figures.sealed),
    kinds: kindTable(figures),
    unit_rows: { headings: UNIT_HEADINGS, rows: figures.units.map(unitRow) },
  });
  return {
    superior: `UBND ${identity.provinceName}`.toUpperCase(),
    organ: identity.operatorName.toUpperCase(),
    number: `Số:         /${identity.operatorAbbr}`,
    placeAndDate: `${placeOf(identity.provinceName)}, ${longDate(now)}`,
    about: subject,
    to: to.audience,
    blocks,
    signer: 'THỦ TRƯỞNG CƠ QUAN',
    recipients: ['Như trên;', 'Lưu: VT.'],
  };
}

function kindTable({ byKind, doneByKind }: ReportFigures): Table {
  const kinds = [...new Set([...Object.keys(byKind), ...Object.keys(doneByKind)])];
  return {
    headings: ['Nội dung', 'Số hồ sơ', 'Số hộp thư đã thực hiện'],
    rows: kinds.map((kind) => [
      kind === 'unknown' ? 'chưa xác định nội dung' : subjectOf([kind as RequestKind]),
      String(byKind[kind as RequestKind] ?? 0),
      String(doneByKind[kind as RequestKind] ?? 0),
    ]),
  };
}
