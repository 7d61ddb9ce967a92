import * as XLSX from '@e965/xlsx';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openOffice, type Cells, type Office } from '../harness/office.ts';

/**
 * The whole round with lists of odd layouts: a unit sends its list, gets back the faulty rows as a file under its own
 * headings, its clerk fills in what is missing in that very file and sends it back, and the dossier is done.
 */
const UNIT = 'snv@quangbinh.gov.vn';
let office: Office;

beforeAll(async () => {
  office = await openOffice({
    regulation: 'vn-quangbinh-41-2015',
    at: '2026-03-02T08:00:00+07:00',
    units: [{ code: 'snv', name: 'Sở Nội vụ', mailbox: UNIT }],
    mailboxes: [
      { address: 'binht.snv@quangbinh.gov.vn', unit: 'snv', fullName: 'Trần Bình' },
      { address: 'kyht.snv@quangbinh.gov.vn', unit: 'snv', fullName: 'Hồ Thị Kỷ' },
    ],
    env: { CONGTHU_SIGN_REPLIES: 'yes' },
  });
}, 60_000);
afterAll(() => office.close());

interface Layout {
  readonly rows: readonly Cells[];
  /** Excel ranges that are one cell: "E3:G3". */
  readonly merges?: readonly string[];
  readonly subject?: string;
}

function fileOf({ rows, merges = [] }: Layout): Buffer {
  const sheet = XLSX.utils.aoa_to_sheet(rows.map((row) => [...row]));
  sheet['!merges'] = merges.map((range) => XLSX.utils.decode_range(range));
  const book = XLSX.utils.book_new();
  XLSX.utils.book_append_sheet(book, sheet, 'Sheet1');
  return XLSX.write(book, { type: 'buffer', bookType: 'xlsx' }) as Buffer;
}

interface Returned {
  readonly book: XLSX.WorkBook;
  readonly sheet: XLSX.WorkSheet;
  readonly rows: (string | null)[][];
}

/** Sends the list and takes the file of the correction notice out of the outbox. */
async function sendAndGetBack(
  layout: Layout,
): Promise<{ dossier: string; subject: string; returned: Returned }> {
  await office.told();
  const sent = await office.send({
    from: UNIT,
    subject: layout.subject ?? 'V/v đề nghị xử lý hộp thư điện tử công vụ',
    text: 'Căn cứ nhu cầu công tác, đề nghị thực hiện theo danh sách kèm theo.',
    files: [{ name: 'danh sach.xlsx', bytes: fileOf(layout) }],
  });
  const letter = await office.letter(sent.id);
  expect(letter.state).toBe('correction');
  const notice = (await office.told()).find(({ template }) => template === 'correction')!;
  const file = notice.attachments.find(({ filename }) => filename.endsWith('.xlsx'))!;
  const book = XLSX.read(file.content);
  const sheet = book.Sheets[book.SheetNames[0]!]!;
  const rows = XLSX.utils.sheet_to_json<(string | null)[]>(sheet, { header: 1, defval: null });
  return { dossier: letter.dossier!, subject: notice.subject, returned: { book, sheet, rows } };
}

/** The clerk types into cells of the file that came back, saves it and answers the notice. */
async function correct(
  { dossier, subject, returned }: Awaited<ReturnType<typeof sendAndGetBack>>,
  typed: Readonly<Record<string, string>>,
): Promise<{ state: string; dossier: string | null }> {
  for (const [cell, text] of Object.entries(typed)) returned.sheet[cell] = { t: 's', v: text };
  const bytes = XLSX.write(returned.book, { type: 'buffer', bookType: 'xlsx' }) as Buffer;
  const sent = await office.send({
    from: UNIT,
    subject: `Re: ${subject}`,
    text: 'Đã chỉnh sửa theo yêu cầu.',
    files: [{ name: `${dossier}-can-chinh-sua.xlsx`, bytes }],
  });
  return office.letter(sent.id);
}

