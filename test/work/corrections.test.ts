import { afterAll, beforeAll, expect, test } from 'vitest';
import { cellsOf, openOffice, type Office } from '../harness/office.ts';

const UNIT = 'snv@quangbinh.gov.vn';
const HEAD = ['STT', 'Họ và tên', 'Chức vụ', 'Số điện thoại'];
const SUBJECT = 'V/v đề nghị cấp mới hộp thư điện tử công vụ';
let office: Office;

beforeAll(async () => {
  office = await openOffice({
    regulation: 'vn-quangbinh-41-2015',
    at: '2026-03-02T08:00:00+07:00',
    units: [
      { code: 'snv', name: 'Sở Nội vụ', mailbox: UNIT },
      { code: 'stc', name: 'Sở Tài chính', mailbox: 'stc@quangbinh.gov.vn' },
    ],
    env: { CONGTHU_SIGN_REPLIES: 'yes' },
  });
}, 60_000);
afterAll(() => office.close());

let dossier: string;

test('[6.9] the faulty rows go back as the unit’s own list; the clock stops', async () => {
  const first = await office.send({
    from: UNIT,
    subject: SUBJECT,
    list: [
      HEAD,
      [1, 'Đỗ Hữu Nam', 'Chuyên viên', '0905123408'],
      [3, 'Lê Thị Hoa', null, '+84905123409'],
      [7, 'Trần Văn Ba', '', '0905123410'],
    ],
  });
  const letter = await office.letter(first.id);
  expect(letter.state).toBe('correction');
  dossier = letter.dossier!;
  expect(await office.rows(dossier)).toEqual(['namdh.snv@quangbinh.gov.vn done', '- faulty', '- faulty']);
  const correction = (await office.told()).find(({ template }) => template === 'correction')!;
  const list = correction.attachments.find(({ filename }) => filename.endsWith('.xlsx'))!;
  const cells = await cellsOf(list);
  const head = cells.find((row) => row.includes('Nội dung cần sửa'))!;
  expect(head).toEqual(['STT', 'Họ và tên', 'Chức vụ', 'Số điện thoại', 'Nội dung cần sửa']);
  const rows = cells.slice(cells.indexOf(head) + 1);
  expect(rows.map(([no, name]) => [no, name])).toEqual([
    ['3', 'Lê Thị Hoa'],
    ['7', 'Trần Văn Ba'],
  ]);
  expect(rows[0]!.at(-1)).toContain('Thiếu chức vụ');
  const [clock] = await office.db.sql`select stopped_by from dossier_interval where dossier = ${dossier}`;
  expect(clock).toEqual({ stopped_by: 'correction' });
});

test('[6.8] the returned file replaces exactly those rows and restarts the clock from its own receipt', async () => {
  office.at('2026-03-05T09:00:00+07:00');
  const back = await office.send({
    from: UNIT,
    subject: `Re: [${dossier}] V/v đề nghị chỉnh sửa danh sách đăng ký hộp thư (02 nội dung)`,
    list: [
      [...HEAD, 'Nội dung cần sửa'],
      [3, 'Lê Thị Hoa', 'Chuyên viên', '0905123409', 'Thiếu chức vụ. Bổ sung chức vụ.'],
      [1, 'Đỗ Hữu Nam', 'Chuyên viên', '0905123408', null],
    ],
  });
  expect((await office.letter(back.id)).dossier).toBe(dossier);
  expect(await office.rows(dossier)).toEqual([
    'namdh.snv@quangbinh.gov.vn done',
    '- replaced',
    '- faulty',
    'hoalt.snv@quangbinh.gov.vn done',
    'namdh1.snv@quangbinh.gov.vn replaced',
  ]);
  expect(await office.dossier(dossier)).toMatchObject({ state: 'correction', kinds: ['CREATE_PERSON'] });
  office.at('2026-03-06T09:00:00+07:00');
  const last = await office.send({
    from: UNIT,
    subject: `Re: [${dossier}] danh sách đã sửa`,
    list: [HEAD, [1, 'Trần Văn Ba', 'Văn thư', '0905123410']],
  });
  expect((await office.letter(last.id)).state).toBe('completed');
  expect(await office.dossier(dossier)).toMatchObject({ state: 'completed', due_date: '2026-03-13' });
  const intervals = await office.db.sql<{ started: string; stopped_by: string }[]>`
    select started_at::date::text as started, stopped_by from dossier_interval where dossier = ${dossier} order by 1`;
  expect(intervals.map(({ stopped_by }) => stopped_by)).toEqual(['correction', 'correction', 'completed']);
  expect(await office.log('deadline.met')).toHaveLength(1);
  const boxes = await office.db.sql`select address from mailbox where unit = 'snv' order by address`;
  expect(boxes.map(({ address }) => address as string)).toEqual([
    'bavt.snv@quangbinh.gov.vn'.replace('bavt', 'batv'),
    'hoalt.snv@quangbinh.gov.vn',
    'namdh.snv@quangbinh.gov.vn',
  ]);
});

