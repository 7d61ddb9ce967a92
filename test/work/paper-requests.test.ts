import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeWorkbook } from '../../src/lists/write-workbook.ts';
import type { Fields } from '../../src/work/desk/action.ts';
import { enterPaper } from '../../src/work/desk/enter-paper.ts';
import { fieldsWith } from '../harness/fields.ts';
import { openOffice, type Cells, type Office } from '../harness/office.ts';

const UNIT = 'snv@quangbinh.gov.vn';
const HEAD = ['STT', 'Họ và tên', 'Chức vụ', 'Số điện thoại'];
const LAN = { name: 'lan', fullName: 'Nguyễn Thị Lan' };
const list = (...rows: readonly Cells[]) => ({
  name: 'Danh sách đề nghị (số 12).xlsx',
  mediaType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  bytes: writeWorkbook('Danh sách', [HEAD, ...rows]),
});
const paper = { unit: 'snv', kind: 'CREATE_PERSON', number: '12/SNV-VP', date: '2026-03-02' };

describe('a request on paper (QB-4.1b, HCM-8.4b)', () => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice({
      regulation: 'vn-quangbinh-41-2015',
      at: '2026-03-03T09:00:00+07:00',
      units: [
        { code: 'snv', name: 'Sở Nội vụ', mailbox: UNIT },
        { code: 'stc', name: 'Sở Tài chính', mailbox: 'stc@quangbinh.gov.vn' },
      ],
      env: { CONGTHU_SIGN_REPLIES: 'yes' },
    });
  }, 60_000);
  afterAll(() => office.close());
  const enter = (fields: Fields) => enterPaper(fields, LAN, office.deps);
  const entered = async (fields: Fields): Promise<string> => {
    const done = await enter(fields);
    if (done.result !== 'done') throw new Error(JSON.stringify(done));
    await office.work();
    return done.letter;
  };
  const problemsOf = async (values: Record<string, string | string[]>, files = {}) => {
    const done = await enter(fieldsWith(values, files));
    return done.result === 'problems' ? done.problems.join('\n') : done.result;
  };

  test('[QB-4.1b] runs the same path: receipt, clock, list, mailbox, result to the unit, signed reply', async () => {
    const file = list([1, 'Trần Thị Bình', 'Chuyên viên', '0905123401']);
    const id = await entered(fieldsWith(paper, { list: file }));
    const { state, dossier } = await office.letter(id);
    expect(state).toBe('completed');
    expect(await office.rows(dossier)).toEqual(['binhtt.snv@quangbinh.gov.vn done']);
    // 05 working days from receipt (QB-4.2), as for a letter.
    expect(await office.dossier(dossier)).toMatchObject({ due_date: '2026-03-10', unit: 'snv' });
    const told = (await office.told()).toSorted((a, b) => b.template.localeCompare(a.template));
    expect(told.map(({ template, recipient }) => `${template} ${recipient}`)).toEqual([
      `received ${UNIT}`,
      `completed ${UNIT}`,
    ]);
    expect(told[0]!.text).toContain(
      'đã nhận được đề nghị của Quý cơ quan theo văn bản giấy số 12/SNV-VP ngày 02/03/2026',
    );
    expect(told[1]!.attachments.map(({ filename }) => filename)).toContain(`${dossier!}-phuc-dap.pdf`);
    const log = (await office.log('decision')).map((entry) => JSON.parse(entry) as Record<string, string>);
    const own = log.filter(({ letter }) => letter === id);
    const entry = own.find(({ outcome }) => outcome === 'paper entered')!;
    expect(entry).toMatchObject({ actor: 'lan', unit: 'snv' });
    expect(entry['detail']).toContain('số 12/SNV-VP ngày 02/03/2026');
    expect(own.find(({ outcome }) => outcome === 'approved')).toMatchObject({ detail: 'paper' });
    const [received] = await office.log('letter.received');
    expect(JSON.parse(received!)).toMatchObject({ letter: id, sender: UNIT });
  });

  test('the same document twice is one request, whoever enters it, also at the same moment', async () => {
    const file = list([1, 'Trần Thị Bình', 'Chuyên viên', '0905123401']);
    expect(await enter(fieldsWith({ ...paper, number: '12/snv-vp' }, { list: file }))).toMatchObject({
      result: 'known',
    });
    const both = await Promise.all(
      ['lan', 'minh'].map((name) =>
        enterPaper(
          fieldsWith(
            { ...paper, number: '15/SNV-VP' },
            { list: list([1, 'Hồ Văn Ba', 'Chuyên viên', null]) },
          ),
          { name, fullName: name },
          office.deps,
        ),
      ),
    );
    expect(both.map(({ result }) => result).toSorted()).toEqual(['done', 'known']);
    await office.work();
    // The number is each unit's own.
    const other = await enter(fieldsWith({ ...paper, unit: 'Sở Tài chính (stc)' }, { list: file }));
    expect(other).toMatchObject({ result: 'done' });
    await office.work();
  });

  test('a list typed by the officer counts; received days ago, the clock counts from then', async () => {
    office.at('2026-03-12T09:00:00+07:00');
    const text = `STT | Họ và tên | Chức vụ | Số điện thoại
1 | Đặng Văn Long | Chuyên viên | 0905123406
2 | Ngô Thị Phượng | Chuyên viên | 0905123407`;
    const typed = { ...paper, number: '16/SNV-VP', date: '2026-03-09', received: '2026-03-10', text };
    const id = await entered(fieldsWith(typed));
    const { state, dossier } = await office.letter(id);
    expect(state).toBe('completed');
    expect(await office.rows(dossier)).toEqual([
      'longdv.snv@quangbinh.gov.vn done',
      'phuongnt.snv@quangbinh.gov.vn done',
    ]);
    expect(await office.dossier(dossier)).toMatchObject({ due_date: '2026-03-17' });
  });

  test('a corrected paper joins its own unit’s dossier and no other', async () => {
    const wrong = list([1, '', 'Chuyên viên', '0905123401'], [2, 'Lê Thị Hoa', 'Chuyên viên', 'x']);
    const first = await entered(fieldsWith({ ...paper, number: '20/SNV-VP' }, { list: wrong }));
    const { dossier, state } = await office.letter(first);
    expect(state).toBe('correction');
    const right = {
      list: list(
        [1, 'Vũ Minh Tâm', 'Chuyên viên', '0905123401'],
        [2, 'Lê Thị Hoa', 'Chuyên viên', '0905123402'],
      ),
    };
    const more = { ...paper, number: '21/SNV-VP', dossier: dossier! };
    expect(await problemsOf({ ...more, unit: 'stc' }, right)).toContain('của chính đơn vị này');
    const second = await entered(fieldsWith(more, right));
    expect(await office.letter(second)).toMatchObject({ dossier, state: 'completed' });
  });

  test.each([
    ['a unit that is not registered', { ...paper, unit: 'sở lạ' }, 'Chọn đơn vị'],
    ['nothing asked for', { ...paper, kind: [] }, 'Chọn nội dung đề nghị'],
    ['an unknown kind', { ...paper, kind: 'ABUSE_REPORT' }, 'Chọn nội dung đề nghị'],
    ['no number', { ...paper, number: '' }, 'Ghi số, ký hiệu'],
    ['a day that does not exist', { ...paper, date: '2026-02-30' }, 'Ghi ngày của văn bản'],
    ['a document of tomorrow', { ...paper, date: '2026-12-31' }, 'không thể sau hôm nay'],
    ['received before it was written', { ...paper, received: '2026-03-01' }, 'trước ngày của văn bản'],
    [
      'received in another year',
      { ...paper, date: '2025-01-02', received: '2025-01-03' },
      'Ngày nhận phải từ',
    ],
    ['no list', paper, 'Kèm tệp danh sách'],
    ['words without columns', { ...paper, text: '1. Nguyễn Văn An' }, 'dòng tiêu đề cột'],
    ['a secret', { ...paper, text: 'MẬT\n1. Nguyễn Văn An' }, 'độ mật'],
  ])('refuses %s, and nothing is stored', async (_what, values, words) => {
    const count = async () => (await office.db.sql`select 1 from letter`).length;
    const before = await count();
    expect(await problemsOf(values)).toContain(words);
    expect(await count()).toBe(before);
  });

  test('a unit that may not ask is told so by the regulation’s own article', async () => {
    await office.db.sql`update unit set active = false where code = 'stc'`;
    const values = {
      ...paper,
      unit: 'stc',
      number: '30/STC',
      text: 'Họ và tên | Chức vụ\nNguyễn Văn An | Chuyên viên',
    };
    expect(await problemsOf(values)).toMatch(/Đơn vị gửi đã ngừng hoạt động \(.*Điều 4/);
    await office.db.sql`update unit set active = true where code = 'stc'`;
  });
});
