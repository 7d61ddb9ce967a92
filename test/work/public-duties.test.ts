import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { regulationById } from '../../src/rules/regulations.ts';
import { broadcast } from '../../src/work/broadcast.ts';
import { directoryFile, publicDirectory } from '../../src/work/public-directory.ts';
import { reportCsv, reportDraft } from '../../src/work/report-draft.ts';
import { reportFigures } from '../../src/work/report-figures.ts';
import { cellsOf, openOffice, type Office, type Told } from '../harness/office.ts';

const used = (iso: string) => ({ createdAt: new Date('2024-01-01T00:00:00Z'), lastLogin: new Date(iso) });

describe('Ho Chi Minh City: directory every quarter, figures every half-year', () => {
  const UNIT = 'stc@tphcm.gov.vn';
  let office: Office;
  beforeAll(async () => {
    office = await openOffice({
      regulation: 'vn-hcm-41-2011',
      at: '2026-07-01T08:00:00+07:00',
      units: [
        { code: 'stc', name: 'Sở Tài chính', mailbox: UNIT },
        { code: 'snv', name: 'Sở Nội vụ', mailbox: 'snv@tphcm.gov.vn' },
      ],
      mailboxes: [
        { address: 'annv.stc@tphcm.gov.vn', unit: 'stc', ...used('2026-06-20T02:00:00Z') },
        {
          address: 'binhtt.stc@tphcm.gov.vn',
          unit: 'stc',
          state: 'cancelled',
          ...used('2026-06-20T02:00:00Z'),
        },
        { address: 'cuclt.snv@tphcm.gov.vn', unit: 'snv', ...used('2026-06-20T02:00:00Z') },
        { address: 'dungnv.snv@tphcm.gov.vn', unit: 'snv', ...used('2025-12-01T02:00:00Z') },
      ],
    });
  }, 60_000);
  afterAll(() => office.close());

  test('[HCM-6.2] [HCM-10.3] each unit gets its own part once a quarter, to correct and to publish', async () => {
    await office.jobs();
    const told = (await office.told()).filter(({ template }) => template === 'directory-review');
    expect(told.map(({ recipient }) => recipient).sort()).toEqual(['snv@tphcm.gov.vn', UNIT]);
    const own = told.find(({ recipient }) => recipient === UNIT)!;
    expect(own.subject).toContain('(01 hộp thư)');
    expect(own.attachments.map(({ filename }) => filename)).toEqual(['ra-soat-stc.xlsx', 'danh-ba-stc.html']);
    expect(await cellsOf(own.attachments[0]!)).toEqual([
      ['DANH BẠ THƯ ĐIỆN TỬ: Sở Tài chính'],
      [
        'STT',
        'Họ và tên',
        'Chức vụ',
        'Địa chỉ hộp thư hiện tại',
        'Tình trạng',
        'Nội dung đề nghị',
        'Lý do',
        'Ghi chú',
      ],
      ['1', 'Nguyễn Văn An', 'Chuyên viên', 'annv.stc@tphcm.gov.vn', 'đang sử dụng', 'Giữ nguyên'],
    ]);
    expect(own.attachments[1]!.content.toString()).toContain('mailto:annv.stc@tphcm.gov.vn');
    office.at('2026-07-02T08:00:00+07:00');
    await office.jobs();
    office.at('2026-09-15T08:00:00+07:00'); // a quarter has begun long ago
    await office.jobs();
    expect((await office.told()).filter(({ template }) => template === 'directory-review')).toEqual([]);
    office.at('2026-10-01T08:00:00+07:00');
    await office.jobs();
    expect((await office.told()).filter(({ template }) => template === 'directory-review')).toHaveLength(2);
  });

  test('[HCM-15.1b] [HCM-16] mailboxes and requests of a half-year by unit, those that use them most first', async () => {
    const regulation = regulationById('vn-hcm-41-2011')!;
    office.at('2026-06-15T08:00:00+07:00');
    const { id } = await office.send({
      from: UNIT,
      subject: 'V/v đề nghị hủy hộp thư điện tử',
      text: 'Do cán bộ nghỉ hưu, không còn nhu cầu sử dụng, đề nghị hủy hộp thư theo danh sách.',
      list: [
        ['STT', 'Họ và tên', 'Địa chỉ hộp thư'],
        [1, 'Nguyễn Văn An', 'annv.stc@tphcm.gov.vn'],
      ],
    });
    expect(await office.letter(id)).toMatchObject({ state: 'completed' });
    const period = { first: '2026-01-01', last: '2026-06-30' };
    const now = new Date('2026-07-01T08:00:00+07:00');
    const figures = await office.db.transaction((tx) =>
      reportFigures(tx, regulation, period, now, office.deps.regulations),
    );
    expect(figures).toMatchObject({
      // The first day's jobs locked what nobody used; later no login at all was reported, which locks nobody.
      boxes: { total: 2, persons: 2, units: 0, active: 1, locked: 1, created: 0, used: 1 },
      requests: { received: 1, completed: 1, refused: 0, open: 0, onTime: 1, overdue: 0 },
      byKind: { CANCEL: 1 },
      doneByKind: { CANCEL: 1 },
    });
    expect(figures.units.map(({ code, boxes }) => `${code} ${boxes.used}/${boxes.total}`)).toEqual([
      'snv 1/2',
      'stc 0/0',
    ]);
    expect(reportCsv(figures)).toBe(
      '\ufeffMã,STT,Đơn vị,Hộp thư,Có sử dụng,Tỷ lệ,Tạm khóa,Hồ sơ,Quá hạn,Đã báo cáo\r\n' +
        'snv,1,Sở Nội vụ,2,1,"50,0%",1,0,0,\r\nstc,2,Sở Tài chính,0,0,,0,1,0,\r\n',
    );
    const draft = reportDraft(figures, regulation, { audience: 'UBND thành phố', source: 'HCM-15.1b' }, now);
    const { pdf, docx } = await office.deps.documents.write(draft, now);
    expect([pdf.subarray(0, 4).toString(), docx.subarray(0, 2).toString()]).toEqual(['%PDF', 'PK']);
    expect(JSON.stringify(draft.blocks)).toContain('Điều 15 Quy chế ban hành kèm theo Quyết định số 41/2011');
  });

  let morning: Told[];
  test('[HCM-9.2a] [QB-12.1] what the day brings lies in the mailboxes at 07:00, before they are first looked at', async () => {
    await office.told();
    office.at('2026-12-18T06:59:00+07:00');
    await office.jobs();
    expect(await office.told()).toEqual([]);
    office.at('2026-12-18T07:00:00+07:00');
    await office.jobs();
    morning = await office.told();
    expect(morning.map(({ template }) => template)).toContain('report-request');
    const upkeep = morning.filter(({ template }) => template === 'upkeep').map(({ subject }) => subject);
    expect(upkeep).toEqual([
      '[Nhắc việc] kiểm tra và bảo trì hệ thống thư điện tử (chậm nhất ngày 31/12/2026)',
      '[Nhắc việc] kiểm tra, nâng cấp hệ thống thư điện tử (chậm nhất ngày 31/12/2026)',
    ]);
  });

  test('[HCM-10.4] with it the officers got the drafts with the figures, once', async () => {
    await office.jobs();
    expect(await office.told()).toEqual([]);
    const due = morning.filter(({ template }) => template === 'report-due');
    expect(due.map(({ attachments }) => attachments.map(({ filename }) => filename))).toEqual([
      ['bao-cao-2026-01-01-2026-12-31.docx', 'bao-cao-2026-01-01-2026-12-31.csv'],
      ['bao-cao-2026-07-01-2026-12-31.docx', 'bao-cao-2026-07-01-2026-12-31.csv'],
      ['bao-cao-2026-10-01-2026-12-31.docx', 'bao-cao-2026-10-01-2026-12-31.csv'],
    ]);
  });

  test('[HCM-10.10] [HCM-15.1a] officers are reminded of upkeep once a turn', async () => {
    office.at('2026-12-19T08:00:00+07:00');
    await office.jobs();
    expect((await office.told()).filter(({ template }) => template === 'upkeep')).toEqual([]);
    office.at('2027-03-20T08:00:00+07:00');
    await office.jobs();
    const quarter = (await office.told()).filter(({ template }) => template === 'upkeep');
    expect(quarter.map(({ subject }) => subject)).toEqual([
      '[Nhắc việc] kiểm tra và bảo trì hệ thống thư điện tử (chậm nhất ngày 31/03/2027)',
    ]);
    expect(quarter[0]!.text).toContain('Theo Điều 15 Quy chế');
  });
});