test('another unit with the same number joins nothing', async () => {
  const answer = await office.send({
    from: 'stc@quangbinh.gov.vn',
    subject: `Re: [${dossier}] ${SUBJECT}`,
    list: [HEAD, [1, 'Ngô Văn Tư', 'Chuyên viên', '0905123411']],
  });
  expect((await office.letter(answer.id)).dossier).not.toBe(dossier);
});

test('an unsigned correction is refused, whatever it holds', async () => {
  const first = await office.send({
    from: UNIT,
    subject: SUBJECT,
    list: [HEAD, [1, 'Phạm Văn Năm', null, '0905123412']],
  });
  const { dossier: number } = await office.letter(first.id);
  const back = await office.send({
    from: UNIT,
    subject: `Re: [${number!}] danh sách đã sửa`,
    signed: false,
    list: [HEAD, [1, 'Phạm Văn Năm', 'Chuyên viên', '0905123412']],
  });
  expect((await office.letter(back.id)).state).toBe('refused');
  expect(await office.rows(number)).toEqual(['- faulty']);
  expect(await office.dossier(number)).toMatchObject({ state: 'correction' });
  const open = await office.db
    .sql`select 1 from dossier_interval where dossier = ${number} and stopped_at is null`;
  expect(open).toHaveLength(0);
});

test('a list whose total does not fit is held as a whole until it is put right', async () => {
  const rows = [
    [1, 'Vũ Văn Sáu', 'Chuyên viên', '0905123413'],
    [2, 'Vũ Văn Bảy', 'Chuyên viên', '0905123414'],
  ];
  const first = await office.send({
    from: UNIT,
    subject: SUBJECT,
    list: [HEAD, ...rows, ['Danh sách này có 03 người./.']],
  });
  const { dossier: number, state } = await office.letter(first.id);
  expect(state).toBe('correction');
  expect((await office.rows(number)).every((row) => row.endsWith(' valid'))).toBe(true);
  const back = await office.send({
    from: UNIT,
    subject: `Re: [${number!}] danh sách đầy đủ`,
    list: [HEAD, ...rows, ['Danh sách này có 02 người./.']],
  });
  expect((await office.letter(back.id)).state).toBe('completed');
  expect((await office.rows(number)).filter((row) => row.endsWith(' done'))).toHaveLength(2);
});

test('a quarterly declaration without signature cannot carry a request in its rows', async () => {
  const answer = await office.send({
    from: UNIT,
    subject: 'Báo cáo thay đổi hộp thư quý I',
    signed: false,
    text: 'Báo cáo thay đổi hộp thư quý I.',
    list: [
      [...HEAD, 'Nội dung đề nghị'],
      [1, 'Kẻ Giả Mạo', 'Chuyên viên', '0905123499', 'Cấp mới'],
    ],
  });
  const { dossier: number } = await office.letter(answer.id);
  expect(await office.rows(number)).toEqual(['- faulty']);
  const [made] = await office.db.sql`select count(*)::int as n from mailbox where full_name = 'Kẻ Giả Mạo'`;
  expect(made).toEqual({ n: 0 });
});

