import { randomBytes } from 'node:crypto';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { documentById, openDrafts } from '../../src/store/documents.ts';
import { openManualOrders } from '../../src/store/manual-orders.ts';
import { addMailbox } from '../../src/store/registry.ts';
import {
  makeAccount,
  PASSWORD,
  runConsole,
  type RunningConsole,
  type TestAccount,
} from '../harness/console.ts';
import { openOffice, type Office, type Opening } from '../harness/office.ts';
import { signAnyPdf } from '../harness/pdf-any-signer.ts';
import { cadesCms } from '../harness/pdf-signer.ts';
import { launch, look, withChromium } from './browser.ts';
import { choose, chooseFile, enter, expectError, expectFocus, isOn, tabTo, walk } from './keyboard.ts';
import { scannedPage, workbook } from './letters.ts';

const HEAD = ['STT', 'Họ và tên', 'Chức vụ', 'Số điện thoại', 'Nội dung đề nghị'];
const SUBJECT = 'V/v đề nghị cấp mới hộp thư điện tử công vụ';
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

/** The console over an office, whose time is the test's own. */
async function deskOf(opening: Opening) {
  const office = await openOffice(opening);
  const { db, deps } = office;
  const secret = randomBytes(32);
  const run = await runConsole({
    db,
    clock: deps.clock,
    desk: deps,
    regulations: deps.regulations,
    provisioner: deps.provisioner,
    secret,
  });
  const lan = await makeAccount(db, deps.clock, secret, 'lan', 'officer');
  return { office, run, lan };
}

async function logIn(page: Page, url: string, account: TestAccount): Promise<void> {
  await page.goto(`${url}/dang-nhap`);
  await expectFocus(page, '#name', 'the first field has the focus');
  await page.keyboard.type(account.name);
  await page.keyboard.press('Tab');
  await page.keyboard.type(PASSWORD);
  await enter(page);
  await expectFocus(page, '#code', 'the code’s field has the focus');
  await page.keyboard.type(account.code());
  await enter(page);
  expect(new URL(page.url()).pathname).toBe('/ho-so');
}

