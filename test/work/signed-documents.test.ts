import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { documentsOf, documentOfOrder, type StoredDocument } from '../../src/store/documents.ts';
import { consolidateNow } from '../../src/work/desk/other-work.ts';
import { signDocument } from '../../src/work/desk/sign-document.ts';
import { openOffice, type Office } from '../harness/office.ts';
import { signAnyPdf } from '../harness/pdf-any-signer.ts';
import { cadesCms } from '../harness/pdf-signer.ts';

const UNIT = 'snv@quangbinh.gov.vn';
const OPERATOR = 'stttt@quangbinh.gov.vn';
const HEAD = ['STT', 'Họ và tên', 'Chức vụ', 'Số điện thoại', 'Nội dung đề nghị'];
const SUBJECT = 'V/v đề nghị cấp mới hộp thư điện tử công vụ';
const LAN = { name: 'lan', fullName: 'Nguyễn Thị Lan' };

/** What an officer's signing tool makes of a draft: one more revision with a PAdES signature. */
const signedBy = (office: Office, email: string, pdf: Buffer, field = 'So'): Buffer =>
  signAnyPdf(pdf, {
    leaf: office.leafOf(email),
    pki: office.pki,
    field,
    subFilter: 'ETSI.CAdES.detached',
    cms: cadesCms,
  });
const upload = (bytes: Buffer, name = 'phúc đáp.pdf') => ({ name, mediaType: 'application/pdf', bytes });

describe('the signed reply document (QB-4.2)', () => {
  let office: Office;
  let draft: StoredDocument;
  let number: string;
  beforeAll(async () => {
    office = await openOffice({
      regulation: 'vn-quangbinh-41-2015',
      at: '2026-03-02T08:00:00+07:00',
      units: [
        { code: 'snv', name: 'Sở Nội vụ', mailbox: UNIT },
        { code: 'vp', name: 'Sở Thông tin và Truyền thông', mailbox: 'vanphong.stttt@quangbinh.gov.vn' },
      ],
    });
    const list = [HEAD, [1, 'Trần Thị Bình', 'Chuyên viên', '0905123401', 'Cấp mới']];
    const { id } = await office.send({ from: UNIT, subject: SUBJECT, list });
    number = (await office.letter(id)).dossier!;
    draft = (await office.db.transaction((tx) => documentsOf(tx.orm, number)))[0]!;
    await office.told();
  }, 60_000);
  afterAll(() => office.close());
  const attach = (bytes: Buffer, officer = LAN) =>
    signDocument(draft.id, upload(bytes), officer, office.deps);
  const why = async (bytes: Buffer): Promise<string> => {
    const signed = await attach(bytes);
    return signed.result === 'problems' ? signed.problems.join(' ') : signed.result;
  };

  test('what is not a PDF with a valid signature of the operator is not sent, and the reason is told', async () => {
    const good = signedBy(office, OPERATOR, draft.pdf);
    const broken = Buffer.from(good);
    broken[1200]! ^= 1;
    expect(await why(draft.pdf)).toContain('chưa có chữ ký số');
    expect(await why(draft.docx)).toContain('chưa có chữ ký số');
    expect(await why(Buffer.from('không phải PDF'))).toContain('chưa có chữ ký số');
    expect(await why(broken)).toContain('Đề nghị ký lại');
    expect(await why(signedBy(office, UNIT, draft.pdf))).toContain(
      'không phải của Sở Thông tin và Truyền thông',
    );
    // The operator's signature does not heal somebody's that is broken.
    expect(await why(signedBy(office, OPERATOR, broken, 'Hai'))).toContain('Đề nghị ký lại');
    expect(await signDocument(draft.id, null, LAN, office.deps)).toMatchObject({ result: 'problems' });
    expect(await office.told()).toEqual([]);
    expect(await office.dossier(number)).toMatchObject({ state: 'document' });
  });

  test('the draft an officer takes away holds no signature of its own', () => {
    expect(draft.pdf.includes('/ByteRange')).toBe(false);
  });

  test('of two officers at the same moment one sends it, the other is told who did', async () => {
    const signed = signedBy(office, OPERATOR, signedBy(office, 'giamdoc@quangbinh.gov.vn', draft.pdf, 'GD'));
    const both = await Promise.all([attach(signed), attach(signed, { name: 'minh', fullName: 'Trần Minh' })]);
    expect(both.map(({ result }) => result).toSorted()).toEqual(['conflict', 'done']);
    const conflict = both.find(({ result }) => result === 'conflict') as { document: StoredDocument };
    expect(['lan', 'minh']).toContain(conflict.document.signedBy);
    const told = await office.told();
    expect(told.map(({ template, recipient }) => `${template} ${recipient}`)).toEqual([`completed ${UNIT}`]);
    expect(told[0]!.attachments[0]!.content.equals(signed)).toBe(true);
    expect(await office.dossier(number)).toMatchObject({ state: 'completed' });
    const log = (await office.log('decision')).filter((entry) => entry.includes('"reply signed"'));
    expect(log).toHaveLength(1);
    expect(JSON.parse(log[0]!)).toMatchObject({ actor: conflict.document.signedBy, dossier: number });
    expect(await why(signed)).toBe('conflict');
  });

  test('a certificate pinned for the operator’s own unit counts, whatever address stands in it', async () => {
    const list = [HEAD, [1, 'Lê Quang Cường', 'Chuyên viên', '0905123402', 'Cấp mới']];
    const { id } = await office.send({ from: UNIT, subject: `${SUBJECT} (2)`, list });
    const next = (await office.letter(id)).dossier!;
    const [second] = await office.db.transaction((tx) => documentsOf(tx.orm, next));
    const bytes = signedBy(office, 'hopthu@khac.gov.vn', second!.pdf);
    const unknown = await signDocument(second!.id, upload(bytes), LAN, office.deps);
    expect(unknown.result).toBe('problems');
    const evidence = await office.deps.documents.verify('a.pdf', bytes);
    const print = evidence.signatures[0]!.signer!.sha256;
    await office.db.sql`update unit set certificates = ${[print]} where code = 'vp'`;
    expect(await signDocument(second!.id, upload(bytes), LAN, office.deps)).toMatchObject({ result: 'done' });
  });
});