describe('Quảng Bình: a directory for everybody', () => {
  let office: Office;
  const regulation = regulationById('vn-quangbinh-41-2015')!;
  beforeAll(async () => {
    office = await openOffice({
      regulation: regulation.id,
      at: '2026-03-02T08:00:00+07:00',
      units: [
        { code: 'snv', name: 'Sở Nội vụ', mailbox: 'snv@quangbinh.gov.vn' },
        { code: 'vtlt', name: 'Trung tâm Lưu trữ', mailbox: 'vtlt@quangbinh.gov.vn', parent: 'snv' },
        { code: 'old', name: 'Sở Cũ', mailbox: 'cu@quangbinh.gov.vn', active: false },
      ],
      mailboxes: [
        { address: 'annv.snv@quangbinh.gov.vn', unit: 'snv' },
        { address: 'ach.vtlt@quangbinh.gov.vn', unit: 'vtlt', fullName: '=Hồ <b>Ánh', position: null },
        { address: 'khoa.snv@quangbinh.gov.vn', unit: 'snv', state: 'locked', fullName: 'Người Khóa' },
      ],
    });
  }, 60_000);
  afterAll(() => office.close());

  test('[QB-11.1] [QB-14.4] units with their people; nothing that cannot be opened; safe as page and table', async () => {
    const units = await office.db.transaction((tx) =>
      publicDirectory(tx.orm, regulation, '2026-03-02', office.deps.regulations),
    );
    expect(units.map(({ name, depth, people }) => [name, depth, people.map((one) => one.address)])).toEqual([
      ['Sở Nội vụ', 0, ['annv.snv@quangbinh.gov.vn']],
      ['Trung tâm Lưu trữ', 1, ['ach.vtlt@quangbinh.gov.vn']],
    ]);
    const page = directoryFile('html', units, regulation, '2026-03-02');
    expect(page).toContain('=Hồ &lt;b&gt;Ánh');
    expect(page).toContain('Cập nhật ngày 02/03/2026');
    expect(page).not.toMatch(/Khóa|0905/u);
    expect(directoryFile('csv', units, regulation, '2026-03-02')).toBe(
      '\ufeffĐơn vị,Họ và tên,Chức vụ,Hộp thư\r\nSở Nội vụ,,,snv@quangbinh.gov.vn\r\n' +
        'Sở Nội vụ,Nguyễn Văn An,Chuyên viên,annv.snv@quangbinh.gov.vn\r\n' +
        "Trung tâm Lưu trữ,,,vtlt@quangbinh.gov.vn\r\nTrung tâm Lưu trữ,'=Hồ <b>Ánh,,ach.vtlt@quangbinh.gov.vn\r\n",
    );
    expect(JSON.parse(directoryFile('json', units, regulation, '2026-03-02'))).toMatchObject({
      date: '2026-03-02',
      units: [{ code: 'snv' }, { code: 'vtlt' }],
    });
  });

  test('[QB-16.9] [QB-18] the text names no period: figures of any days', async () => {
    const draw = (first: string, last: string) =>
      office.db.transaction((tx) =>
        reportFigures(
          tx,
          regulation,
          { first, last },
          new Date('2026-03-03T00:00:00Z'),
          office.deps.regulations,
        ),
      );
    const before = await office.send({
      from: 'snv@quangbinh.gov.vn',
      subject: 'V/v đề nghị mở lại hộp thư',
      text: 'Đề nghị mở lại hộp thư khoa.snv@quangbinh.gov.vn.',
    });
    expect((await office.letter(before.id)).state).toBe('completed');
    expect((await draw('2026-03-02', '2026-03-02')).requests).toMatchObject({ received: 1, completed: 1 });
    expect((await draw('2026-02-01', '2026-03-01')).requests).toMatchObject({ received: 0 });
    expect((await draw('2026-03-03', '2026-03-31')).requests).toMatchObject({ received: 0 });
  });
});