test('MẪU returns the template list, TRA CỨU the state of the own dossier; three an hour', async () => {
  await office.told();
  office.at('2026-03-09T09:00:00+07:00');
  const asked = await office.send({ from: UNIT, subject: 'MẪU', text: '', signed: false });
  expect(await office.letter(asked.id)).toMatchObject({ state: 'answered', dossier: null });
  const [template] = await office.told();
  const cells = (await cellsOf(template!.attachments[0]!)).flat();
  expect(cells).toEqual(expect.arrayContaining(['Họ và tên', 'Chức vụ', 'Nội dung đề nghị']));
  await office.send({ from: UNIT, subject: `TRA CỨU ${dossier}`, signed: false });
  expect((await office.told())[0]).toMatchObject({ template: 'state', recipient: UNIT });
  await office.send({ from: 'stc@quangbinh.gov.vn', subject: `Tra cứu ${dossier}`, signed: false });
  const foreign = (await office.told())[0]!;
  expect(foreign.text).toContain('Không có hồ sơ');
  expect(foreign.text).not.toContain('Nội vụ');
  await office.send({ from: UNIT, subject: 'MẪU', text: 'lần 3', signed: false });
  expect(await office.told()).toHaveLength(1);
  await office.send({ from: UNIT, subject: 'MẪU', text: 'lần 4', signed: false });
  expect(await office.told()).toEqual([]);
});

test('[6.9] all or nothing where the regulation wants it: good rows wait for the bad one', async () => {
  const strict = await openOffice({
    regulation: 'vn-quangbinh-41-2015',
    at: '2026-03-02T08:00:00+07:00',
    units: [{ code: 'snv', name: 'Sở Nội vụ', mailbox: UNIT }],
    overrides: 'list: { partialAcceptance: false }',
    env: { CONGTHU_SIGN_REPLIES: 'yes' },
  });
  try {
    const first = await strict.send({
      from: UNIT,
      subject: SUBJECT,
      list: [HEAD, [1, 'Đỗ Hữu Nam', 'Chuyên viên', '0905123408'], [2, 'Lê Thị Hoa', null, '0905123409']],
    });
    const { dossier: number } = await strict.letter(first.id);
    expect(await strict.rows(number)).toEqual(['namdh.snv@quangbinh.gov.vn valid', '- faulty']);
    strict.at('2026-03-03T08:00:00+07:00');
    const back = await strict.send({
      from: UNIT,
      subject: `Re: [${number!}] danh sách đã sửa`,
      list: [HEAD, [2, 'Lê Thị Hoa', 'Chuyên viên', '0905123409']],
    });
    expect((await strict.letter(back.id)).state).toBe('completed');
    expect(await strict.rows(number)).toEqual([
      'namdh.snv@quangbinh.gov.vn done',
      '- replaced',
      'hoalt.snv@quangbinh.gov.vn done',
    ]);
    expect((await strict.told()).filter(({ template }) => template === 'completed')).toHaveLength(1);
  } finally {
    await strict.close();
  }
});

test('[6.11] the same files for the same purpose again: no second dossier, the unit hears its number', async () => {
  office.at('2026-03-16T08:00:00+07:00');
  const list = [HEAD, [1, 'Ngô Thị Sáu', 'Chuyên viên', '0905123411']];
  const sent = { from: UNIT, subject: SUBJECT, list };
  const first = await office.letter((await office.send(sent)).id);
  expect(first.state).toBe('completed');
  await office.told();
  office.at('2026-03-17T08:00:00+07:00');
  const again = await office.letter(
    (await office.send({ ...sent, text: 'Đề nghị cấp mới hộp thư, gửi lại lần 2.' })).id,
  );
  expect(again).toMatchObject({ state: 'duplicate', dossier: first.dossier });
  const told = await office.told();
  expect(told.map(({ template, recipient }) => [template, recipient])).toEqual([['duplicate', UNIT]]);
  expect(told[0]!.text).toContain(`hồ sơ số ${first.dossier!}`);
  expect(await office.rows(first.dossier)).toHaveLength(1);
  // Somebody else's list is another matter.
  const other = await office.letter((await office.send({ ...sent, from: 'stc@quangbinh.gov.vn' })).id);
  expect(other.dossier).not.toBe(first.dossier);
});
