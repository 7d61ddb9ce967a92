import { describe, expect, it } from 'vitest';
import { makeCalendar } from '../../src/rules/calendar.ts';
import { CALENDAR_ROWS } from '../../src/rules/calendar-table.ts';
import { reportsDue } from '../../src/rules/campaigns.ts';
import type { CheckedRow } from '../../src/rules/check-rows.ts';
import { placeCorrected, type StandingRow } from '../../src/rules/corrections.ts';
import { dossierStateOf, mayCarryOut, type RowState } from '../../src/rules/dossier.ts';
import { templateColumns } from '../../src/rules/list-titles.ts';
import { questionIn } from '../../src/rules/questions.ts';
import { REGULATIONS, governs, ofOneSystem, versionInForce } from '../../src/rules/regulations.ts';
import { allDone, answersIn, orderNumberIn } from '../../src/rules/work-order.ts';
import { BH, HCM, QB, ST, TH } from './harness.ts';

const standing = (...rows: RowState[]) => ({ rows, problems: 0, documentOwed: false, rowsExpected: true });

describe('where a dossier stands', () => {
  it.each<[string, Parameters<typeof dossierStateOf>[0], string]>([
    ['an officer first', standing('faulty', 'officer', 'done'), 'officer'],
    ['a refused row is an officer’s', standing('failed', 'done'), 'officer'],
    ['then the unit', standing('faulty', 'done', 'ordered'), 'correction'],
    ['a faulty request, though its rows are fine', { ...standing('valid'), problems: 1 }, 'correction'],
    ['then the executor', standing('ordered', 'done', 'waiting'), 'executor'],
    ['then a later day', standing('waiting', 'done'), 'open'],
    ['then the document', { ...standing('done'), documentOwed: true }, 'document'],
    ['done', standing('done', 'replaced'), 'completed'],
    ['nothing understood', standing(), 'officer'],
    ['replaced rows alone are nothing', standing('replaced'), 'officer'],
    ['a recorded report', { ...standing(), rowsExpected: false }, 'completed'],
  ])('%s', (_name, given, state) => {
    expect(dossierStateOf(given)).toBe(state);
  });

  it.each([
    [true, ['valid', 'faulty'], 0, true],
    [false, ['valid', 'faulty'], 0, false],
    [false, ['valid'], 0, true],
    [true, ['valid'], 1, false],
  ] as const)('[6.9] partial %s, rows %j, %i problems: carry out %s', (partial, rows, problems, may) => {
    expect(mayCarryOut({ rows, problems }, partial)).toBe(may);
  });
});

describe('rows of a returned list', () => {
  const row = (no: string | null, fullName: string): CheckedRow =>
    ({ no, fullName, line: 1, kind: 'CREATE_PERSON' }) as CheckedRow;
  const known = (id: string, state: RowState, no: string, name: string): StandingRow => ({
    id,
    state,
    row: row(no, name),
  });
  const dossier = [
    known('a', 'done', '1', 'Đỗ Hữu Nam'),
    known('b', 'faulty', '3', 'Lê Thị Hoa'),
    known('c', 'faulty', '7', 'NguyÔn V¨n Ba'),
    known('d', 'officer', '8', 'Y Thịnh'),
  ];
  const places = (...rows: CheckedRow[]) =>
    placeCorrected(dossier, rows).map((place) =>
      'id' in place ? `${place.place} ${place.id}` : place.place,
    );
  it.each<[string, CheckedRow[], string[]]>([
    ['by name, renumbered', [row('1', 'Lê Thị Hoa')], ['replaces b']],
    ['by STT where the name was the fault', [row('07', 'Nguyễn Văn Ba')], ['replaces c']],
    [
      'in order when both differ and as many are left',
      [row('1', 'Lê Thị Hòa'), row('2', 'Nguyễn Văn Ba')],
      ['replaces b', 'replaces c'],
    ],
    [
      'what is done stays done',
      [row('1', 'Đỗ Hữu Nam'), row('3', 'Lê Thị Hoa')],
      ['settled a', 'replaces b'],
    ],
    ['what an officer looks at stays', [row('8', 'Y Thịnh')], ['settled d']],
    [
      'a new row is nobody’s correction',
      [row('3', 'Lê Thị Hoa'), row('9', 'Kẻ Chen Ngang'), row('10', 'Kẻ Thứ Hai')],
      ['replaces b', 'extra', 'extra'],
    ],
  ])('%s', (_name, rows, expected) => {
    expect(places(...rows)).toEqual(expected);
  });
  it('all rows are first where the dossier had none', () => {
    expect(placeCorrected([], [row('1', 'A B')])).toEqual([{ place: 'first' }]);
  });
});

describe('questions by subject', () => {
  it.each([
    ['MẪU', 'template'],
    ['Mẫu danh sách', 'template'],
    ['mau', 'template'],
    ['Gửi mẫu', 'template'],
    ['TRA CỨU TN-2026-000123', 'TN-2026-000123'],
    ['Tra cứu hồ sơ số 123', 'TN-2026-000123'],
    ['tra cuu [TN-2025-000007]', 'TN-2025-000007'],
    ['V/v đề nghị cấp mới hộp thư theo mẫu', null],
    ['TRA CỨU', null],
    ['Tra cứu 1234567', null],
    ['Re: [TN-2026-000123] danh sách đã sửa', null],
  ])('%s', (subject, expected) => {
    const question = questionIn(subject, 2026);
    expect(question === null ? null : question.asks === 'state' ? question.number : 'template').toBe(
      expected,
    );
  });
  it('[TH-5.1a, HCM-5.1c] the template has the columns the regulation needs', () => {
    expect(templateColumns(TH)).toEqual(expect.arrayContaining(['decision', 'proposedAddress']));
    expect(templateColumns(HCM)).toContain('proposedAddress');
    expect(templateColumns(QB)).not.toContain('proposedAddress');
  });
});

