import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { releaseReply } from '../../src/work/release-reply.ts';
import { documentsOf } from '../../src/store/documents.ts';
import { openOffice, type Office } from '../harness/office.ts';

const HEAD = ['STT', 'Họ và tên', 'Chức vụ', 'Số điện thoại'];
const OFFICER = 'canbo@quangbinh.gov.vn';

describe('Quảng Bình without the operator’s own key: an officer signs the reply document (QB-4.2)', () => {
  const UNIT = 'snv@quangbinh.gov.vn';
  let office: Office;
  let number: string;
  beforeAll(async () => {
    office = await openOffice({
      regulation: 'vn-quangbinh-41-2015',
      at: '2026-03-02T08:00:00+07:00',
      units: [{ code: 'snv', name: 'Sở Nội vụ', mailbox: UNIT }],
      mailboxes: [
        { address: 'annv.snv@quangbinh.gov.vn', unit: 'snv', lastLogin: new Date('2026-03-01T00:00:00Z') },
        {
          address: UNIT,
          unit: 'snv',
          kind: 'unit',
          fullName: 'Sở Nội vụ',
          lastLogin: new Date('2026-03-01T00:00:00Z'),
        },
      ],
    });
  }, 60_000);
  afterAll(() => office.close());

  test('created, drafted in the form of NĐ 30/2020, and not told before the document is signed', async () => {
    const { id } = await office.send({
      from: UNIT,
      subject: 'V/v đề nghị cấp mới hộp thư điện tử công vụ',
      list: [HEAD, [1, 'Trần Thị Bình', 'Chuyên viên', '0905123401']],
    });
    const letter = await office.letter(id);
    number = letter.dossier!;
    expect(letter).toMatchObject({ state: 'officer', reason: 'Ban hành văn bản phúc đáp có chữ ký số' });
    expect(await office.dossier(number)).toMatchObject({ state: 'document' });
    expect((await office.told()).map(({ template }) => template)).toEqual(['received']);
    const [draft] = await office.db.transaction((tx) => documentsOf(tx.orm, number));
    expect(draft).toMatchObject({ purpose: 'reply', state: 'draft', signed: null });
    expect(draft!.docx.subarray(0, 2).toString()).toBe('PK');
  });

  test('officers are reminded before the day and alarmed after it, once', async () => {
    office.at('2026-03-06T07:05:00+07:00'); // due Monday 09/03
    await office.jobs();
    const reminder = (await office.told()).find(({ template }) => template === 'reminder')!;
    expect(reminder).toMatchObject({ recipient: OFFICER });
    expect(reminder.subject).toContain('01 hồ sơ sắp đến hạn, 00 hồ sơ quá hạn');
    await office.jobs();
    expect((await office.told()).filter(({ template }) => template === 'reminder')).toEqual([]);
    office.at('2026-03-10T00:10:00+07:00');
    await office.jobs();
    await office.jobs();
    expect((await office.told()).map(({ template }) => template)).toEqual(['overdue']);
    expect(await office.log('deadline.missed')).toHaveLength(1);
  });

  test('a file without a valid signature is not taken; the signed one goes out and closes the dossier', async () => {
    const [draft] = await office.db.transaction((tx) => documentsOf(tx.orm, number));
    const release = (passed: boolean) =>
      office.db.transaction((tx) =>
        releaseReply(
          tx,
          draft!.id,
          draft!.pdf,
          { passed, signer: 'ab12', explanation: 'chưa ký' },
          'canbo',
          office.deps,
        ),
      );
    expect(await release(false)).toContain('chưa hợp lệ');
    expect(await release(true)).toBeNull();
    expect(await release(true)).toContain('đã được ký');
    const [told] = await office.told();
    expect(told).toMatchObject({ template: 'completed', recipient: UNIT });
    expect(told!.attachments.map(({ filename }) => filename)).toEqual([`${number}-phuc-dap.pdf`]);
    expect(told!.text).toContain('{{activation:');
    expect(told!.text).toContain('Điều 15 Quy chế');
    expect(told!.text).toContain('báo cáo Sở Thông tin và Truyền thông để được cấp mật khẩu mới');
    expect(await office.dossier(number)).toMatchObject({ state: 'completed' });
  });

  test('[QB-10.3] handover: the old password ends, the link does not go into the mailbox that is locked out', async () => {
    await office.told();
    const { id } = await office.send({
      from: UNIT,
      subject: 'V/v bàn giao hộp thư điện tử của đơn vị khi thay thủ trưởng',
      text: 'Đề nghị bàn giao hộp thư điện tử của đơn vị cho thủ trưởng mới.',
    });
    expect(await office.letter(id)).toMatchObject({ state: 'completed' });
    const told = await office.told();
    const link = told.find(({ template }) => template === 'handover')!;
    expect(link.recipient).toBe(OFFICER);
    expect(link.text).toContain('{{activation:');
    expect(told.find(({ template }) => template === 'completed')!.text).not.toContain('{{activation:');
    const [box] = await office.db.sql`select password from mail.mailbox where username = ${UNIT}`;
    expect(box).toEqual({ password: '*' });
  });

  test('[QB-6.2] a person’s own reset waits for the identity check; its clock has not begun', async () => {
    const { id } = await office.send({
      from: 'annv.snv@quangbinh.gov.vn',
      subject: 'Đề nghị cấp lại mật khẩu hộp thư',
      text: 'Tôi quên mật khẩu.',
      signed: false,
    });
    const { state, dossier } = await office.letter(id);
    expect(state).toBe('officer');
    expect(await office.dossier(dossier)).toMatchObject({ due_date: null, complete_at: null });
  });

  test('an incident goes to an officer; a report of bad mail is sealed unopened and acknowledged', async () => {
    await office.told();
    const incident = await office.send({
      from: UNIT,
      subject: 'Báo sự cố không gửi được thư',
      signed: false,
      text: 'Hệ thống gặp sự cố.',
    });
    expect(await office.letter(incident.id)).toMatchObject({ state: 'officer' });
    const abuse = await office.send({
      from: UNIT,
      subject: 'Báo thư rác',
      signed: false,
      text: 'Thư rác kèm theo.',
      files: [{ name: 'x.xlsx', bytes: Buffer.from('PK') }],
    });
    expect(await office.letter(abuse.id)).toMatchObject({ state: 'quarantine' });
    const [row] = await office.db
      .sql`select findings -> 'examine' -> 'documents' as documents from letter where id = ${abuse.id}`;
    expect(row).toEqual({ documents: [] });
    expect((await office.told()).map(({ template }) => template).sort()).toEqual(['abuse', 'incident']);
  });
});