describe.skipIf(!withChromium)('the whole desk without a mouse', { timeout: 180_000 }, () => {
  const UNIT = 'snv@quangbinh.gov.vn';
  let office: Office;
  let run: RunningConsole;
  let lan: TestAccount;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    ({ office, run, lan } = await deskOf({
      regulation: 'vn-quangbinh-41-2015',
      at: '2026-03-02T08:00:00+07:00',
      units: [
        { code: 'snv', name: 'Sở Nội vụ', mailbox: UNIT },
        { code: 'stc', name: 'Sở Tài chính', mailbox: 'stc@quangbinh.gov.vn' },
        { code: 'stttt', name: 'Sở Thông tin và Truyền thông', mailbox: 'stttt@quangbinh.gov.vn' },
      ],
      env: { CONGTHU_PROVISIONER: 'manual', CONGTHU_SIGN_REPLIES: 'no' },
    }));
    browser = await launch();
    page = await (
      await browser.newContext({ locale: 'vi-VN', viewport: { width: 1366, height: 768 } })
    ).newPage();
    // Choosers are caught from the start: asked for at the moment of the key, the browser may be faster.
    page.on('filechooser', () => undefined);
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    await run.close();
    await office.close();
  });

  const main = async () => (await page.textContent('main')) ?? '';
  /** By the navigation, as a person goes. */
  async function goTo(path: string): Promise<void> {
    await tabTo(page, `nav.places a[href="${path}"]`);
    await enter(page);
    await walk(page);
    await page.reload();
  }
  async function scanArrives(names: readonly string[], subject: string): Promise<string> {
    const { pdf } = await scannedPage(browser, names);
    const rows = names.map((name, i) => [i + 1, name, i === 0 ? 'Giám đốc' : 'Chuyên viên', `090512340${i}`]);
    const files = [
      { name: 'cong-van.pdf', bytes: pdf },
      { name: 'danh-sach.xlsx', bytes: workbook(rows) },
    ];
    const { id } = await office.send({ from: UNIT, subject, signed: false, files });
    expect((await office.letter(id)).state).toBe('officer');
    return id!;
  }

  test('log in; the skip link leads to the main part; an empty inbox', async () => {
    await page.goto(`${run.url}/dang-nhap`);
    await walk(page);
    await page.reload();
    await page.keyboard.type('ai');
    await page.keyboard.press('Tab');
    await page.keyboard.type('không phải mật khẩu');
    await enter(page);
    await expectError(page, 'không đúng');
    await logIn(page, run.url, lan);
    await walk(page);
    await page.reload();
    await page.keyboard.press('Tab');
    expect(await isOn(page, 'a.skip')).toBe(true);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(
      await page.evaluate<boolean>(`document.querySelector('main').contains(document.activeElement)`),
    ).toBe(true);
  });

  test('a scan is decided; what is missing is told first', async () => {
    const id = await scanArrives(['Trần Thị Bình'], SUBJECT);
    await page.goto(`${run.url}/ho-so`);
    await walk(page);
    await page.reload();
    await tabTo(page, `a[href="/ho-so/${id}"]`);
    await enter(page);
    await walk(page);
    await page.reload();
    // Past the list and the pictures straight to what there is to do.
    await tabTo(page, 'a[href="#todo"]');
    await page.keyboard.press('Enter');
    for (const name of ['signature', 'seal']) {
      await tabTo(page, `input[name=${name}]`);
      await page.keyboard.press('Space');
    }
    await tabTo(page, 'form[action$="/confirm-scan"] button');
    await enter(page);
    await expectError(page, 'Danh sách kèm theo khớp với bản quét');
    await walk(page);
    await page.evaluate(`document.querySelector('[role=alert]').focus()`);
    await tabTo(page, 'input[name=list]');
    await page.keyboard.press('Space');
    await tabTo(page, 'form[action$="/confirm-scan"] button');
    await enter(page);
    expect(await main()).toContain('Đã thực hiện');
    await walk(page);
    await office.work();
  });

  test('a row is put right where it stands; a letter is refused', async () => {
    await office.db.transaction((tx) =>
      addMailbox(tx.orm, {
        address: 'hoapt.snv@quangbinh.gov.vn',
        kind: 'person',
        fullName: 'Phan Thị Hòa',
        unit: 'snv',
        state: 'active',
        createdAt: office.deps.clock.now(),
      }),
    );
    const id = await scanArrives(['Phan Thị Hòa'], `${SUBJECT} (2)`);
    await page.goto(`${run.url}/ho-so/${id}`);
    for (const name of ['signature', 'seal', 'list']) {
      await tabTo(page, `input[name=${name}]`);
      await page.keyboard.press('Space');
    }
    await tabTo(page, 'form[action$="/confirm-scan"] button');
    await enter(page);
    await office.work();
    await page.goto(`${run.url}/ho-so/${id}`);
    await tabTo(page, '.row-actions summary');
    await page.keyboard.press('Enter');
    await tabTo(page, 'input[name=address]');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('hoapt.snv@quangbinh.gov.vn');
    await tabTo(page, 'form[action$="/accept-row"] button');
    await enter(page);
    await expectError(page, 'đã được cấp cho người khác');
    await tabTo(page, 'input[name=address]');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('hoapt5.snv@quangbinh.gov.vn');
    await tabTo(page, 'form[action$="/accept-row"] button');
    await enter(page);
    expect(await main()).toContain('Đã thực hiện');

    const other = await scanArrives(['Đặng Văn Long'], `${SUBJECT} (3)`);
    await page.goto(`${run.url}/ho-so/${other}`);
    await tabTo(page, 'details:has(form[action$="/refuse"]) > summary');
    await page.keyboard.press('Enter');
    await choose(page, '#reason', 'no_seal');
    await tabTo(page, '#refuse-words');
    await page.keyboard.type('Trang 1 chỉ có chữ ký.');
    await tabTo(page, 'form[action$="/refuse"] button');
    await enter(page);
    expect((await office.letter(other)).state).toBe('refused');
    await office.work();
  });

  test('a paper is entered; what is missing is told first', async () => {
    await page.goto(`${run.url}/ho-so`);
    await goTo('/van-ban-giay');
    await tabTo(page, '#unit');
    await page.keyboard.type('snv');
    await tabTo(page, '#number');
    await page.keyboard.type('51/SNV-VP');
    await tabTo(page, '#date');
    await typeDate(page, '2026-03-02');
    await tabTo(page, 'input[name=kind][value=CREATE_PERSON]');
    await page.keyboard.press('Space');
    await tabTo(page, 'main form button');
    await enter(page);
    await expectError(page, 'Kèm tệp danh sách');
    await chooseFile(page, '#list', {
      name: 'danh-sach.xlsx',
      mimeType: XLSX,
      buffer: workbook([[1, 'Lê Quang Cường', 'Chuyên viên', '0905123402']]),
    });
    await tabTo(page, 'main form button');
    await enter(page);
    expect(await page.textContent('h1')).toContain('Đã nhập văn bản giấy');
    await look(page, '50-ban-phim-van-ban-giay');
    await office.work();
  });

  test('the registry: a unit is found, its entry refused and mended, another registered', async () => {
    await goTo('/don-vi');
    await look(page, '51-ban-phim-don-vi');
    await tabTo(page, '#q');
    await page.keyboard.type('so noi vu');
    await enter(page);
    await tabTo(page, 'a[href="/don-vi/snv"]');
    await enter(page);
    await walk(page);
    await page.reload();
    await tabTo(page, '#unit-mailbox');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('stc@quangbinh.gov.vn');
    await tabTo(page, 'form[action$="/thong-tin"] button');
    await enter(page);
    await expectError(page, 'đã là hộp thư của Sở Tài chính');
    await look(page, '52-ban-phim-don-vi-sai');
    await tabTo(page, 'nav.places a[href="/don-vi"]');
    await enter(page);
    await tabTo(page, 'a[href="/don-vi/moi"]');
    await enter(page);
    await walk(page);
    await page.reload();
    await tabTo(page, '#unit-code');
    await page.keyboard.type('ubnd.an-ninh');
    await tabTo(page, '#unit-name');
    await page.keyboard.type('Ủy ban nhân dân xã An Ninh');
    await tabTo(page, 'main form button');
    await enter(page);
    expect(await page.textContent('h1')).toContain('xã An Ninh');
  });

  test('other work: done, cannot be done, signed, sent again, closed', async () => {
    await goTo('/viec-khac');
    await look(page, '53-ban-phim-viec-khac');
    await page.goto(`${run.url}/viec-khac`);
    await tabTo(page, 'form[action$="/thu-cong"] button');
    await enter(page);
    expect(await main()).toContain('Đã ghi nhận kết quả thực hiện');
    await walk(page);
    await page.reload();
    await page.goto(`${run.url}/viec-khac`);
    await tabTo(page, 'details:has(input[name=reason]) > summary');
    await page.keyboard.press('Enter');
    await tabTo(page, 'input[name=reason]');
    await page.keyboard.type('   ');
    await enter(page);
    await expectError(page, 'Ghi lý do');
    await tabTo(page, 'details:has(input[name=reason]) > summary');
    await page.keyboard.press('Enter');
    await tabTo(page, 'input[name=reason]');
    await page.keyboard.type('Máy chủ thư đã hết dung lượng');
    await enter(page);
    expect(await main()).toContain('Đã ghi nhận việc không thực hiện được');
    const left = await office.db.transaction((tx) => openManualOrders(tx.orm));
    for (let n = 0; n < left.length; n++) {
      await page.goto(`${run.url}/viec-khac`);
      await tabTo(page, 'form[action$="/thu-cong"] button');
      await enter(page);
    }
    await page.goto(`${run.url}/viec-khac`);
    await look(page, '54-ban-phim-ky');
    await walk(page);
    await page.reload();
    const [waiting] = await office.db.transaction((tx) => openDrafts(tx.orm));
    const stored = await office.db.transaction((tx) => documentById(tx.orm, waiting!.id));
    const draft = Buffer.from(stored!.pdf);
    const file = { name: 'ky.pdf', mimeType: 'application/pdf', buffer: draft };
    await chooseFile(page, 'input[name=file]', file);
    await tabTo(page, 'form[action^="/van-ban/"] button');
    await enter(page);
    await expectError(page, 'chưa có chữ ký số');
    await look(page, '55-ban-phim-ky-sai');
    await chooseFile(page, 'input[name=file]', {
      ...file,
      buffer: signAnyPdf(draft, {
        leaf: office.pki.leaf('stttt', { email: 'stttt@quangbinh.gov.vn', commonName: 'Co quan' }),
        pki: office.pki,
        field: 'So',
        subFilter: 'ETSI.CAdES.detached',
        cms: cadesCms,
      }),
    });
    await tabTo(page, 'form[action^="/van-ban/"] button');
    await enter(page);
    expect(await main()).toContain('Chữ ký số hợp lệ');
    await office.db
      .sql`update notice set state = 'bounced', last_error = '550 5.1.1 unknown user' where template = 'received'`;
    await page.goto(`${run.url}/viec-khac`);
    await look(page, '56-thu-bao-chua-den');
    await tabTo(page, 'form[action$="/gui-lai"] button');
    await enter(page);
    expect(await main()).toContain('được gửi lại');
    await page.goto(`${run.url}/viec-khac`);
    await tabTo(page, 'details:has(form[action$="/dong-thu"]) > summary');
    await page.keyboard.press('Enter');
    await tabTo(page, 'form[action$="/dong-thu"] input[name=reason]');
    await page.keyboard.type('Đã báo đơn vị qua điện thoại');
    await look(page, '57-dong-thu');
    await enter(page);
    expect(await main()).toContain('Đã đóng thư');
  });
});