describe('the covering letter of a consolidated list (BH-6.1b)', () => {
  const WARD = 'tanphong@dongnai.gov.vn';
  const SO = 'stttt@dongnai.gov.vn';
  let office: Office;
  beforeAll(async () => {
    office = await openOffice({
      regulation: 'vn-bienhoa-04-2011',
      at: '2026-03-03T08:00:00+07:00',
      units: [
        { code: 'tanphong', name: 'UBND phường Tân Phong', mailbox: WARD, level: 'xa' },
        { code: 'stttt', name: 'Sở Thông tin và Truyền thông Đồng Nai', mailbox: SO, level: 'donvi' },
      ],
      overrides: `identity: { executor: { address: { value: ${SO}, source: assumed } } }`,
    });
  }, 60_000);
  afterAll(() => office.close());

  test('an officer drafts the list on any day; it leaves with the operator’s signature alone', async () => {
    const now = () => consolidateNow('vn-bienhoa-04-2011', LAN, office.deps);
    expect(await now()).toMatchObject({ result: 'conflict' });
    const list = [HEAD, [1, 'Nguyễn Thị Mai', 'Chuyên viên', '0905123401', 'Cấp mới']];
    await office.send({ from: WARD, subject: SUBJECT, list });
    const twice = await Promise.all([now(), now()]);
    expect(twice.map(({ result }) => result).toSorted()).toEqual(['conflict', 'done']);
    const order = (await office.db.sql<{ number: string }[]>`select number from work_order`)[0]!.number;
    const document = (await office.db.transaction((tx) => documentOfOrder(tx.orm, order)))!;
    await office.told();
    const attach = (email: string) =>
      signDocument(document.id, upload(signedBy(office, email, document.pdf)), LAN, office.deps);
    expect(await attach(SO)).toMatchObject({ result: 'problems' });
    expect(await office.told()).toEqual([]);
    expect(await attach('vhtt@dongnai.gov.vn')).toMatchObject({ result: 'done' });
    const [told] = await office.told();
    expect(told).toMatchObject({ template: 'consolidated', recipient: SO });
    expect(told!.attachments).toHaveLength(2);
  });
});
