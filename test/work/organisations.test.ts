import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { senderOf } from '../../src/store/registry.ts';
import { openOffice, type Office } from '../harness/office.ts';

const HEAD = ['STT', 'Tên cơ quan, đơn vị', 'Hộp thư', 'Nội dung đề nghị', 'Số, ngày quyết định'];
const DECISION = '12/QĐ-UBND ngày 20/02/2026 của UBND tỉnh';

describe('Thanh Hóa: bodies are founded, merged and dissolved', () => {
  const UNIT = 'sonn@thanhhoa.gov.vn';
  const AUTHORITY = 'snv@thanhhoa.gov.vn';
  const box = (name: string) => `${name}@thanhhoa.gov.vn`;
  let office: Office;
  beforeAll(async () => {
    office = await openOffice({
      regulation: 'vn-thanhhoa-824-2005',
      at: '2026-03-02T08:00:00+07:00',
      units: [
        { code: 'sonn', name: 'Sở Nông nghiệp', mailbox: UNIT },
        { code: 'syt', name: 'Sở Y tế', mailbox: box('syt') },
        { code: 'snv', name: 'Sở Nội vụ', mailbox: AUTHORITY },
        { code: 'cclam', name: 'Chi cục Lâm nghiệp', mailbox: box('cclam'), parent: 'sonn' },
      ],
      mailboxes: [
        { address: box('cclam'), unit: 'cclam', kind: 'unit', fullName: 'Chi cục Lâm nghiệp' },
        { address: box('annv'), unit: 'syt', fullName: 'Nguyễn Văn An' },
      ],
      overrides: `verification: { signer: { mustBeHead: false, requirePersonSignature: false } }
authorityMailboxes: [{ value: ${AUTHORITY}, source: TH-5.1, assumed: true }]`,
    });
    await office.db.sql`insert into unit (code, regulation, name, level, abbreviation, parent)
      values ('cckl', 'vn-thanhhoa-824-2005', 'Chi cục Kiểm lâm', 'so', 'cckl', 'sonn')`;
  }, 60_000);
  afterAll(() => office.close());
  const today = '2026-03-02';
  const speaker = async (address: string): Promise<string> => {
    const sender = await office.db.transaction((tx) => senderOf(tx, address, today));
    return sender.kind === 'unit' ? sender.unit.code : sender.kind;
  };

  test('[TH-5.2a] what each event means for the mailboxes of the bodies', async () => {
    const { id } = await office.send({
      from: UNIT,
      subject: 'V/v thay đổi hộp thư do sắp xếp tổ chức bộ máy',
      list: [
        HEAD,
        [1, 'Chi cục Kiểm lâm', box('cckl'), 'Thành lập mới', DECISION],
        [2, 'Chi cục Lâm nghiệp', box('cclam'), 'Sáp nhập vào Chi cục Kiểm lâm', DECISION],
      ],
    });
    const { dossier, state } = await office.letter(id);
    const rows = await office.db.sql<{ kind: string; state: string; result: string | null }[]>`
      select row ->> 'kind' as kind, state, result from dossier_row where dossier = ${dossier} order by position`;
    expect(state).toBe('officer');
    expect(rows.map(({ kind, state: at }) => `${kind} ${at}`)).toEqual([
      'CREATE_UNIT officer',
      'CANCEL officer',
    ]);
    expect(rows[1]!.result).toContain('đơn vị kế thừa');
  });

  test('[TH-5.2a] without the decision nothing is founded or dissolved', async () => {
    const { id } = await office.send({
      from: UNIT,
      subject: 'V/v thay đổi hộp thư do sắp xếp tổ chức bộ máy',
      list: [HEAD, [1, 'Chi cục Lâm nghiệp', box('cclam'), 'Giải thể', null]],
    });
    const { dossier } = await office.letter(id);
    expect(await office.rows(dossier)).toEqual(['- faulty']);
  });

  test('[TH-5.1] others’ mailboxes are touched only at the recorded request of an authority that cites its decision', async () => {
    const ask = async (from: string, decision: string | null): Promise<string[]> => {
      const { id } = await office.send({
        from,
        subject: 'V/v cập nhật hộp thư theo quyết định điều động của cấp có thẩm quyền',
        list: [
          ['STT', 'Họ và tên', 'Hộp thư', 'Nội dung đề nghị', 'Số, ngày quyết định'],
          [1, 'Nguyễn Văn An', box('annv'), 'Chấm dứt', decision],
        ],
      });
      return office.rows((await office.letter(id)).dossier);
    };
    expect(await ask(UNIT, DECISION)).toEqual(['- faulty']);
    expect(await ask(AUTHORITY, null)).toEqual(['- faulty']);
    await office.told();
    expect(await ask(AUTHORITY, DECISION)).toEqual([`${box('annv')} done`]);
    const told = await office.told();
    expect(told.find(({ template }) => template === 'authority')!.recipient).toBe(box('syt'));
    const [entry] = await office.log('row.provisioned');
    expect(JSON.parse(entry!)).toMatchObject({ recipient: box('annv'), outcome: 'CANCEL' });
  });

  test('a mailbox that was ended speaks for nobody; one that was renamed speaks under both addresses', async () => {
    expect(await speaker(box('cclam'))).toBe('cclam');
    await office.db.sql`update mailbox set state = 'cancelled' where address = ${box('cclam')}`;
    expect(await speaker(box('cclam'))).toBe('unknown');
    await office.db.sql`insert into mailbox (address, kind, full_name, unit, state, created_at)
      values (${box('syt')}, 'unit', 'Sở Y tế', 'syt', 'active', now())`;
    await office.db
      .sql`insert into mail.mailbox (username, password, name, maildir, quota, local_part, domain, active, created, modified)
      values (${box('syt')}, 'x', 'Sở Y tế', 'x', 0, 'syt', 'thanhhoa.gov.vn', true, now(), now())`;
    const { id } = await office.send({
      from: box('syt'),
      subject: 'V/v thay đổi địa chỉ hộp thư đơn vị',
      list: [
        [
          'STT',
          'Tên cơ quan, đơn vị',
          'Hộp thư hiện tại',
          'Hộp thư đề nghị',
          'Nội dung đề nghị',
          'Số quyết định',
        ],
        [1, 'Sở Y tế', box('syt'), box('soyte'), 'Thay đổi', DECISION],
      ],
    });
    expect(await office.rows((await office.letter(id)).dossier)).toEqual([`${box('soyte')} done`]);
    expect([await speaker(box('soyte')), await speaker(box('syt'))]).toEqual(['syt', 'syt']);
  });
});