describe.skipIf(!withChromium)('the executor’s order without a mouse', { timeout: 120_000 }, () => {
  const STC = 'stc@soctrang.gov.vn';
  let office: Office;
  let run: RunningConsole;
  let lan: TestAccount;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    ({ office, run, lan } = await deskOf({
      regulation: 'vn-soctrang-59-2024',
      at: '2026-03-02T08:00:00+07:00',
      units: [
        { code: 'stc', name: 'Sở Tài chính', mailbox: STC },
        {
          code: 'ttcns',
          name: 'Trung tâm Công nghệ số',
          mailbox: 'ttcns.sotttt@soctrang.gov.vn',
          level: 'phong',
        },
      ],
    }));
    const list = [
      HEAD,
      [1, 'Dương Chí Nguyên', 'Chuyên viên', '0905123401', 'Cấp mới'],
      [2, 'Lê Văn Bình', 'Chuyên viên', '0905123402', 'Cấp mới'],
    ];
    await office.send({ from: STC, subject: SUBJECT, list });
    office.at('2026-03-03T06:00:00+07:00');
    await office.work();
    browser = await launch();
    page = await browser.newPage({ viewport: { width: 1366, height: 768 } });
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    await run.close();
    await office.close();
  });

  test('its answer is recorded line by line; a missing reason is told first', async () => {
    await logIn(page, run.url, lan);
    await tabTo(page, 'nav.places a[href="/viec-khac"]');
    await enter(page);
    await look(page, '58-lenh-cho');
    await tabTo(page, 'a[href^="/viec-khac/lenh/"]');
    await enter(page);
    await look(page, '59-lenh');
    await walk(page);
    await page.reload();
    await tabTo(page, 'input[name=result-1]');
    await page.keyboard.press('ArrowDown');
    await tabTo(page, 'input[name=result-2]');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await tabTo(page, 'main form button');
    await enter(page);
    await expectError(page, 'Dòng 2: ghi lý do');
    await look(page, '60-lenh-thieu-ly-do');
    await tabTo(page, '#reason-2');
    await page.keyboard.type('Trùng người đã có hộp thư');
    await tabTo(page, 'main form button');
    await enter(page);
    expect(await page.textContent('main')).toContain('Đã ghi nhận kết quả lệnh');
    await look(page, '61-lenh-xong');
  });
});

/** Day, month and year in whatever order this browser asks for them. */
async function typeDate(page: Page, iso: string): Promise<void> {
  const [year = '', month = '', day = ''] = iso.split('-');
  for (const digits of [`${day}${month}${year}`, `${month}${day}${year}`]) {
    await page.keyboard.type(digits);
    if (await page.evaluate<boolean>(`document.activeElement.value === '${iso}'`)) return;
    for (let n = 0; n < 3; n++) await page.keyboard.press('ArrowLeft');
  }
  throw new Error(`no way to type ${iso}`);
}