describe('Biên Hòa: reports before 05/6 (BH-10.2)', () => {
  let office: Office;
  const A = 'tanphong@dongnai.gov.vn';
  const B = 'trungdung@dongnai.gov.vn';
  beforeAll(async () => {
    office = await openOffice({
      regulation: 'vn-bienhoa-04-2011',
      at: '2026-05-20T08:00:00+07:00',
      units: [
        { code: 'tanphong', name: 'UBND phường Tân Phong', mailbox: A, level: 'xa' },
        { code: 'trungdung', name: 'UBND phường Trung Dũng', mailbox: B, level: 'xa' },
      ],
    });
  }, 60_000);
  afterAll(() => office.close());
  const recipients = async (template: string): Promise<string[]> =>
    (await office.told()).filter((one) => one.template === template).map(({ recipient }) => recipient);

  test('asked, answered, reminded, and the missing ones named', async () => {
    await office.jobs();
    expect(await recipients('report-request')).toEqual([A, B]);
    office.at('2026-05-25T09:00:00+07:00');
    const { id } = await office.send({
      from: A,
      subject: 'Báo cáo tình hình sử dụng thư điện tử 6 tháng đầu năm',
      text: 'Phường gửi báo cáo tình hình sử dụng thư điện tử.',
      signed: false,
    });
    expect(await office.letter(id)).toMatchObject({ state: 'completed' });
    expect((await office.told()).map(({ template }) => template)).toEqual(['received', 'recorded']);
    office.at('2026-06-01T08:00:00+07:00');
    await office.jobs();
    expect(await recipients('report-request')).toEqual([B]);
    office.at('2026-06-05T08:00:00+07:00'); // the last day was 04/6
    await office.jobs();
    const missing = (await office.told()).find(({ template }) => template === 'report-missing')!;
    expect(missing.text).toContain('Trung Dũng');
    expect(missing.text).not.toContain('Tân Phong');
  });
});
