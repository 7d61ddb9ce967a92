import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { regulationById } from '../../src/rules/regulations.ts';
import { publicDirectory } from '../../src/work/public-directory.ts';
import { openOffice, type Office } from '../harness/office.ts';

/** Sentences of the regulations that no figure shows: what really happens in an office under each of them. */
const used = (iso: string) => ({ createdAt: new Date('2024-01-01T00:00:00Z'), lastLogin: new Date(iso) });

describe('Sóc Trăng: an address is the account of everything (Điều 2)', () => {
  const UNIT = 'snv@soctrang.gov.vn';
  const HEAD = ['STT', 'Họ và tên', 'Chức vụ', 'Địa chỉ hộp thư', 'Nội dung đề nghị'];
  const SSO = 'https://egov.soctrang.gov.vn';
  let office: Office;
  beforeAll(async () => {
    office = await openOffice({
      regulation: 'vn-soctrang-59-2024',
      at: '2026-03-02T08:00:00+07:00',
      units: [{ code: 'snv', name: 'Sở Nội vụ', mailbox: UNIT }],
      mailboxes: [
        { address: 'nvan@soctrang.gov.vn', unit: 'snv', state: 'cancelled' },
        { address: 'lvbinh@soctrang.gov.vn', unit: 'snv', fullName: 'Lê Văn Bình' },
      ],
    });
  }, 60_000);
  afterAll(() => office.close());

  test('[ST-2.3] ending a mailbox: executor and unit are warned of the account that ends with it', async () => {
    await office.send({
      from: UNIT,
      subject: 'V/v chấm dứt hộp thư điện tử',
      list: [HEAD, [1, 'Lê Văn Bình', 'Chuyên viên', 'lvbinh@soctrang.gov.vn', 'Chấm dứt']],
    });
    const told = await office.told();
    for (const template of ['work-order', 'ordered'])
      expect(told.find((one) => one.template === template)!.text, template).toContain(
        `tài khoản đăng nhập một lần tại ${SSO}`,
      );
  });

  test('[ST-2.3] a new mailbox warns of nothing, and never gets an address that was somebody’s account', async () => {
    const { id } = await office.send({
      from: UNIT,
      subject: 'V/v cấp mới hộp thư điện tử công vụ',
      list: [HEAD, [1, 'Nguyễn Văn An', 'Chuyên viên', null, 'Cấp mới']],
    });
    office.at('2026-03-03T06:00:00+07:00');
    await office.work();
    expect(await office.rows((await office.letter(id)).dossier)).toEqual(['nvan1@soctrang.gov.vn ordered']);
    const told = await office.told();
    expect(told.map(({ template }) => template)).toEqual(expect.arrayContaining(['work-order', 'ordered']));
    expect(told.map(({ text }) => text).join()).not.toContain(SSO);
  });

  test('[ST-11.4] a fault: an officer has it, and the unit is told whom to write to and whom to call', async () => {
    const { id } = await office.send({
      from: UNIT,
      subject: 'Báo sự cố không gửi được thư',
      text: 'Hệ thống gặp sự cố.',
      signed: false,
    });
    expect((await office.letter(id)).state).toBe('officer');
    const told = (await office.told()).find(({ template }) => template === 'incident')!;
    expect(told.text).toContain('hộp thư ttcns.sotttt@soctrang.gov.vn hoặc điện thoại 0299 3 626 800');
  });
});