describe('Biên Hòa: everybody is told of technical changes', () => {
  let office: Office;
  const regulation = regulationById('vn-bienhoa-04-2011')!;
  beforeAll(async () => {
    office = await openOffice({
      regulation: regulation.id,
      at: '2026-03-02T08:00:00+07:00',
      units: [
        { code: 'tp', name: 'UBND phường Tân Phong', mailbox: 'tanphong@dongnai.gov.vn', level: 'xa' },
        { code: 'cu', name: 'UBND phường Cũ', mailbox: 'cu@dongnai.gov.vn', level: 'xa', active: false },
      ],
      mailboxes: [
        { address: 'annv.tp@dongnai.gov.vn', unit: 'tp' },
        { address: 'khoa.tp@dongnai.gov.vn', unit: 'tp', state: 'locked' },
      ],
    });
  }, 60_000);
  afterAll(() => office.close());

  test('[BH-9.2] units, or everybody who can read it; the same words once', async () => {
    const tell = (audience: 'units' | 'all', text = 'Hệ thống bảo trì.\n\nTừ 22 giờ ngày 05/3.') =>
      office.db.transaction((tx) =>
        broadcast(tx, regulation, { subject: 'Bảo trì hệ thống', text, audience, actor: 'lan' }, office.deps),
      );
    expect(await tell('units')).toMatchObject({ recipients: 1, queued: 1 });
    expect(await tell('all')).toMatchObject({ recipients: 2, queued: 1 });
    expect(await tell('all')).toMatchObject({ recipients: 2, queued: 0, log: [] });
    const told = await office.told();
    expect(told.map(({ recipient }) => recipient)).toEqual([
      'annv.tp@dongnai.gov.vn',
      'tanphong@dongnai.gov.vn',
    ]);
    expect(told[1]!.subject).toBe('[Thông báo] Bảo trì hệ thống');
    expect(told[1]!.text).toContain('Kính gửi: UBND phường Tân Phong.\n\nHệ thống bảo trì.\n\nTừ 22 giờ');
    expect(told[0]!.text).toContain('Kính gửi: Ông/Bà Nguyễn Văn An.');
  });
});