/** Where the clerk has to type: the cell below a heading, in the row of this person. */
function cellOf({ rows }: Returned, heading: string, person: string): string {
  const r = rows.findIndex((row) => row.includes(person));
  const c = rows
    .flatMap((row, at) => (at < r && row.includes(heading) ? [row.indexOf(heading)] : []))
    .at(-1)!;
  expect(
    [r, c].every((place) => place >= 0),
    `${heading} of ${person}`,
  ).toBe(true);
  return XLSX.utils.encode_cell({ r, c });
}

const mergesOf = ({ sheet }: Returned): string[] =>
  (sheet['!merges'] ?? []).map((range) => XLSX.utils.encode_range(range));

describe('[6.9] faulty rows come back under the unit’s own headings', () => {
  test('two rows of headings, crosses, split names, a column nobody asked for', async () => {
    const sent = await sendAndGetBack({
      rows: [
        ['SỞ NỘI VỤ', null, null, null, null, null, null, null],
        ['DANH SÁCH TÀI KHOẢN ĐỀ NGHỊ XỬ LÝ'],
        ['Tt', 'Họ và chữ đệm', 'Tên', 'Chức danh nghề nghiệp', 'Đề nghị', null, null, 'Dân tộc'],
        [null, null, null, null, 'Cấp mới TK', 'Thu hồi', 'Đổi MK', null],
        ['01', 'Ngô Thị', 'Lành', 'Chuyên viên', 'x', null, null, 'Kinh'],
        ['02', 'Y', 'Bham Êban', null, 'x', null, null, 'Ê Đê'],
        ['03', 'Phan Văn', 'Cầu', null, 'x', null, null, 'Kinh'],
        ['04', 'Trần', 'Bình', 'Kế toán', null, 'x', 'x', null],
      ],
      merges: ['A3:A4', 'B3:B4', 'C3:C4', 'D3:D4', 'E3:G3', 'H3:H4'],
    });
    const { returned, dossier } = sent;
    const top = returned.rows.findIndex((row) => row[0] === 'Tt');
    const upper = ['Tt', 'Họ và chữ đệm', 'Tên', 'Chức danh nghề nghiệp', 'Đề nghị', null, null, 'Dân tộc'];
    const lower = [null, null, null, null, 'Cấp mới TK', 'Thu hồi', 'Đổi MK', null];
    expect(returned.rows[top]!.slice(0, 8)).toEqual(upper);
    expect(returned.rows[top + 1]!.slice(0, 8)).toEqual(lower);
    expect(returned.rows[top]!.at(-1)).toBe('Nội dung cần sửa');
    expect(mergesOf(returned)).toContain(`E${top + 1}:G${top + 1}`);
    const faulty = returned.rows.slice(top + 2).map((row) => row.slice(0, 8));
    expect(faulty).toEqual([
      ['02', 'Y', 'Bham Êban', null, 'x', null, null, 'Ê Đê'],
      ['03', 'Phan Văn', 'Cầu', null, 'x', null, null, 'Kinh'],
      ['04', 'Trần', 'Bình', 'Kế toán', null, 'x', 'x', null],
    ]);
    const back = await correct(sent, {
      [cellOf(returned, 'Chức danh nghề nghiệp', 'Bham Êban')]: 'Văn thư',
      [cellOf(returned, 'Chức danh nghề nghiệp', 'Cầu')]: 'Lái xe',
      [cellOf(returned, 'Thu hồi', 'Bình')]: '',
    });
    expect(back.dossier).toBe(dossier);
    // Y Bham Êban: names of other peoples are an officer's; the others are done.
    expect((await office.rows(dossier)).slice(4).map((row) => row.split(' ').at(-1))).toEqual([
      'officer',
      'done',
      'done',
    ]);
    const kinds = await office.db.sql<{ kind: string; name: string }[]>`
      select row->>'kind' as kind, row->>'fullName' as name from dossier_row
      where dossier = ${dossier} and state <> 'replaced' order by position`;
    expect(kinds.map(({ kind, name }) => `${name} ${kind}`).sort()).toEqual([
      'Ngô Thị Lành CREATE_PERSON',
      'Phan Văn Cầu CREATE_PERSON',
      'Trần Bình PASSWORD_RESET',
      'Y Bham Êban CREATE_PERSON',
    ]);
  });

  test('two tables whose titles say what is asked: the title comes back with the rows', async () => {
    const sent = await sendAndGetBack({
      subject: 'V/v cấp mới, thu hồi hộp thư điện tử công vụ',
      rows: [
        ['I. Danh sách đề nghị cấp mới'],
        ['TT', 'Họ tên cán bộ', 'Chức vụ, đơn vị công tác', 'ĐT di động'],
        ['1', 'Đoàn Thị Điểm', 'Văn thư, Văn phòng - Thống kê', '0912000111'],
        ['2', 'Cao Bá Quát', null, '0912000112'],
        [],
        ['II. Danh sách đề nghị thu hồi'],
        ['TT', 'Họ tên cán bộ', 'Thư công vụ', 'Lý do'],
        ['1', 'Hồ Thị Kỷ', 'kyht.stc@quangbinh.gov.vn', 'nghỉ hưu'],
      ],
    });
    const { returned, dossier } = sent;
    expect(returned.rows.filter((row) => row.includes('TT')).map((row) => row.slice(0, 4))).toEqual([
      ['TT', 'Họ tên cán bộ', 'Chức vụ, đơn vị công tác', 'ĐT di động'],
      ['TT', 'Họ tên cán bộ', 'Thư công vụ', 'Lý do'],
    ]);
    const back = await correct(sent, {
      [cellOf(returned, 'Chức vụ, đơn vị công tác', 'Cao Bá Quát')]: 'Chuyên viên',
      [cellOf(returned, 'Thư công vụ', 'Hồ Thị Kỷ')]: 'kyht.snv@quangbinh.gov.vn',
    });
    expect(back).toMatchObject({ dossier, state: 'completed' });
    expect(await office.dossier(dossier)).toMatchObject({ state: 'completed' });
    const [box] = await office.db.sql`select state from mailbox where address = 'kyht.snv@quangbinh.gov.vn'`;
    expect(box).toEqual({ state: 'cancelled' });
    expect((await office.rows(dossier)).filter((row) => row.endsWith(' done')).sort()).toEqual([
      'diemdt.snv@quangbinh.gov.vn done',
      'kyht.snv@quangbinh.gov.vn done',
      'quatcb.snv@quangbinh.gov.vn done',
    ]);
  });

  test('a list without running numbers and without the column that is missing', async () => {
    const sent = await sendAndGetBack({
      subject: 'V/v cấp mới hộp thư điện tử công vụ',
      rows: [
        ['HỌ TÊN (IN HOA)', 'Phòng, ban', 'Giới tính'],
        ['VÀNG THỊ MỶ', 'Văn phòng', 'Nữ'],
        ['CAO VĂN TÁ', 'Thanh tra', 'Nam'],
      ],
    });
    const { returned, dossier } = sent;
    const head = returned.rows.find((row) => row.includes('Nội dung cần sửa'))!;
    expect(head).toEqual(['HỌ TÊN (IN HOA)', 'Phòng, ban', 'Giới tính', 'Chức vụ', 'Nội dung cần sửa']);
    const back = await correct(sent, {
      [cellOf(returned, 'Chức vụ', 'VÀNG THỊ MỶ')]: 'Văn thư',
      [cellOf(returned, 'Chức vụ', 'CAO VĂN TÁ')]: 'Kế toán',
    });
    expect(back).toMatchObject({ dossier, state: 'completed' });
    expect((await office.rows(dossier)).filter((row) => row.endsWith(' done'))).toHaveLength(2);
  });
});
