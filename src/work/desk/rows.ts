import { checkRows, type CheckedRow } from '../../rules/check-rows.ts';
import { localTime } from '../../rules/calendar.ts';
import type { ListEntry, MailboxList, Problem } from '../../rules/mailbox-list.ts';
import { REFUSALS, refusalCode, refusalText } from '../../rules/refusals.ts';
import type { LetterState } from '../../rules/letter.ts';
import type { ColumnKey } from '../../rules/regulation.ts';
import { namedByExecutor } from '../../rules/row-create.ts';
import type { Tx } from '../../store/database.ts';
import { changeRow, lockNamespace, rowsOfLetter, type DossierRow } from '../../store/dossiers.ts';
import { mailboxByAddress, unitByCode } from '../../store/registry.ts';
import { checkedRow, type Done } from '../carry-out.ts';
import { rowContextOf } from '../check.ts';
import { COURSE_OF, settle, type Turn } from '../settle.ts';
import type { ActDeps } from '../step.ts';
import {
  Problems,
  problemsIf,
  type DeskAction,
  type DeskCase,
  type DeskResult,
  type Fields,
} from './action.ts';
import { decided } from './judge-again.ts';

const WAITS: readonly DossierRow['state'][] = ['officer', 'failed'];
export const waitsForOfficer = ({ state }: DossierRow): boolean => WAITS.includes(state);

/** Reasons that are about one row, not about the whole request. */
export const ROW_REFUSALS = REFUSALS.filter(([code]) =>
  (['identity', 'not_managed', 'not_competent', 'other'] as readonly string[]).includes(code),
);

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
type RowValues = Readonly<Record<RowField, string>>;

