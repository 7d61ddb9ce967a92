import type { CheckedRow } from '../../rules/check-rows.ts';
import { localTime } from '../../rules/calendar.ts';
import type { Problem } from '../../rules/mailbox-list.ts';
import { refusalCode, refusalText, ROW_REFUSALS } from '../../rules/refusals.ts';
import type { LetterState } from '../../rules/letter.ts';
import type { Tx } from '../../store/database.ts';
import { changeRow, rowsOfLetter, type DossierRow } from '../../store/dossiers.ts';
import { checkedRow, type Done } from '../carry-out.ts';
import { COURSE_OF, settle, type Turn } from '../settle.ts';
import type { ActDeps } from '../step.ts';
import { Problems, problemsIf, type DeskAction, type DeskCase, type DeskResult } from './action.ts';
import { decided } from './judge-again.ts';
import {
  acceptable,
  FIELD_WORDS,
  ROW_FIELDS,
  rowValues,
  type RowField,
  type RowValues,
} from './recheck-row.ts';

const WAITS: readonly DossierRow['state'][] = ['officer', 'failed'];
export const waitsForOfficer = ({ state }: DossierRow): boolean => WAITS.includes(state);

const GONE = new Problems('Dòng này không còn chờ cán bộ xử lý; đề nghị mở lại hồ sơ.');

const openRow = (id: string, work: DeskCase): DossierRow | null =>
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
    const row = openRow(fields.text('row'), work);
    if (row === null) return GONE;
    const values = Object.fromEntries(
      ROW_FIELDS.map((name) => [name, fields.text(name).replaceAll(/\s+/g, ' ').slice(0, 300)]),
    ) as unknown as RowValues;
    return { id: row.id, values };
  },
  async act(tx, work, { id, values }, officer, deps) {
    const row = openRow(id, work);
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
    const row = openRow(fields.text('row'), work);
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
    const row = openRow(id, work);
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
    const row = openRow(fields.text('row'), work);
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
    const row = openRow(id, work);
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
