import { afterEach, expect, test } from 'vitest';
import type { ActionName } from '../../src/rules/desk-actions.ts';
import { addAccount } from '../../src/store/accounts.ts';
import { letterById } from '../../src/store/letters.ts';
import { rowsOfLetter, type DossierRow } from '../../src/store/dossiers.ts';
import { addMailbox } from '../../src/store/registry.ts';
import { perform, type Performed } from '../../src/work/desk/perform.ts';
import { settle } from '../../src/work/settle.ts';
import { rowChoices } from '../../src/work/desk/row-choices.ts';
import { rowValues } from '../../src/work/desk/recheck-row.ts';
import { deskCase } from '../../src/work/desk/perform.ts';
import { openOffice, type Office } from '../harness/office.ts';

const UNIT = 'snv@quangbinh.gov.vn';
const HEAD = ['STT', 'Họ và tên', 'Chức vụ', 'Số điện thoại'];
const SUBJECT = 'V/v đề nghị cấp mới hộp thư điện tử công vụ';
let office: Office;
afterEach(() => office.close());

/** Quảng Bình: the base name of a leader is taken already, so an officer decides (QB-5.2b). */
async function letterWithLeader(...more: (string | number)[][]): Promise<string> {
  office = await openOffice({
    regulation: 'vn-quangbinh-41-2015',
    at: '2026-03-02T08:00:00+07:00',
    units: [{ code: 'snv', name: 'Sở Nội vụ', mailbox: UNIT }],
    env: { CONGTHU_SIGN_REPLIES: 'yes' },
    mailboxes: [
      {
        address: 'annv.snv@quangbinh.gov.vn',
        unit: 'snv',
        fullName: 'Nguyễn Văn An',
        position: 'Chuyên viên',
      },
    ],
  });
  await makeOfficer();
  const leader = [1, 'Nguyễn Văn An', 'Phó Giám đốc', '0905123401'];
  const { id } = await office.send({ from: UNIT, subject: SUBJECT, list: [HEAD, leader, ...more] });
  return id!;
}

async function makeOfficer(): Promise<void> {
  await office.db.transaction((tx) =>
    addAccount(tx.orm, {
      name: 'lan',
      fullName: 'Nguyễn Thị Lan',
      role: 'officer',
      passwordHash: null,
      passwordChangedAt: new Date(0),
      mustChange: false,
      totpSecret: null,
      createdAt: new Date(0),
    }),
  );
}

const rows = (letter: string) => office.db.transaction((tx) => rowsOfLetter(tx.orm, letter));
const waiting = async (letter: string): Promise<DossierRow> =>
  (await rows(letter)).find(({ state }) => state === 'officer' || state === 'failed')!;

async function click(
  action: ActionName,
  letter: string,
  values: Record<string, string>,
  version?: number,
): Promise<Performed> {
  const seen = (await office.db.transaction((tx) => letterById(tx.orm, letter)))!;
  return perform(
    {
      action,
      letter,
      version: version ?? seen.version,
      officer: { name: 'lan', fullName: 'Nguyễn Thị Lan' },
      fields: {
        text: (name) => values[name] ?? '',
        all: (name) => [values[name] ?? ''],
        checked: (name) => values[name] !== undefined,
        upload: () => null,
      },
    },
    office.deps,
  );
}

const templates = async (): Promise<string[]> => (await office.told()).map(({ template }) => template);

test('a row is let through as it is: it is carried out and the unit has its result', async () => {
  const letter = await letterWithLeader([2, 'Trần Thị Bình', 'Chuyên viên', '0905123402']);
  await office.told();
  const row = await waiting(letter);
  expect(row.address).toBe('annv1.snv@quangbinh.gov.vn');
  const done = await click('accept-row', letter, { row: row.id, ...rowValues(row) });
  expect(done).toMatchObject({ result: 'done' });
  expect(await office.rows((await office.letter(letter)).dossier)).toEqual([
    'annv1.snv@quangbinh.gov.vn done',
    'binhtt.snv@quangbinh.gov.vn done',
  ]);
  const [told] = await office.told();
  expect(told).toMatchObject({ template: 'completed', recipient: UNIT });
  expect(told!.text).toContain('annv1.snv@quangbinh.gov.vn');
  expect(await office.log('decision')).toContainEqual(
    expect.stringContaining('Chấp nhận dòng: dòng 1 Nguyễn Văn An'),
  );
});