const FIELD_WORDS: Readonly<Record<RowField, string>> = {
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

const GONE = new Problems('Dòng này không còn chờ cán bộ xử lý; đề nghị mở lại hồ sơ.');

const rowIn = (fields: Fields, work: DeskCase): DossierRow | null =>
  work.rows.find((row) => row.id === fields.text('row') && waitsForOfficer(row)) ?? null;
const again = (id: string, work: DeskCase): DossierRow | null =>
  work.rows.find((row) => row.id === id && waitsForOfficer(row)) ?? null;
const offered = ({ rows }: DeskCase): boolean => rows.some(waitsForOfficer);
const nameOf = (row: DossierRow): string =>
  `${checkedRow(row).no ?? checkedRow(row).line} ${checkedRow(row).fullName}`;

/**
 * The officer lets the row through, as it is or put right: with the address that was chosen among colliding ones
 * (QB-5.2b, ST-3.4), or with what the unit said on the telephone. What was changed is checked like any other row.
 */
export const acceptRow: DeskAction<{ id: string; values: RowValues }> = {
  name: 'accept-row',
  offered,
  read(fields, work) {
    const row = rowIn(fields, work);
    if (row === null) return GONE;
    const values = Object.fromEntries(
      ROW_FIELDS.map((name) => [name, fields.text(name).replaceAll(/\s+/g, ' ').slice(0, 300)]),
    ) as unknown as RowValues;
    return { id: row.id, values };
  },
  async act(tx, work, { id, values }, officer, deps) {
    const row = again(id, work);
    if (row === null) return GONE;
    const before = rowValues(row);
    const changed = ROW_FIELDS.filter((name) => values[name] !== before[name]);
    const read = await acceptable(tx, work, row, values, changed, deps);
    if (read instanceof Problems) return read;
    const later = read.notBefore !== null && read.notBefore > localTime(deps.clock.now()).date;
    const remark = remarkOf(read, changed);
    await changeRow(tx, row.id, {
      state: later ? 'waiting' : 'valid',
      address: read.address,
      row: { ...read, remark, needsOfficer: null },
      result: null,
      notBefore: read.notBefore,
    });
    const told = changed.map((name) => `${FIELD_WORDS[name]} “${before[name]}” → “${values[name]}”`);
    const detail = [`dòng ${nameOf(row)}`, read.newAddress ?? read.address ?? '', ...told];
    const words = detail.filter((text) => text !== '').join(', ');
    const settled = await settleAfter(tx, work, { turn: 'later', done: [] }, deps);
    return {
      ...settled,
      detail: { row: row.id, changed: Object.fromEntries(changed.map((name) => [name, values[name]])) },
      log: [decided(work, officer, 'accept-row', 'row accepted', words), ...settled.log],
    };
  },
};

/** The row as it may be carried out, or why it may not. */
async function acceptable(
  tx: Tx,
  work: DeskCase,
  row: DossierRow,
  values: RowValues,
  changed: readonly RowField[],
  deps: ActDeps,
): Promise<CheckedRow | Problems> {
  const known = checkedRow(row);
  const unnamed = namedByExecutor(work.regulation);
  await lockNamespace(tx, work.regulation.id);
  const free = known.address === null ? unnamed : !(await isTaken(tx, known));
  const taker = rowMoves(row) ? await takerOf(tx, work, known, values) : null;
  if (taker instanceof Problems) return taker;
  if (changed.length === 0 && known.ok && free) return known;
  const entry = entryWith(work, known, values);
  const list: MailboxList = { entries: [entry], problems: [] };
  const { context } = await rowContextOf(tx, work, list, true, deps);
  const own = await promisedTo(tx, row);
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

/** The unit that takes a mailbox over: another active one of the same system (QB-11.3). */
async function takerOf(
  tx: Tx,
  { regulation }: DeskCase,
  { address }: CheckedRow,
  values: RowValues,
): Promise<string | Problems> {
  const unit = await unitByCode(tx.orm, values.unit.toLowerCase());
  const from = address === null ? null : await mailboxByAddress(tx.orm, address);
  if (unit === null || !unit.active || unit.regulation !== regulation.id)
    return new Problems('Ghi mã đơn vị tiếp nhận hộp thư, có trong sổ đăng ký và đang hoạt động.');
  if (unit.code === from?.unit)
    return new Problems(`Hộp thư đang thuộc ${unit.name}; ghi mã đơn vị tiếp nhận, không phải đơn vị cũ.`);
  return unit.code;
}

/** Somebody has been given the address since it was set aside for this row. */
const isTaken = async (tx: Tx, row: CheckedRow): Promise<boolean> =>
  isNew(row) && row.address !== null && (await mailboxByAddress(tx.orm, row.address)) !== null;

/** The address set aside for this very row is not somebody else's. */
async function promisedTo(tx: Tx, row: DossierRow): Promise<string | null> {
  const promised = isNew(checkedRow(row)) ? checkedRow(row).address : checkedRow(row).newAddress;
  if (promised === null || (await mailboxByAddress(tx.orm, promised)) !== null) return null;
  return promised.split('@')[0]!;
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

function remarkOf({ remark }: CheckedRow, changed: readonly RowField[]): string | null {
  if (changed.length === 0) return remark;
  const told = `cán bộ đã điều chỉnh ${changed.map((name) => FIELD_WORDS[name]).join(', ')} sau khi xác minh`;
  return remark === null ? told : `${remark}; ${told}`;
}

/** The row goes back to the unit, with what is wrong and what to do in the officer's words. */
export const returnRow: DeskAction<{ id: string; problem: Problem }> = {
  name: 'return-row',
  offered,
  read(fields, work) {
    const row = rowIn(fields, work);
    if (row === null) return GONE;
    const text = sentence(fields.text('words'));
    const fix = sentence(fields.text('fix'));
    return (
      problemsIf(
        [text.length < 5, 'Ghi nội dung chưa đúng của dòng này'],
        [fix.length < 5, 'Ghi đơn vị cần làm gì để sửa'],
      ) ?? { id: row.id, problem: { code: 'officer', column: null, text, fix } }
    );
  },
  async act(tx, work, { id, problem }, officer, deps) {
    const row = again(id, work);
    if (row === null) return GONE;
    const known = checkedRow(row);
    const faulty = { ...known, ok: false, needsOfficer: null, problems: [...known.problems, problem] };
    await changeRow(tx, id, { state: 'faulty', row: faulty, result: null });
    const settled = await settleAfter(tx, work, { turn: 'later', done: [], back: row }, deps);
    const words = `dòng ${nameOf(row)}: ${problem.text}; ${problem.fix}`;
    return {
      ...settled,
      detail: { row: id, text: problem.text, fix: problem.fix },
      log: [decided(work, officer, 'return-row', 'row given back', words), ...settled.log],
    };
  },
};

/** A clear no to one row; the others are not touched by it. */
export const refuseRow: DeskAction<{ id: string; reason: string }> = {
  name: 'refuse-row',
  offered,
  read(fields, work) {
    const row = rowIn(fields, work);
    if (row === null) return GONE;
    const code = refusalCode(fields.text('reason'));
    const words = sentence(fields.text('words'));
    const known = ROW_REFUSALS.some(([one]) => one === code);
    const reason = [code === 'other' || code === null ? '' : refusalText(code), words];
    return (
      problemsIf(
        [!known, 'Chọn lý do không giải quyết'],
        [code === 'other' && words === '', 'Ghi rõ lý do không giải quyết'],
      ) ?? { id: row.id, reason: reason.filter((text) => text !== '').join('; ') }
    );
  },
  async act(tx, work, { id, reason }, officer, deps) {
    const row = again(id, work);
    if (row === null) return GONE;
    await changeRow(tx, id, { state: 'refused', result: reason });
    const text = `Không giải quyết: ${reason}`;
    const done: Done = { row, address: row.address ?? '', text, refused: true, final: true };
    const settled = await settleAfter(tx, work, { turn: 'later', done: [done] }, deps);
    return {
      ...settled,
      detail: { row: id, reason },
      log: [
        decided(work, officer, 'refuse-row', 'row refused', `dòng ${nameOf(row)}: ${reason}`),
        ...settled.log,
      ],
    };
  },
};

const sentence = (text: string): string =>
  text
    .replaceAll(/\s+/g, ' ')
    .replace(/[.;\s]+$/, '')
    .slice(0, 500);

/** The dossier goes as far as it can now; the letter waits for whatever its own rows wait for. */
async function settleAfter(
  tx: Tx,
  work: DeskCase,
  turn: Turn,
  deps: ActDeps,
): Promise<Pick<DeskResult, 'to' | 'reason' | 'log'>> {
  const settled = await settle(tx, work, deps, turn);
  const open = (await rowsOfLetter(tx.orm, work.letter.id)).some(waitsForOfficer);
  const course = COURSE_OF[settled.state];
  const elsewhere: readonly LetterState[] = ['executor', 'scheduled'];
  const to = !open && elsewhere.some((state) => state === course) ? (course as LetterState) : null;
  return { to, reason: settled.reason === '' ? null : settled.reason, log: settled.log };
}
