import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { upsertFormerMailboxes } from '../../src/store/registry.ts';
import { upsertCalendarRows } from '../../src/store/calendar.ts';
import { createCalendarSource } from '../../src/work/calendar-source.ts';
import { openOffice, type Office } from '../harness/office.ts';

const HEAD = ['STT', 'Họ và tên', 'Chức vụ', 'Số điện thoại'];
const SUBJECT = 'V/v đề nghị cấp mới hộp thư điện tử công vụ';

describe('a regulation is replaced, units merge and are renamed', () => {
  const NEW = 'snv@quangbinh.gov.vn';
  const OLD = 'sonoivu@quangbinh.gov.vn';
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-versions-'));
  let office: Office;
  beforeAll(async () => {
    fs.writeFileSync(
      path.join(dir, 'quangbinh-2026.yaml'),
      `base: vn-quangbinh-41-2015
id: vn-quangbinh-9-2026
legal: { number: 9/2026/QĐ-UBND, issuedOn: 2026-02-20, effectiveFrom: { value: 2026-03-02, source: outside }, replaces: vn-quangbinh-41-2015 }
deadlines: { '*': { duration: { n: 2, unit: working_day }, from: receipt, legal: true, source: outside } }
`,
    );
    office = await openOffice({
      regulation: 'vn-quangbinh-41-2015',
      at: '2026-02-26T08:00:00+07:00',
      units: [
        { code: 'snv', name: 'Sở Nội vụ', mailbox: NEW },
        {
          code: 'sldtbxh',
          name: 'Sở Lao động',
          mailbox: 'sld@quangbinh.gov.vn',
          active: false,
          successor: 'snv',
        },
        { code: 'syt', name: 'Sở Y tế', mailbox: 'syt@quangbinh.gov.vn' },
      ],
      mailboxes: [
        { address: 'binhtt.sld@quangbinh.gov.vn', unit: 'sldtbxh', fullName: 'Trần Thị Bình' },
        { address: 'cuonglv.syt@quangbinh.gov.vn', unit: 'syt', fullName: 'Lê Văn Cường' },
      ],
      env: {
        CONGTHU_SIGN_REPLIES: 'yes',
        CONGTHU_REGULATIONS: 'vn-quangbinh-41-2015 vn-quangbinh-9-2026',
        CONGTHU_REGULATION_FILES: dir,
      },
    });
    await office.db.transaction((tx) =>
      upsertFormerMailboxes(tx, [{ address: OLD, unit: 'snv', validTo: '2026-03-31' }]),
    );
  }, 60_000);
  afterAll(async () => {
    await office.close();
    fs.rmSync(dir, { recursive: true });
  });

  let early: string;
  test('a dossier keeps the version in force at its receipt, its corrections too', async () => {
    const faulty = await office.send({
      from: NEW,
      subject: SUBJECT,
      list: [HEAD, [1, 'Phạm Thị Dung', null, '0905123401']],
    });
    early = (await office.letter(faulty.id)).dossier!;
    expect(await office.dossier(early)).toMatchObject({
      regulation: 'vn-quangbinh-41-2015',
      due_date: '2026-03-05',
    });
    office.at('2026-03-03T08:00:00+07:00');
    const fresh = await office.send({
      from: NEW,
      subject: SUBJECT,
      list: [HEAD, [1, 'Võ Văn Em', 'Chuyên viên', '0905123402']],
    });
    expect(await office.dossier((await office.letter(fresh.id)).dossier)).toMatchObject({
      regulation: 'vn-quangbinh-9-2026',
      due_date: '2026-03-05',
    });
    const corrected = await office.send({
      from: NEW,
      subject: `Re: [${early}] danh sách đã sửa`,
      list: [HEAD, [1, 'Phạm Thị Dung', 'Văn thư', '0905123401']],
    });
    expect(await office.letter(corrected.id)).toMatchObject({ state: 'completed', dossier: early });
    expect(await office.dossier(early)).toMatchObject({
      regulation: 'vn-quangbinh-41-2015',
      due_date: '2026-03-10',
    });
  });

  test('a renamed unit writes from its former address until the day the registry names', async () => {
    const ask = (name: string) =>
      office.send({ from: OLD, subject: SUBJECT, list: [HEAD, [1, name, 'Chuyên viên', '0905123403']] });
    await office.told();
    expect(await office.letter((await ask('Ngô Thị Gấm')).id)).toMatchObject({ state: 'completed' });
    expect((await office.told()).every(({ recipient }) => recipient === NEW)).toBe(true);
    office.at('2026-04-01T08:00:00+07:00');
    expect(await ask('Ngô Thị Hiền')).toMatchObject({ id: null });
  });

  test('the successor speaks for the unit it took over, and for no other', async () => {
    const cancel = (address: string) =>
      office.send({
        from: NEW,
        subject: 'V/v chấm dứt hộp thư điện tử công vụ',
        list: [
          ['STT', 'Họ và tên', 'Địa chỉ hộp thư hiện tại', 'Lý do'],
          [1, null, address, 'nghỉ hưu'],
        ],
      });
    const own = await office.letter((await cancel('binhtt.sld@quangbinh.gov.vn')).id);
    expect(await office.rows(own.dossier)).toEqual(['binhtt.sld@quangbinh.gov.vn done']);
    const foreign = await office.letter((await cancel('cuonglv.syt@quangbinh.gov.vn')).id);
    expect((await office.rows(foreign.dossier))[0]).toContain('faulty');
  });

  test('under the new version a transfer names a unit registered under the old one', async () => {
    const { id } = await office.send({
      from: NEW,
      subject: 'V/v chuyển công tác, chuyển hộp thư sang đơn vị mới',
      list: [
        ['STT', 'Họ và tên', 'Địa chỉ hộp thư hiện tại', 'Đơn vị mới', 'Lý do'],
        [1, 'Ngô Thị Gấm', 'gamnt.snv@quangbinh.gov.vn', 'Sở Y tế', 'điều động'],
      ],
    });
    const letter = await office.letter(id);
    expect(letter.state).toBe('officer');
    const [row] = await office.db.sql<{ unit: string; result: string }[]>`
      select row->>'unit' as unit, result from dossier_row where dossier = ${letter.dossier}`;
    expect(row).toEqual({
      unit: 'syt',
      result: 'Chuyển công tác đến Sở Y tế: thống nhất với đơn vị mới, xác nhận địa chỉ mới',
    });
  });

  test('an imported day counts at once', async () => {
    const calendar = createCalendarSource(office.db);
    await office.db.transaction((tx) =>
      upsertCalendarRows(tx, [
        { date: '2026-04-03', kind: 'off', name: 'thử', source: 'Công điện 1', status: 'firm' },
      ]),
    );
    expect(calendar.current().off.has('2026-04-03')).toBe(false);
    await calendar.refresh();
    expect(calendar.current().off.has('2026-04-03')).toBe(true);
    expect(calendar.current().off.has('2026-04-27')).toBe(true);
  });
});