test('another of the free addresses is chosen; one that is somebody’s, or not by the rule, is refused', async () => {
  const letter = await letterWithLeader();
  const row = await waiting(letter);
  const choices = await office.db.transaction(async (tx) =>
    rowChoices(tx, (await deskCase(tx, letter, office.deps))!),
  );
  expect(choices.get(row.id)!.addresses.slice(0, 3)).toEqual([
    'annv1.snv@quangbinh.gov.vn',
    'annv2.snv@quangbinh.gov.vn',
    'annv3.snv@quangbinh.gov.vn',
  ]);
  const choose = (address: string) =>
    click('accept-row', letter, { row: row.id, ...rowValues(row), address });
  const before = (await office.db.transaction((tx) => letterById(tx.orm, letter)))!.version;
  for (const [address, words] of [
    ['annv.snv@quangbinh.gov.vn', /đã được cấp/],
    ['admin@quangbinh.gov.vn', /dành cho hệ thống/],
    ['an nguyen@quangbinh.gov.vn', /không đúng định dạng/],
    ['an.snv@gmail.com', /không thuộc tên miền/],
    ['an.sct@quangbinh.gov.vn', /phần đơn vị/],
  ] as const) {
    const refused = await choose(address);
    expect(refused, address).toMatchObject({ result: 'problems' });
    expect(refused.result === 'problems' ? refused.problems.join() : '').toMatch(words);
  }
  expect((await office.db.transaction((tx) => letterById(tx.orm, letter)))!.version).toBe(before);
  expect(await choose('annv2.snv@quangbinh.gov.vn')).toMatchObject({ result: 'done' });
  expect(await office.rows((await office.letter(letter)).dossier)).toEqual([
    'annv2.snv@quangbinh.gov.vn done',
  ]);
  const told = (await office.told()).find(({ template }) => template === 'completed')!;
  expect(told.text).toContain('cán bộ đã điều chỉnh hộp thư sau khi xác minh');
});

test('the name is put right, and the address follows when it is left empty', async () => {
  const letter = await letterWithLeader();
  const row = await waiting(letter);
  await click('accept-row', letter, {
    row: row.id,
    ...rowValues(row),
    fullName: 'Nguyễn Văn Ân',
    address: '',
  });
  const [done] = await rows(letter);
  expect(done).toMatchObject({ state: 'done', address: 'annv1.snv@quangbinh.gov.vn' });
  expect(done!.row).toMatchObject({ fullName: 'Nguyễn Văn Ân', position: 'Phó Giám đốc' });
});

test('an address somebody was given since the page was opened is not given twice', async () => {
  const letter = await letterWithLeader();
  const row = await waiting(letter);
  await office.db.transaction((tx) =>
    addMailbox(tx.orm, {
      address: row.address!,
      kind: 'person',
      fullName: 'Người khác',
      unit: 'snv',
      state: 'active',
      createdAt: new Date('2026-03-02T09:00:00+07:00'),
    }),
  );
  const tried = await click('accept-row', letter, { row: row.id, ...rowValues(row) });
  expect(tried).toMatchObject({
    result: 'problems',
    problems: [expect.stringContaining('đã được cấp cho người khác')],
  });
  const holder = await office.db.sql<{ full_name: string }[]>`
    select full_name from mailbox where address = ${row.address}`;
  expect(holder).toEqual([{ full_name: 'Người khác' }]);
  expect((await rows(letter))[0]!.state).not.toBe('done');
});

