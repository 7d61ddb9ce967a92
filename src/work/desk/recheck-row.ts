import { checkRows, type CheckedRow } from '../../rules/check-rows.ts';
import type { ListEntry, MailboxList } from '../../rules/mailbox-list.ts';
import type { ColumnKey } from '../../rules/regulation.ts';
import { namedByExecutor } from '../../rules/row-create.ts';
import { ofOneSystem } from '../../rules/regulations.ts';
import { mayTakeOver } from '../../rules/row-unit.ts';
import type { Tx } from '../../store/database.ts';
import type { DossierRow } from '../../store/dossiers.ts';
import { mailboxByAddress, unitByCode } from '../../store/registry.ts';
import { checkedRow } from '../carry-out.ts';
import { rowContextOf } from '../check.ts';
import type { ActDeps } from '../step.ts';
import { Problems, type DeskCase } from './action.ts';

/** Columns an officer may put right; the address is the one the row is about. */
export const ROW_FIELDS = [
  'fullName',
  'position',
  'phone',
  'birthDate',
  'address',
  'newAddress',
  'unit',
] as const;
export type RowField = (typeof ROW_FIELDS)[number];
export type RowValues = Readonly<Record<RowField, string>>;

export const FIELD_WORDS: Readonly<Record<RowField, string>> = {
  fullName: 'họ tên',
  position: 'chức vụ',
  phone: 'số điện thoại',
  birthDate: 'ngày sinh',
  address: 'hộp thư',
  newAddress: 'hộp thư mới',
  unit: 'đơn vị tiếp nhận',
};

/** What stands in the row now, as the form shows it. */
export function rowValues(row: DossierRow): RowValues {
  const checked = checkedRow(row);
  const { fullName, position, phone, birthDate, newAddress } = checked;
  return {
    fullName,
    position: position ?? '',
    phone: phone ?? '',
    birthDate: birthDate ?? '',
    address: row.address ?? checked.wanted ?? '',
    newAddress: newAddress ?? '',
    // Of other kinds the registry says it.
    unit: rowMoves(row) ? (checked.unit ?? '') : '',
  };
}

const isNew = ({ kind }: CheckedRow): boolean => kind === 'CREATE_PERSON' || kind === 'CREATE_UNIT';
/** A mailbox is to be made; the other kinds are about one that is there. */
export const rowIsNew = (row: DossierRow): boolean => isNew(checkedRow(row));

/** A mailbox goes to another unit. */
export const rowMoves = (row: DossierRow): boolean => checkedRow(row).kind === 'TRANSFER';

/** The row as it may be carried out, or why it may not. */
export async function acceptable(
  tx: Tx,
  work: DeskCase,
  row: DossierRow,
  values: RowValues,
  changed: readonly RowField[],
  deps: ActDeps,
): Promise<CheckedRow | Problems> {
  const known = checkedRow(row);
  const unnamed = namedByExecutor(work.regulation);
  const taker = rowMoves(row) ? await takerOf(tx, work, known, values, deps) : null;
  if (taker instanceof Problems) return taker;
  const free = (known.address !== null || unnamed) && !(await isTaken(tx, known));
  if (changed.length === 0 && known.ok && free) return known;
  const entry = entryWith(work, known, values);
  const list: MailboxList = { entries: [entry], problems: [] };
  const { context } = await rowContextOf(tx, work, list, true, deps);
  // What was set aside for this very row is not somebody else's.
  const own = (await isTaken(tx, known)) ? null : (promised(known)?.split('@')[0] ?? null);
  const [read] = checkRows(list, {
    ...context,
    kinds: known.kind === null ? context.kinds : [known.kind],
    takenLocalPart: (name) => name !== own && context.takenLocalPart(name),
  }).rows;
  if (read === undefined) return new Problems('Không đọc được dòng này sau khi sửa.');
  const faults = read.problems.map(({ text, fix }) => `${text}. ${fix}.`);
  if (faults.length > 0) return new Problems(...faults);
  if (read.address === null && !unnamed) return new Problems('Ghi địa chỉ hộp thư sẽ thực hiện.');
  const place = { no: known.no, line: known.line, source: known.source };
  return { ...read, ...place, unit: taker ?? read.unit };
}

async function takerOf(
  tx: Tx,
  { regulation }: DeskCase,
  { address }: CheckedRow,
  values: RowValues,
  { regulations }: ActDeps,
): Promise<string | Problems> {
  const unit = await unitByCode(tx.orm, values.unit.toLowerCase());
  const from = address === null ? null : await mailboxByAddress(tx.orm, address);
  const ofSystem = unit !== null && ofOneSystem(regulation.id, unit.regulation, regulations);
  if (unit !== null && mayTakeOver(unit, from?.unit ?? null, ofSystem)) return unit.code;
  return new Problems(
    unit !== null && unit.code === from?.unit
      ? `Hộp thư đang thuộc ${unit.name}; ghi mã đơn vị tiếp nhận, không phải đơn vị cũ.`
      : 'Ghi mã đơn vị tiếp nhận hộp thư, có trong sổ đăng ký và đang hoạt động.',
  );
}

/** The address set aside for a row: of the mailbox that is to be made, or the one it is to have afterwards. */
const promised = (row: CheckedRow): string | null => (isNew(row) ? row.address : row.newAddress);

/** Somebody has been given the address since it was set aside for this row. */
async function isTaken(tx: Tx, row: CheckedRow): Promise<boolean> {
  const address = promised(row);
  return address !== null && (await mailboxByAddress(tx.orm, address)) !== null;
}

/** The line of the list with what the officer put right; its doubts are settled by that. */
function entryWith(work: DeskCase, known: CheckedRow, values: RowValues): ListEntry {
  const list = work.letter.findings['read-list'] as MailboxList | null | undefined;
  const written = list?.entries.find(({ source, line }) => source === known.source && line === known.line);
  const mended: Partial<Record<ColumnKey, string>> = {
    ...(written?.values ?? valuesOf(known)),
    fullName: values.fullName,
    position: values.position,
    phone: values.phone,
    birthDate: values.birthDate,
    ...(isNew(known)
      ? { proposedAddress: values.address }
      : { currentAddress: values.address, proposedAddress: values.newAddress }),
  };
  const filled = Object.entries(mended).filter(([, text]) => text !== '');
  return {
    source: known.source,
    line: known.line,
    no: known.no,
    values: Object.fromEntries(filled),
    kind: known.kind,
    doubts: [],
  };
}

/** A row that came from the letter's words has no line of a list. */
const valuesOf = ({ decision, reason, idNumber }: CheckedRow): Partial<Record<ColumnKey, string>> => ({
  decision: decision ?? '',
  reason: reason ?? '',
  idNumber: idNumber ?? '',
});