describe('two systems in one gateway: the provinces were merged', () => {
  const QB = 'snv@quangbinh.gov.vn';
  const ST = 'stc@soctrang.gov.vn';
  const CANCEL = ['STT', 'Họ và tên', 'Địa chỉ hộp thư hiện tại', 'Lý do'];
  let office: Office;
  beforeAll(async () => {
    office = await openOffice({
      regulation: 'vn-quangbinh-41-2015',
      at: '2026-03-02T08:00:00+07:00',
      units: [
        { code: 'snv', name: 'Sở Nội vụ', mailbox: QB },
        { code: 'st-stc', name: 'Sở Tài chính', mailbox: ST, regulation: 'vn-soctrang-59-2024' },
        {
          code: 'st-snv',
          name: 'Sở Nội vụ Sóc Trăng',
          mailbox: 'snv@soctrang.gov.vn',
          regulation: 'vn-soctrang-59-2024',
          active: false,
          successor: 'snv',
        },
      ],
      mailboxes: [
        { address: 'binhtt.snv@quangbinh.gov.vn', unit: 'snv', fullName: 'Trần Thị Bình' },
        { address: 'lvbinh@soctrang.gov.vn', unit: 'st-snv', fullName: 'Lê Văn Bình' },
        { address: 'ttthu@soctrang.gov.vn', unit: 'st-stc', fullName: 'Trần Thị Thu' },
      ],
      env: {
        CONGTHU_SIGN_REPLIES: 'yes',
        CONGTHU_REGULATIONS: 'vn-quangbinh-41-2015 vn-soctrang-59-2024',
        CONGTHU_INTAKE: '',
      },
    });
  }, 60_000);
  afterAll(() => office.close());
  const cancel = async (from: string, to: string, address: string) => {
    const list = [CANCEL, [1, null, address, 'nghỉ hưu']];
    const sent = await office.send({ from, to, subject: `V/v chấm dứt hộp thư ${address}`, list });
    return sent.id === null ? sent.reply : office.letter(sent.id);
  };
  const stateOf = async (address: string): Promise<unknown> =>
    (await office.db.sql`select state from mailbox where address = ${address}`)[0]!['state'];

  test('each unit is judged by its own system, whichever intake the gateway has beside it', async () => {
    const own = await cancel(QB, 'stttt@quangbinh.gov.vn', 'binhtt.snv@quangbinh.gov.vn');
    expect(own).toMatchObject({ state: 'completed' });
    const other = await cancel(ST, 'sotttt@soctrang.gov.vn', 'ttthu@soctrang.gov.vn');
    // Sóc Trăng decides and orders: nothing is carried out here.
    expect(other).toMatchObject({ state: 'executor' });
    expect(await stateOf('ttthu@soctrang.gov.vn')).toBe('active');
    expect(await cancel(ST, 'stttt@quangbinh.gov.vn', 'ttthu@soctrang.gov.vn')).toEqual(
      expect.stringContaining('he thong'),
    );
  });

  test('the successor of a unit of the other system is heard, but an officer acts by that system’s rules', async () => {
    const asked = await cancel(QB, 'stttt@quangbinh.gov.vn', 'lvbinh@soctrang.gov.vn');
    expect(asked).toMatchObject({ state: 'officer' });
    expect(await stateOf('lvbinh@soctrang.gov.vn')).toBe('active');
    const foreign = await cancel(QB, 'stttt@quangbinh.gov.vn', 'ttthu@soctrang.gov.vn');
    expect(foreign).toMatchObject({ state: 'correction' });
  });
});