test('a row is given back with the officer’s words; the returned list takes its place', async () => {
  const letter = await letterWithLeader([2, 'Trần Thị Bình', 'Chuyên viên', '0905123402']);
  await office.told();
  const row = await waiting(letter);
  expect(await click('return-row', letter, { row: row.id, words: 'Sai', fix: '' })).toMatchObject({
    result: 'problems',
  });
  await click('return-row', letter, {
    row: row.id,
    words: 'Chức vụ không khớp với quyết định bổ nhiệm.',
    fix: 'Ghi đúng chức vụ theo quyết định',
  });
  const [told] = await office.told();
  expect(told).toMatchObject({ template: 'correction', recipient: UNIT });
  expect(told!.text).toContain('Chức vụ không khớp với quyết định bổ nhiệm');
  const { state, dossier } = await office.letter(letter);
  expect(state).toBe('correction');
  office.at('2026-03-03T08:00:00+07:00');
  await office.send({
    from: UNIT,
    subject: `Re: [${dossier!}] ${SUBJECT}`,
    list: [HEAD, [1, 'Nguyễn Văn An', 'Chánh Văn phòng huyện ủy viên', '0905123401']],
  });
  const after = await office.rows(dossier);
  expect(after.filter((one) => one.includes('annv'))).toHaveLength(2);
  expect(after.at(-1)).not.toContain('faulty');
});

test('a row is refused with a reason; the unit is told, the others stand, the dossier closes', async () => {
  const letter = await letterWithLeader([2, 'Trần Thị Bình', 'Chuyên viên', '0905123402']);
  await office.told();
  const row = await waiting(letter);
  expect(await click('refuse-row', letter, { row: row.id, reason: 'no_seal' })).toMatchObject({
    result: 'problems',
  });
  await click('refuse-row', letter, {
    row: row.id,
    reason: 'not_managed',
    words: 'Đã chuyển công tác từ 01/2026.',
  });
  const told = await office.told();
  expect(told.map(({ template }) => template)).toEqual(['settled']);
  expect(told[0]!.text).toContain('không thuộc cơ quan, đơn vị quản lý; Đã chuyển công tác từ 01/2026.');
  const { dossier } = await office.letter(letter);
  expect(await office.rows(dossier)).toContain('annv1.snv@quangbinh.gov.vn refused');
  expect((await office.dossier(dossier))['state']).toBe('completed');
});

test('when every row is refused the dossier is', async () => {
  const letter = await letterWithLeader();
  await office.told();
  const row = await waiting(letter);
  await click('refuse-row', letter, { row: row.id, reason: 'identity' });
  const { state, dossier } = await office.letter(letter);
  expect(state).toBe('refused');
  expect((await office.dossier(dossier))['state']).toBe('refused');
  expect(await templates()).toEqual(['settled']);
});

test('of two officers the second changes nothing, also on another row of the letter', async () => {
  const letter = await letterWithLeader();
  const row = await waiting(letter);
  const { version } = (await office.db.transaction((tx) => letterById(tx.orm, letter)))!;
  const both = await Promise.all([
    click('accept-row', letter, { row: row.id, ...rowValues(row) }, version),
    click('refuse-row', letter, { row: row.id, reason: 'identity' }, version),
  ]);
  expect(both.map(({ result }) => result).toSorted()).toEqual(['conflict', 'done']);
});

test('a row that is done, or of another letter, is no officer’s', async () => {
  const letter = await letterWithLeader([2, 'Trần Thị Bình', 'Chuyên viên', '0905123402']);
  const done = (await rows(letter)).find(({ state }) => state === 'done')!;
  for (const row of [done.id, '00000000-0000-4000-8000-000000000000', ''])
    expect(await click('refuse-row', letter, { row, reason: 'identity' })).toMatchObject({
      result: 'problems',
    });
});