describe('last days of reports', () => {
  const calendar = makeCalendar(CALENDAR_ROWS);
  it.each([
    [
      '[BH-10.2] before 05/6 and 05/12: 04/6, and Friday 04/12',
      BH,
      ['units-june/2026-06-04', 'units-december/2026-12-04'],
    ],
    [
      '[ST-10.3] before 20/7 and 20/01; 19/7/2026 is a Sunday',
      ST,
      ['half-year/2026-07-17', 'year/2026-01-19'],
    ],
  ])('%s', (_name, regulation, expected) => {
    const due = reportsDue(regulation, '2026-01-01', '2026-12-30', calendar).map(({ id }) => id);
    for (const id of expected) expect(due).toContain(`${regulation.id}/${id}`);
  });
  it('[QB-14.6] the half-years of the units end in June and December, told by the machine, answered to the Sở', () => {
    const due = reportsDue(QB, '2026-01-01', '2026-12-31', calendar).filter(
      ({ report }) => report.id === 'units-half-year',
    );
    expect(due.map(({ dueDate }) => dueDate)).toEqual(['2026-06-30', '2026-12-31']);
    expect(due.every(({ report }) => report.from === 'units')).toBe(true);
  });
  it('[HCM-10.4, HCM-15.2] quarters end on their last working day', () => {
    const due = reportsDue(HCM, '2026-01-01', '2026-12-31', calendar).filter(
      ({ report }) => report.id === 'units-quarter',
    );
    expect(due.map(({ dueDate }) => dueDate)).toEqual([
      '2026-03-31',
      '2026-06-30',
      '2026-09-30',
      '2026-12-31',
    ]);
  });
});

describe('an executor’s answer', () => {
  const grid = (...rows: string[][]) => ({
    source: 'kq.xlsx',
    hidden: false,
    rows: rows.map((cells, i) => ({ line: i + 1, hidden: false, cells: cells.map((text) => ({ text })) })),
  });
  it('is read line by line; silence and unclear words answer nothing', () => {
    const head = ['STT', 'Nội dung', 'Kết quả', 'Hộp thư đã cấp', 'Lý do chưa thực hiện'];
    expect(
      answersIn([
        grid(
          ['DANH SÁCH'],
          head,
          ['1', 'Cấp mới', 'Đã thực hiện', 'A@x.gov.vn', ''],
          ['2', 'Cấp mới', 'Chưa thực hiện', '', 'Trùng tên'],
          ['3', 'Hủy', '', '', ''],
          ['4', 'Hủy', 'đang xem', '', ''],
          ['x', 'Hủy', 'Xong', '', ''],
        ),
      ]),
    ).toEqual([
      { line: 1, done: true, address: 'a@x.gov.vn', reason: null },
      { line: 2, done: false, address: null, reason: 'Trùng tên' },
    ]);
    expect(answersIn([grid(['STT', 'Họ và tên'], ['1', 'A'])])).toEqual([]);
  });
  it.each([
    ['Trung tâm đã hoàn thành toàn bộ lệnh.', true],
    ['Đã thực hiện tất cả, trừ trường hợp số 2.', false],
    ['Đã thực hiện.', false],
    ['Chưa thực hiện được toàn bộ.', false],
    ['> đã thực hiện toàn bộ', false],
  ])('in words: %s', (text, all) => {
    expect(allDone(text)).toBe(all);
  });
  it('names its order in brackets', () => {
    expect(orderNumberIn('Re: [LH-2026-000012] V/v')).toBe('LH-2026-000012');
    expect(orderNumberIn('LH-2026-000012')).toBeNull();
  });
});

describe('versions of a regulation', () => {
  const next = {
    ...QB,
    id: 'qb-next',
    legal: { ...QB.legal, effectiveFrom: { value: '2026-07-01', source: 'outside' }, replaces: QB.id },
  };
  const all = [...REGULATIONS, next];
  it.each([
    ['2026-06-30', QB.id],
    ['2026-07-01', 'qb-next'],
  ])('on %s it is %s', (on, id) => {
    expect(versionInForce(QB, on, all).id).toBe(id);
    expect(
      governs(
        all.find((known) => known.id === id)!,
        QB.id,
        on,
        all,
      ),
    ).toBe(true);
    expect(governs(HCM, QB.id, on, all)).toBe(false);
  });
  it('versions of one system know each other in both directions, other systems do not', () => {
    expect([ofOneSystem('qb-next', QB.id, all), ofOneSystem(QB.id, 'qb-next', all)]).toEqual([true, true]);
    expect(ofOneSystem(HCM.id, QB.id, all)).toBe(false);
    const circle = [{ ...QB, legal: { ...QB.legal, replaces: 'qb-next' } }, next];
    expect(ofOneSystem(QB.id, HCM.id, circle)).toBe(false);
  });
  it('a circle ends', () => {
    const circle = [{ ...QB, legal: { ...QB.legal, replaces: 'qb-next' } }, next];
    expect(versionInForce(circle[0]!, '2026-08-01', circle).id).toBeTypeOf('string');
  });
});
