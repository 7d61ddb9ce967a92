import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeWorkbook } from '../../src/lists/write-workbook.ts';
import { draftConsolidated, sendConsolidated } from '../../src/work/consolidated-list.ts';
import { documentOfOrder } from '../../src/store/documents.ts';
import type { Attachment } from '../../src/store/notices.ts';
import { cellsOf, openOffice, type Office } from '../harness/office.ts';

const HEAD = ['STT', 'Họ và tên', 'Chức vụ', 'Số điện thoại', 'Nội dung đề nghị'];
const SUBJECT = 'V/v đề nghị cấp mới hộp thư điện tử công vụ';

/** The order's list as the executor sends it back: result columns filled in by line. */
async function answered(
  list: Attachment,
  results: Readonly<Record<string, readonly string[]>>,
): Promise<Buffer> {
  const cells = await cellsOf(list);
  const head = cells.findIndex((row) => row[0] === 'STT');
  return writeWorkbook(
    'Danh sách',
    cells.map((row, i) => (i <= head ? row : [...row.slice(0, 9), ...(results[row[0]!] ?? [])])),
  );
}

describe('Sóc Trăng decides and orders (ST-2.5, ST-3.4, ST-4.2)', () => {
  const STC = 'stc@soctrang.gov.vn';
  const SNV = 'snv@soctrang.gov.vn';
  const CENTRE = 'ttcns.sotttt@soctrang.gov.vn';
  let office: Office;
  beforeAll(async () => {
    office = await openOffice({
      regulation: 'vn-soctrang-59-2024',
      at: '2026-03-02T08:00:00+07:00',
      units: [
        { code: 'stc', name: 'Sở Tài chính', mailbox: STC },
        { code: 'snv', name: 'Sở Nội vụ', mailbox: SNV },
        { code: 'sotttt', name: 'Sở Thông tin và Truyền thông', mailbox: 'sotttt2@soctrang.gov.vn' },
        { code: 'ttcns', name: 'Trung tâm Công nghệ số', mailbox: CENTRE, parent: 'sotttt', level: 'phong' },
      ],
      mailboxes: [{ address: 'lvbinh@soctrang.gov.vn', unit: 'snv', fullName: 'Lê Văn Bình' }],
    });
  }, 60_000);
  afterAll(() => office.close());

  const dossiers: string[] = [];
  test('[ST-3.4b] of two namesakes of one day the leader gets the base form, though asked for later', async () => {
    const clerk = await office.send({
      from: STC,
      subject: SUBJECT,
      list: [HEAD, [1, 'Dương Chí Nguyên', 'Chuyên viên', '0905123401', 'Cấp mới']],
    });
    office.at('2026-03-02T15:00:00+07:00');
    const leader = await office.send({
      from: SNV,
      subject: SUBJECT,
      list: [HEAD, [1, 'Dương Chí Nguyên', 'Giám đốc', '0905123402', 'Cấp mới']],
    });
    expect((await office.letter(clerk.id)).state).toBe('checked');
    expect((await office.told()).every(({ template }) => template === 'received')).toBe(true);
    office.at('2026-03-03T06:00:00+07:00');
    await office.work();
    for (const { id } of [clerk, leader]) {
      const { state, dossier } = await office.letter(id);
      expect(state).toBe('executor');
      dossiers.push(dossier!);
    }
    expect(await office.rows(dossiers[0]!)).toEqual(['dcnguyen1@soctrang.gov.vn ordered']);
    expect(await office.rows(dossiers[1]!)).toEqual(['dcnguyen@soctrang.gov.vn ordered']);
  });

  let orders: Attachment[];
  let numbers: string[];
  test('a work order goes to Trung tâm Công nghệ số, not yet a word of completion to the unit', async () => {
    const told = await office.told();
    // Both letters fall due in the same instant; which goes first is nobody's business.
    const sent = told
      .filter(({ template }) => template === 'work-order')
      .toSorted(
        (a, b) =>
          dossiers.findIndex((n) => a.text.includes(n)) - dossiers.findIndex((n) => b.text.includes(n)),
      );
    expect(sent.map(({ recipient }) => recipient)).toEqual([CENTRE, CENTRE]);
    orders = sent.map(({ attachments }) => attachments[0]!);
    numbers = sent.map(({ subject }) => /\[(LH-[\d-]+)\]/.exec(subject)![1]!);
    expect(
      told.flatMap(({ template, recipient }) => (template === 'ordered' ? [recipient] : [])).sort(),
    ).toEqual([SNV, STC]);
    const [made] = await office.db.sql`select count(*)::int as n from mailbox where full_name like 'Dương%'`;
    expect(made).toEqual({ n: 0 });
  });

  test('an unsigned word of the unit about a dossier at work changes neither its state nor its time', async () => {
    const before = await office.dossier(dossiers[0]!);
    office.at('2026-03-03T09:00:00+07:00');
    await office.send({
      from: STC,
      subject: `Re: [${dossiers[0]!}] V/v tiếp nhận đề nghị`,
      text: 'Khi nào có kết quả?',
      signed: false,
    });
    const after = await office.dossier(dossiers[0]!);
    expect(after['due_date']).toEqual(before['due_date']);
    expect(await office.rows(dossiers[0]!)).toEqual(['dcnguyen1@soctrang.gov.vn ordered']);
    await office.told();
  });

  test('an answer from anybody but the executor closes nothing', async () => {
    const forged = await office.send({
      from: STC,
      subject: `Re: [${numbers[0]!}] đã thực hiện`,
      text: 'Đã thực hiện toàn bộ.',
      signed: false,
    });
    expect((await office.letter(forged.id)).state).not.toBe('answered');
    expect(await office.rows(dossiers[0]!)).toEqual(['dcnguyen1@soctrang.gov.vn ordered']);
    await office.told();
  });

  test('the executor’s list closes the rows and each unit hears its own result', async () => {
    const answer = await office.send({
      from: CENTRE,
      subject: `Re: [${numbers[0]!}] V/v thực hiện lệnh`,
      signed: false,
      text: 'Trung tâm gửi kết quả.',
      files: [{ name: 'kq.xlsx', bytes: await answered(orders[0]!, { '1': ['Đã thực hiện', '', ''] }) }],
    });
    expect((await office.letter(answer.id)).state).toBe('answered');
    expect(await office.dossier(dossiers[0]!)).toMatchObject({ state: 'completed' });
    const told = await office.told();
    expect(told.map(({ template, recipient }) => [template, recipient])).toEqual([['completed', STC]]);
    expect(told[0]!.text).not.toContain('kich-hoat');
    const [box] = await office.db.sql`select address, unit from mailbox where full_name like 'Dương%'`;
    expect(box).toEqual({ address: 'dcnguyen1@soctrang.gov.vn', unit: 'stc' });
  });

  test('what the executor could not do goes to an officer with its reason', async () => {
    await office.send({
      from: CENTRE,
      subject: `Re: [${numbers[1]!}] V/v thực hiện lệnh`,
      signed: false,
      files: [
        {
          name: 'kq.xlsx',
          bytes: await answered(orders[1]!, { '1': ['Chưa thực hiện', '', 'Hệ thống hết hạn mức'] }),
        },
      ],
    });
    expect(await office.rows(dossiers[1]!)).toEqual(['dcnguyen@soctrang.gov.vn failed']);
    expect(await office.dossier(dossiers[1]!)).toMatchObject({ state: 'officer' });
  });
});

