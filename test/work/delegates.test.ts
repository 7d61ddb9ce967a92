import { afterEach, describe, expect, test } from 'vitest';
import { delegatesOf } from '../../src/store/delegates.ts';
import { openOffice, type Office } from '../harness/office.ts';

const HEAD = ['STT', 'Họ và tên', 'Chức vụ', 'Số điện thoại', 'Nội dung đề nghị'];
const AN = [1, 'Nguyễn Văn An', 'Chuyên viên', '0905123401', 'Giao quản lý'];
const BINH = [2, 'Trần Thị Bình', 'Văn thư', '0905123402', 'Giao quản lý'];
const SUBJECT = 'V/v giao người quản lý hộp thư điện tử của đơn vị';
const TEXT =
  'Do phân công lại công việc, có nhu cầu phục vụ công tác, đề nghị ghi nhận người được giao quản lý hộp thư của đơn vị theo danh sách kèm theo.';

let office: Office;
afterEach(() => office.close());

const opened = async (
  regulation: string,
  domain: string,
  level: string,
  overrides?: string,
): Promise<string> => {
  const mailbox = `snv@${domain}`;
  office = await openOffice({
    regulation,
    at: '2026-03-02T08:00:00+07:00',
    units: [{ code: 'snv', name: 'Sở Nội vụ', mailbox, level }],
    ...(overrides === undefined ? {} : { overrides }),
  });
  return mailbox;
};

const inCharge = async (): Promise<string[]> =>
  (await office.db.transaction((tx) => delegatesOf(tx.orm, 'snv'))).map(
    ({ fullName, phone }) => `${fullName} ${phone ?? ''}`,
  );

describe('who keeps the mailbox of a unit', () => {
  test.each([
    ['HCM-13.1', 'vn-hcm-41-2011', 'tphcm.gov.vn', 'so'],
    ['QB-10.1', 'vn-quangbinh-41-2015', 'quangbinh.gov.vn', 'so'],
    ['BH-7a', 'vn-bienhoa-04-2011', 'dongnai.gov.vn', 'phong'],
    ['ST-11.3', 'vn-soctrang-59-2024', 'soctrang.gov.vn', 'so'],
  ])(
    '[%s] the unit names several; a later letter takes their place',
    async (_rule, regulation, domain, level) => {
      const from = await opened(regulation, domain, level);
      const { id } = await office.send({ from, subject: SUBJECT, text: TEXT, list: [HEAD, AN, BINH] });
      expect(await office.letter(id)).toMatchObject({ state: 'completed' });
      expect(await inCharge()).toEqual(['Nguyễn Văn An 0905123401', 'Trần Thị Bình 0905123402']);
      const done = (await office.told()).find(({ template }) => template === 'completed')!;
      expect(done.recipient).toBe(from);
      expect(done.text).toContain('Đã ghi nhận người quản lý hộp thư của đơn vị');
      office.at('2026-04-01T08:00:00+07:00');
      await office.send({
        from,
        subject: SUBJECT,
        text: TEXT,
        list: [HEAD, [1, 'Lê Thị Cúc', 'Văn thư', '0905123403', 'Giao quản lý']],
      });
      expect(await inCharge()).toEqual(['Lê Thị Cúc 0905123403']);
      const [{ count }] = await office.db.sql<[{ count: string }]>`select count(*) from delegate`;
      expect(count).toBe('3');
    },
  );

  test('[TH-7.2] Thanh Hóa allows one: the second goes back, the first stands', async () => {
    const from = await opened(
      'vn-thanhhoa-824-2005',
      'thanhhoa.gov.vn',
      'so',
      'verification: { signer: { mustBeHead: false, requirePersonSignature: false } }',
    );
    const { id } = await office.send({ from, subject: SUBJECT, text: TEXT, list: [HEAD, AN, BINH] });
    const { dossier } = await office.letter(id);
    expect(await office.rows(dossier)).toEqual([`${from} done`, `${from} faulty`]);
    expect(await inCharge()).toEqual(['Nguyễn Văn An 0905123401']);
    const [back] = (await office.told()).filter(({ template }) => template === 'correction');
    expect(back!.text).toContain('chỉ giao cho 01 người quản lý (Điều 7 Quy định');
  });

  test('a person or an unsigned letter names nobody', async () => {
    const from = await opened('vn-hcm-41-2011', 'tphcm.gov.vn', 'so');
    const { id } = await office.send({ from, subject: SUBJECT, text: TEXT, list: [HEAD, AN], signed: false });
    expect((await office.letter(id)).state).toBe('awaiting_paper');
    expect(await inCharge()).toEqual([]);
  });
});