describe('Quảng Bình', () => {
  const UNIT = 'snv@quangbinh.gov.vn';
  const OFFICER = 'canbo@quangbinh.gov.vn';
  let office: Office;
  beforeAll(async () => {
    office = await openOffice({
      regulation: 'vn-quangbinh-41-2015',
      at: '2026-03-02T08:00:00+07:00',
      units: [{ code: 'snv', name: 'Sở Nội vụ', mailbox: UNIT }],
      mailboxes: [
        { address: 'annv.snv@quangbinh.gov.vn', unit: 'snv', ...used('2026-02-27T02:00:00Z') },
        { address: 'cuclt.snv@quangbinh.gov.vn', unit: 'snv', ...used('2025-11-20T02:00:00Z') },
      ],
    });
  }, 60_000);
  afterAll(() => office.close());
  const state = async (address: string): Promise<string> =>
    String((await office.db.sql`select state from mailbox where address = ${address}`)[0]!['state']);

  test('[QB-7.2] who has not logged in for 03 months is suspended, and the unit is told so with the article', async () => {
    await office.jobs();
    expect(await state('cuclt.snv@quangbinh.gov.vn')).toBe('locked');
    expect(await state('annv.snv@quangbinh.gov.vn')).toBe('active');
    const told = (await office.told()).filter(({ template }) => template === 'locked');
    expect(told.map(({ recipient }) => recipient)).toEqual([UNIT]);
    expect(told[0]!.text).toContain('cuclt.snv@quangbinh.gov.vn');
    expect(told[0]!.text).toContain('Điều 7 Quy chế ban hành kèm theo Quyết định số 41/2015/QĐ-UBND');
  });

  test('[QB-15.4] a person’s fault goes to the staff, not into the mill', async () => {
    const { id } = await office.send({
      from: 'annv.snv@quangbinh.gov.vn',
      subject: 'Báo sự cố không nhận được thư',
      text: 'Hộp thư của tôi gặp sự cố.',
      signed: false,
    });
    const letter = await office.letter(id);
    expect(letter).toMatchObject({ state: 'officer', reason: 'Báo sự cố: cán bộ kỹ thuật xử lý' });
    expect(await office.rows(letter.dossier)).toEqual([]);
  });

  test('[QB-15.3] state secrets: sealed, the officers alarmed, nothing of it quoted, no word to the sender', async () => {
    await office.told();
    const { id } = await office.send({
      from: UNIT,
      subject: 'V/v cấp mới hộp thư điện tử',
      text: 'TUYỆT MẬT\n\nDanh sách lực lượng đặc biệt.',
    });
    expect((await office.letter(id)).state).toBe('quarantine');
    office.at('2026-03-02T08:10:00+07:00');
    await office.jobs();
    const told = await office.told();
    expect(told.map(({ template, recipient }) => [template, recipient])).toEqual([['sealed', OFFICER]]);
    expect(`${told[0]!.subject}${told[0]!.text}`).not.toContain('đặc biệt');
    const [kept] = await office.db
      .sql`select (facts::text || findings::text) like '%đặc biệt%' as told from letter where id = ${id}`;
    expect(kept).toEqual({ told: false });
  });
});

describe('Thanh Hóa', () => {
  const UNIT = 'syt@thanhhoa.gov.vn';
  const HEAD = ['STT', 'Họ và tên', 'Hộp thư', 'Nội dung đề nghị', 'Số, ngày quyết định'];
  const regulation = regulationById('vn-thanhhoa-824-2005')!;
  let office: Office;
  beforeAll(async () => {
    office = await openOffice({
      regulation: regulation.id,
      at: '2026-03-02T08:00:00+07:00',
      units: [{ code: 'syt', name: 'Sở Y tế', mailbox: UNIT }],
      mailboxes: [
        { address: 'annv@thanhhoa.gov.vn', unit: 'syt' },
        { address: 'levantam@thanhhoa.gov.vn', unit: 'syt', fullName: 'Lê Văn Tám' },
      ],
      overrides: 'verification: { signer: { mustBeHead: false, requirePersonSignature: false } }',
    });
  }, 60_000);
  afterAll(() => office.close());
  const listed = async (): Promise<string[]> => {
    const units = await office.db.transaction((tx) =>
      publicDirectory(tx.orm, regulation, '2026-03-02', office.deps.regulations),
    );
    return units.flatMap(({ people }) => people.map(({ address }) => address)).sort();
  };

  test('[TH-3] nobody but those who were admitted to the system is heard', async () => {
    const { reply, id } = await office.send({
      from: 'nguoila@thanhhoa.gov.vn',
      subject: 'V/v hủy hộp thư điện tử',
      list: [HEAD, [1, 'Lê Văn Tám', 'levantam@thanhhoa.gov.vn', 'Hủy', '12/QĐ-SYT ngày 20/02/2026']],
    });
    expect(reply).toContain('chua duoc dang ky');
    expect(id === null ? 'refused' : (await office.letter(id)).state).toBe('refused');
  });

  test('[TH-4c] [TH-5.2c] who left is taken out of the directory and loses the mailbox, after the decision only', async () => {
    expect(await listed()).toEqual(['annv@thanhhoa.gov.vn', 'levantam@thanhhoa.gov.vn']);
    const ask = async (decision: string | null): Promise<string[]> => {
      const { id } = await office.send({
        from: UNIT,
        subject: 'V/v hủy hộp thư điện tử của cán bộ nghỉ hưu',
        list: [HEAD, [1, 'Lê Văn Tám', 'levantam@thanhhoa.gov.vn', 'Hủy', decision]],
      });
      return office.rows((await office.letter(id)).dossier);
    };
    expect(await ask(null)).toEqual(['- faulty']);
    expect(await listed()).toHaveLength(2);
    expect(await ask('12/QĐ-SYT ngày 20/02/2026 của Giám đốc Sở Y tế')).toEqual([
      'levantam@thanhhoa.gov.vn done',
    ]);
    expect(await listed()).toEqual(['annv@thanhhoa.gov.vn']);
    const [box] = await office.db
      .sql`select active from mail.mailbox where username = 'levantam@thanhhoa.gov.vn'`;
    expect(box?.['active'] ?? false).toBe(false);
  });
});