describe('Ho Chi Minh City: Sở Nội vụ decides for other units (HCM-7.2c)', () => {
  const SNV = 'snv@tphcm.gov.vn';
  const STC = 'stc@tphcm.gov.vn';
  let office: Office;
  beforeAll(async () => {
    office = await openOffice({
      regulation: 'vn-hcm-41-2011',
      at: '2026-03-02T08:00:00+07:00',
      units: [
        { code: 'snv', name: 'Sở Nội vụ', mailbox: SNV },
        { code: 'stc', name: 'Sở Tài chính', mailbox: STC },
      ],
      mailboxes: [{ address: 'annv.stc@tphcm.gov.vn', unit: 'stc', fullName: 'Nguyễn Văn An' }],
    });
  }, 60_000);
  afterAll(() => office.close());
  const HEADS = [
    'STT',
    'Họ và tên',
    'Địa chỉ hộp thư hiện tại',
    'Nội dung đề nghị',
    'Lý do',
    'Số, ngày quyết định',
  ];
  const decide = (from: string, decision: string | null) =>
    office.send({
      from,
      subject: 'V/v cập nhật hộp thư theo quyết định của Sở Nội vụ',
      text: 'Do thay đổi nhân sự, có nhu cầu cập nhật để phục vụ công tác, đề nghị chấm dứt hộp thư theo danh sách.',
      list: [HEADS, [1, 'Nguyễn Văn An', 'annv.stc@tphcm.gov.vn', 'Hủy', 'nghỉ hưu', decision]],
    });

  test('not without its decision; not from another unit', async () => {
    const { dossier } = await office.letter((await decide(SNV, null)).id);
    expect((await office.rows(dossier))[0]).toContain('faulty');
    expect((await decide(STC, '12/QĐ-STC')).reply).toContain('khong phai cua co quan co tham quyen');
  });

  test('with it, the row is carried out and the unit concerned is told', async () => {
    await office.told();
    const { dossier, state } = await office.letter((await decide(SNV, '45/QĐ-SNV ngày 27/02/2026')).id);
    expect(await office.rows(dossier)).toEqual(['annv.stc@tphcm.gov.vn done']);
    expect(state).toBe('completed');
    const told = await office.told();
    expect(told.find(({ template }) => template === 'authority')).toMatchObject({ recipient: STC });
    expect(told.find(({ template }) => template === 'completed')).toMatchObject({ recipient: SNV });
  });
});