describe('Biên Hòa collects and forwards (BH-6.1b)', () => {
  const WARD = 'tanphong@dongnai.gov.vn';
  const TAX = 'tckh@dongnai.gov.vn';
  const SO = 'stttt@dongnai.gov.vn';
  let office: Office;
  beforeAll(async () => {
    office = await openOffice({
      regulation: 'vn-bienhoa-04-2011',
      at: '2026-03-03T08:00:00+07:00',
      units: [
        { code: 'tanphong', name: 'UBND phường Tân Phong', mailbox: WARD, level: 'xa' },
        { code: 'tckh', name: 'Phòng Tài chính - Kế hoạch', mailbox: TAX, level: 'phong' },
        { code: 'stttt', name: 'Sở Thông tin và Truyền thông Đồng Nai', mailbox: SO, level: 'donvi' },
      ],
      overrides: `identity: { executor: { address: { value: ${SO}, source: assumed } } }`,
    });
  }, 60_000);
  afterAll(() => office.close());

  const numbers: string[] = [];
  let order: string;
  test('rows of two units wait for the list of Friday', async () => {
    for (const [from, name] of [
      [WARD, 'Nguyễn Thị Mai'],
      [TAX, 'Trần Văn Lộc'],
    ] as const) {
      const { id } = await office.send({
        from,
        subject: SUBJECT,
        list: [HEAD, [1, name, 'Chuyên viên', '0905123401', 'Cấp mới']],
      });
      const { state, dossier } = await office.letter(id);
      expect(state).toBe('executor');
      numbers.push(dossier!);
    }
    await office.jobs(); // Tuesday
    expect((await office.told()).map(({ template }) => template)).not.toContain('consolidated-draft');
    office.at('2026-03-06T07:30:00+07:00');
    await office.jobs();
    const draft = (await office.told()).find(({ template }) => template === 'consolidated-draft')!;
    order = /LH-\d{4}-\d{6}/.exec(draft.subject)![0];
    expect(draft.subject).toContain('02 trường hợp');
    const orders = await office.db.sql`select state from work_order where number = ${order}`;
    expect(orders).toEqual([{ state: 'draft' }]);
  });

  test('the list leaves with the covering letter an officer signed, and only then', async () => {
    const document = (await office.db.transaction((tx) => documentOfOrder(tx.orm, order)))!;
    expect(document.pdf.subarray(0, 5).toString()).toBe('%PDF-');
    const proof = { passed: false, signer: null, explanation: 'chưa có chữ ký số' };
    const refused = await office.db.transaction((tx) =>
      sendConsolidated(tx, document.id, document.pdf, proof, 'canbo', office.deps),
    );
    expect(refused).toContain('chưa hợp lệ');
    const taken = await office.db.transaction((tx) =>
      sendConsolidated(tx, document.id, document.pdf, { ...proof, passed: true }, 'canbo', office.deps),
    );
    expect(taken).toBeNull();
    const again = await office.db.transaction((tx) =>
      draftConsolidated(tx, office.deps.regulations[0]!, 'canbo', office.deps),
    );
    expect(again).toBeNull();
  });

  test('the Sở’s answer names the addresses; each unit hears its own', async () => {
    const sent = (await office.told()).find(({ template }) => template === 'consolidated')!;
    expect(sent.recipient).toBe(SO);
    const list = sent.attachments.find(({ filename }) => filename.endsWith('.xlsx'))!;
    const lines = (await cellsOf(list)).filter((row) => /^\d+$/.test(row[0] ?? ''));
    const line = (name: string): string => lines.find((row) => row.includes(name))![0]!;
    const results = {
      [line('Nguyễn Thị Mai')]: ['Đã thực hiện', 'ntmai@dongnai.gov.vn'],
      [line('Trần Văn Lộc')]: ['Đã thực hiện', 'tvloc@d0ngnai.gov.vn'],
    };
    await office.send({
      from: SO,
      subject: `Re: [${order}] kết quả`,
      signed: false,
      files: [{ name: 'kq.xlsx', bytes: await answered(list, results) }],
    });
    expect(await office.rows(numbers[0]!)).toEqual(['ntmai@dongnai.gov.vn done']);
    // A slip in the domain is not believed.
    expect(await office.rows(numbers[1]!)).toEqual(['- failed']);
    const told = await office.told();
    expect(told.find(({ recipient }) => recipient === WARD)?.text).toContain('ntmai@dongnai.gov.vn');
    expect(told.find(({ recipient }) => recipient === TAX)?.text).not.toContain('ntmai');
  });
});