describe('Ho Chi Minh City', () => {
  const UNIT = 'stc@tphcm.gov.vn';
  const WORDS =
    'Do bổ sung nhân sự, có nhu cầu sử dụng để phục vụ công tác, đề nghị cấp mới, thay đổi, hủy hộp thư theo danh sách.';
  const HEAD = [
    'STT',
    'Họ và tên',
    'Chức vụ',
    'Địa chỉ hộp thư hiện tại',
    'Hộp thư đề nghị',
    'Nội dung đề nghị',
  ];
  let office: Office;
  beforeAll(async () => {
    office = await openOffice({
      regulation: 'vn-hcm-41-2011',
      at: '2026-03-02T08:00:00+07:00',
      units: [{ code: 'stc', name: 'Sở Tài chính', mailbox: UNIT }],
      mailboxes: [{ address: UNIT, unit: 'stc', kind: 'unit', fullName: 'Sở Tài chính' }],
    });
  }, 60_000);
  afterAll(() => office.close());
  const ask = async (...row: (string | null)[]): Promise<void> => {
    const { id } = await office.send({
      from: UNIT,
      subject: 'V/v đề nghị về hộp thư điện tử công vụ',
      text: `${WORDS} Lần ${row.join(' ')}.`,
      list: [HEAD, [1, ...row]],
    });
    expect((await office.letter(id)).state).toBe('completed');
  };
  const record = async () =>
    (
      await office.db
        .sql`select full_name, position, unit, state from mailbox where address = 'lanht.stc@tphcm.gov.vn'`
    )[0];

  test('[HCM-6.1] the registry holds everything that was registered, changed with it, and keeps what was cancelled', async () => {
    const LAN = 'lanht.stc@tphcm.gov.vn';
    await ask('Hồ Thị Lan', 'Chuyên viên', null, LAN, 'Cấp mới');
    expect(await record()).toMatchObject({ full_name: 'Hồ Thị Lan', position: 'Chuyên viên', unit: 'stc' });
    await ask('Hồ Thị Lan', 'Phó Trưởng phòng', LAN, null, 'Thay đổi thông tin');
    expect(await record()).toMatchObject({ full_name: 'Hồ Thị Lan', position: 'Phó Trưởng phòng' });
    await ask('Hồ Thị Lan', 'Phó Trưởng phòng', LAN, null, 'Hủy');
    expect(await record()).toMatchObject({ full_name: 'Hồ Thị Lan', state: 'cancelled' });
  });

  test('[HCM-13.2] a new head: the old password ends, the data stay, it is on record, and the new one goes by hand', async () => {
    const target = () =>
      office.db.sql<
        { password: string; maildir: string; active: boolean }[]
      >`select password, maildir, active from mail.mailbox where username = ${UNIT}`;
    const [before] = await target();
    await office.told();
    const { id } = await office.send({
      from: UNIT,
      subject: 'V/v bàn giao hộp thư đơn vị do thay thủ trưởng',
      text: 'Do thay đổi thủ trưởng, có nhu cầu tiếp tục sử dụng để phục vụ công tác, đề nghị bàn giao, cấp lại mật khẩu hộp thư đơn vị.',
    });
    expect(await office.letter(id)).toMatchObject({ state: 'completed' });
    const [after] = await target();
    expect(after!.password).not.toBe(before!.password);
    expect(after).toMatchObject({ maildir: before!.maildir, active: true });
    const told = await office.told();
    expect(told.find(({ template }) => template === 'handover')!.recipient).toBe('canbo@tphcm.gov.vn');
    expect(told.find(({ template }) => template === 'completed')!.recipient).toBe(UNIT);
    expect((await office.log('row.provisioned')).filter((entry) => /HANDOVER/u.test(entry))).toHaveLength(1);
  });
});