describe('Sóc Trăng: mailboxes looked through every year, passwords every half-year', () => {
  const UNIT = 'snv@soctrang.gov.vn';
  let office: Office;
  beforeAll(async () => {
    office = await openOffice({
      regulation: 'vn-soctrang-59-2024',
      at: '2026-12-17T08:00:00+07:00',
      units: [{ code: 'snv', name: 'Sở Nội vụ', mailbox: UNIT }],
      mailboxes: [
        { address: 'nvan@soctrang.gov.vn', unit: 'snv' },
        { address: 'ttbinh@soctrang.gov.vn', unit: 'snv', fullName: 'Trần Thị Bình' },
      ],
    });
  }, 60_000);
  afterAll(() => office.close());
  let list: string[][];

  test('[ST-11.2] the unit gets its list, every row "Giữ nguyên"', async () => {
    await office.jobs();
    const [asked] = (await office.told()).filter(({ template }) => template === 'report-request');
    expect(asked).toMatchObject({ recipient: UNIT });
    expect(asked!.text).toContain('Điều 11');
    list = await cellsOf(asked!.attachments[0]!);
    expect(list.slice(2).map((row) => [row[3], row[5]])).toEqual([
      ['nvan@soctrang.gov.vn', 'Giữ nguyên'],
      ['ttbinh@soctrang.gov.vn', 'Giữ nguyên'],
    ]);
  });

  test('[ST-11.2] returned as it is: confirmed, recorded against the campaign, and not asked again', async () => {
    const { id } = await office.send({
      from: UNIT,
      subject: 'Re: [Đề nghị] V/v rà soát hộp thư điện tử',
      signed: false,
      list,
    });
    expect(await office.letter(id)).toMatchObject({ state: 'completed' });
    const told = (await office.told()).find(({ template }) => template === 'recorded')!;
    expect(told.text).toContain('Số hộp thư Quý cơ quan xác nhận tiếp tục sử dụng: 02.');
    const reviews = await office.db.sql`select address from mailbox_review order by address`;
    expect(reviews.map(({ address }) => String(address))).toEqual([
      'nvan@soctrang.gov.vn',
      'ttbinh@soctrang.gov.vn',
    ]);
    office.at('2026-12-29T08:00:00+07:00');
    await office.jobs();
    expect((await office.told()).filter(({ template }) => template === 'report-request')).toEqual([]);
  });

  test('[ST-11.2] with changes: each row is a request like any other; others’ mailboxes are not confirmed', async () => {
    const changed = list.map((row) =>
      row[3] === 'ttbinh@soctrang.gov.vn'
        ? [...row.slice(0, 5), 'Chấm dứt', 'Nghỉ hưu', '']
        : row.map((cell) => (cell === 'nvan@soctrang.gov.vn' ? 'stranger@soctrang.gov.vn' : cell)),
    );
    const { id } = await office.send({ from: UNIT, subject: 'V/v rà soát hộp thư điện tử', list: changed });
    const { dossier } = await office.letter(id);
    expect(await office.rows(dossier)).toEqual(['ttbinh@soctrang.gov.vn valid']);
    const [back] = (await office.told()).filter(({ template }) => template === 'correction');
    expect(back!.text).toContain('hộp thư stranger@soctrang.gov.vn không thuộc đơn vị quản lý');
  });

  test('[ST-8.2c] the owner is reminded when the password is 06 months old, once', async () => {
    await office.db
      .sql`insert into activation (id, token_hash, address, full_name, regulation, expires_at, used_at)
      values (gen_random_uuid(), '\\x01', 'nvan@soctrang.gov.vn', 'Nguyễn Văn An', 'vn-soctrang-59-2024',
        '2027-01-10T00:00:00Z', '2027-01-05T03:00:00Z')`;
    const reminded = async (at: string): Promise<string[]> => {
      office.at(at);
      await office.jobs();
      return (await office.told())
        .filter(({ template }) => template === 'rotation')
        .map(({ recipient, text }) => `${recipient} ${String(text.includes('ít nhất 06 tháng một lần'))}`);
    };
    expect(await reminded('2027-07-04T08:00:00+07:00')).toEqual([]);
    expect(await reminded('2027-07-05T08:00:00+07:00')).toEqual(['nvan@soctrang.gov.vn true']);
    expect(await reminded('2027-07-06T08:00:00+07:00')).toEqual([]);
  });
});
