import type { ListCell, ListGrid, ListGridRow } from './list-grid.ts';
import { foldName } from './names.ts';
import type { Unit } from './registry.ts';
import type { Regulation } from './regulation.ts';

/** "LH-2026-000001": one series per calendar year. */
export const orderNumber = (year: number, serial: number): string =>
  `LH-${year}-${String(serial).padStart(6, '0')}`;

/** The order number a subject carries in brackets, or null. Only a hint: it counts from the executor alone. */
export const orderNumberIn = (subject: string): string | null =>
  /\[(LH-\d{4}-\d{6})\]/.exec(subject)?.[1] ?? null;

/** Headings of an order's list; the executor fills in the last three and sends it back. */
export const ORDER_HEADINGS = [
  'STT',
  'Nội dung',
  'Họ và tên',
  'Chức vụ',
  'Đơn vị',
  'Hộp thư',
  'Hộp thư mới',
  'Số điện thoại',
  'Hồ sơ',
  'Kết quả',
  'Hộp thư đã cấp',
  'Lý do chưa thực hiện',
] as const;

/** Is this unit the executor of its regulation (ST-2.5, BH-3a)? Decided by the registry's mailbox. */
export const isExecutor = (unit: Unit, { identity }: Regulation): boolean =>
  unit.mailbox !== null && identity.executor?.address?.value.toLowerCase() === unit.mailbox;

/** What the executor says about one line of an order. */
export interface LineAnswer {
  readonly line: number;
  readonly done: boolean;
  /** The address it gave, where the regulation leaves that to it. */
  readonly address: string | null;
  readonly reason: string | null;
}

const DONE = /^(?:da |xong|hoan thanh|hoan tat|thuc hien xong|dat|ok$|x$|co$)/u;
const NOT_DONE = /^(?:khong|chua|tu choi|sai|trung)/u;
const LINES_AT_MOST = 10_000;

/** The lines a returned list answers; a line without a clear word in "Kết quả" is not answered. */
export function answersIn(grids: readonly ListGrid[]): LineAnswer[] {
  return grids.flatMap(answersOfGrid).slice(0, LINES_AT_MOST);
}

function answersOfGrid({ rows }: ListGrid): LineAnswer[] {
  const head = rows.findIndex((row) => place(row, 'ket qua') >= 0 && place(row, 'stt') >= 0);
  if (head < 0) return [];
  const at = (name: string): number => place(rows[head]!, name);
  const [number, result, address, reason] = ['stt', 'ket qua', 'hop thu da cap', 'ly do chua thuc hien'].map(
    at,
  );
  return rows.slice(head + 1).flatMap((row) => {
    const line = Number(text(row.cells[number!]));
    const said = foldName(text(row.cells[result!]));
    const done = DONE.test(`${said}${said === '' ? '' : ' '}`) || DONE.test(said);
    if (!Number.isInteger(line) || line < 1 || (!done && !NOT_DONE.test(said))) return [];
    const given = text(row.cells[address ?? -1]).toLowerCase();
    const why = text(row.cells[reason ?? -1]);
    const words = why === '' ? text(row.cells[result!]) : why;
    return [{ line, done, address: given === '' ? null : given, reason: done ? null : words }];
  });
}

const text = (cell: ListCell | null | undefined): string => (cell?.text ?? '').normalize('NFC').trim();
const place = (row: ListGridRow, name: string): number =>
  row.cells.findIndex((cell) => foldName(text(cell)) === name);

/** A short answer without a list: "Trung tâm đã hoàn thành toàn bộ lệnh". Anything less plain is an officer's. */
export function allDone(bodyText: string): boolean {
  const words = foldName(
    bodyText
      .split(/\r?\n/u)
      .filter((line) => !line.trimStart().startsWith('>'))
      .join(' '),
  );
  const said = /\bda (?:hoan thanh|hoan tat|thuc hien)(?: xong)? (?:toan bo|tat ca|day du)\b/u.test(words);
  return said && !/\b(?:khong|chua|tru)\b/u.test(words);
}