describe('Thanh Hóa rests on decisions (TH-5.1a, TH-5.2)', () => {
  const SYT = 'soyt@thanhhoa.gov.vn';
  let office: Office;
  beforeAll(async () => {
    office = await openOffice({
      regulation: 'vn-thanhhoa-824-2005',
      at: '2026-03-03T08:00:00+07:00',
      units: [
        { code: 'soyt', name: 'Sở Y tế', mailbox: SYT },
        { code: 'xa', name: 'UBND xã', mailbox: 'xa@thanhhoa.gov.vn', level: 'xa' },
      ],
    });
  }, 60_000);
  afterAll(() => office.close());

  test('[TH-5.2b] the head must sign, which an officer confirms; [TH-5.2] a commune may not ask', async () => {
    const list = [HEAD, [1, 'Lê Văn Tám', 'Chuyên viên', '0905123401', 'Cấp mới']];
    const { id } = await office.send({ from: SYT, subject: SUBJECT, list });
    expect(await office.letter(id)).toMatchObject({
      state: 'officer',
      reason: expect.stringContaining('thủ trưởng') as string,
    });
    const commune = await office.send({ from: 'xa@thanhhoa.gov.vn', subject: SUBJECT, list });
    expect(commune.id).toBeNull();
    expect(commune.reply).toContain('khong co tham quyen');
  });
});