/** Nguyễn Văn An goes from Sở Nội vụ to Sở Y tế, which an officer confirms. */
async function transferLetter(...wanted: string[]): Promise<string> {
  office = await openOffice({
    regulation: 'vn-quangbinh-41-2015',
    at: '2026-03-02T08:00:00+07:00',
    units: [
      { code: 'snv', name: 'Sở Nội vụ', mailbox: UNIT },
      { code: 'syt', name: 'Sở Y tế', mailbox: 'syt@quangbinh.gov.vn' },
    ],
    mailboxes: [{ address: 'annv.snv@quangbinh.gov.vn', unit: 'snv', fullName: 'Nguyễn Văn An' }],
    env: { CONGTHU_SIGN_REPLIES: 'yes' },
  });
  await makeOfficer();
  const { id } = await office.send({
    from: UNIT,
    subject: 'V/v chuyển công tác, đề nghị chuyển hộp thư sang đơn vị mới',
    list: [
      ['STT', 'Họ và tên', 'Hộp thư hiện tại', 'Đơn vị công tác mới', ...wanted.map(() => 'Hộp thư đề nghị')],
      [1, 'Nguyễn Văn An', 'annv.snv@quangbinh.gov.vn', 'Sở Y tế', ...wanted],
    ],
  });
  return id!;
}

test('[QB-11.3] a mailbox goes to the unit the officer names, under an address of that unit', async () => {
  const letter = await transferLetter();
  const row = await waiting(letter);
  expect(rowValues(row)).toMatchObject({ unit: 'syt', address: 'annv.snv@quangbinh.gov.vn' });
  const choices = await office.db.transaction(async (tx) =>
    rowChoices(tx, (await deskCase(tx, letter, office.deps))!),
  );
  expect(choices.get(row.id)!.renamed[0]).toBe('annv.syt@quangbinh.gov.vn');
  for (const [unit, words] of [
    ['', /mã đơn vị tiếp nhận/],
    ['khong-co', /mã đơn vị tiếp nhận/],
    ['snv', /không phải đơn vị cũ/],
  ] as const) {
    const refused = await click('accept-row', letter, { row: row.id, ...rowValues(row), unit });
    expect(refused.result === 'problems' ? refused.problems.join() : refused.result).toMatch(words);
  }
  await click('accept-row', letter, {
    row: row.id,
    ...rowValues(row),
    newAddress: 'annv.syt@quangbinh.gov.vn',
  });
  const boxes = await office.db.sql`select address, unit from mailbox where full_name = 'Nguyễn Văn An'`;
  expect(boxes).toEqual([{ address: 'annv.syt@quangbinh.gov.vn', unit: 'syt' }]);
});

test('[QB-11.3] the address a transfer wanted was given to somebody since: nobody gets it twice', async () => {
  const wanted = 'an.syt@quangbinh.gov.vn';
  const letter = await transferLetter(wanted);
  const row = await waiting(letter);
  expect(rowValues(row)).toMatchObject({ newAddress: wanted, unit: 'syt' });
  await office.db.transaction((tx) =>
    addMailbox(tx.orm, {
      address: wanted,
      kind: 'person',
      fullName: 'Người khác',
      unit: 'syt',
      state: 'active',
      createdAt: new Date('2026-03-02T09:00:00+07:00'),
    }),
  );
  expect(await click('accept-row', letter, { row: row.id, ...rowValues(row) })).toMatchObject({
    result: 'problems',
    problems: [expect.stringContaining('đã được cấp cho người khác')],
  });
  // A job that carries the row out without an officer's look meets the same.
  await office.db.sql`update dossier_row set state = 'valid' where id = ${row.id}`;
  const work = (await office.db.transaction((tx) => deskCase(tx, letter, office.deps)))!;
  await office.db.transaction(async (tx) => settle(tx, work, office.deps, { turn: 'later', done: [] }));
  expect(await rows(letter)).toMatchObject([
    { state: 'failed', result: `Địa chỉ ${wanted} đã có trong danh bạ` },
  ]);
});
