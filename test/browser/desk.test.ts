import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { searchLog } from '../../src/mail-log/search.ts';
import { loadSecret } from '../../src/notices/activation-link.ts';
import { addMailbox } from '../../src/store/registry.ts';
import { makeAccount, type TestAccount } from '../harness/console.ts';
import { runGateway, type RunningGateway } from '../harness/gateway.ts';
import { launch, logIn, look, withChromium } from './browser.ts';
import { letterWithScan, scannedPage, workbook, type Cells } from './letters.ts';

const UNIT = 'snv@quangbinh.gov.vn';
const SUBJECT = 'V/v đề nghị cấp mới hộp thư điện tử công vụ';
let run: RunningGateway;
let browser: Browser;
let url: string;
let lan: TestAccount;
let minh: TestAccount;
let page: Page;

describe.skipIf(!withChromium)('the officer’s desk', () => {
  beforeAll(async () => {
    run = await runGateway();
    browser = await launch();
    url = `http://127.0.0.1:${run.gateway.console.port}`;
    const secret = loadSecret(run.dir);
    lan = await makeAccount(run.db, systemClock, secret, 'lan', 'officer');
    minh = await makeAccount(run.db, systemClock, secret, 'minh', 'officer');
    page = await browser.newPage();
  }, 90_000);
  afterAll(async () => {
    await browser.close();
    await run.gateway.stop();
    await run.close();
  });

  /** Sends a letter with a scan and waits until it rests; resolves to its id. */
  async function arrives(rows: readonly Cells[], subject = SUBJECT): Promise<string> {
    const { pdf } = await scannedPage(
      browser,
      rows.map((row) => String(row[1])),
    );
    const answer = await run.send(UNIT, letterWithScan(UNIT, pdf, workbook(rows), subject));
    expect(answer.code).toBe(250);
    await run.picture(answer);
    return /received as ([0-9a-f-]{36})/.exec(answer.text)![1]!;
  }
  const stateOf = async (id: string) =>
    (await run.db.sql<{ state: string }[]>`select state from letter where id = ${id}`)[0]!.state;
  const rowsOf = async (id: string) =>
    (
      await run.db.sql<
        { row: string }[]
      >`select coalesce(address, '-') || ' ' || state as row from dossier_row where letter = ${id} order by position`
    ).map(({ row }) => row);
  /** The runner has taken the letter on and it rests again. */
  const rests = (id: string) => run.picture({ code: 250, text: `received as ${id}` });

  test('log in with a code; the login page and the inbox read well', async () => {
    await page.goto(`${url}/dang-nhap`);
    await look(page, '01-dang-nhap');
    await logIn(page, url, lan);
    await look(page, '02-hop-viec-trong');
  });

  test('a scan is decided with three ticks; two are not enough', async () => {
    const id = await arrives([
      [1, 'Trần Thị Bình', 'Chuyên viên', '0905123401'],
      [2, 'Lê Quang Cường', 'Phó Trưởng phòng', '0905123402'],
    ]);
    expect(await stateOf(id)).toBe('officer');
    await page.goto(`${url}/ho-so`);
    await look(page, '03-hop-viec');
    await page.click('th[scope=row] a');
    await look(page, '04-ban-quet');
    // The list beside the scan, and where its names were read.
    const readings = await page.locator('td[data-label="Trên bản quét"]').allTextContents();
    expect(readings).toHaveLength(2);
    for (const text of readings) expect(text).toMatch(/trang 1/);
    expect(await page.locator('svg.marks rect').count()).toBe(2);
    expect(await page.textContent('pre.letter')).toContain('<script>alert(1)</script>');
    await page.check('input[name=signature]');
    await page.check('input[name=seal]');
    await page.click('form[action$="/confirm-scan"] button');
    expect(await page.textContent('[role=alert]')).toContain('Danh sách kèm theo khớp với bản quét');
    expect(await page.isChecked('input[name=seal]')).toBe(true);
    await look(page, '05-thieu-dau');
    await page.check('input[name=list]');
    await page.click('form[action$="/confirm-scan"] button');
    await look(page, '06-da-xac-nhan');
    await rests(id);
    expect(await rowsOf(id)).toEqual([
      'binhtt.snv@quangbinh.gov.vn done',
      'cuonglq.snv@quangbinh.gov.vn done',
    ]);
    const [found] = await searchLog(run.db.sql, { letter: id, outcome: 'scan confirmed', limit: 1 });
    const documents = await run.db.sql<
      { sha256: string }[]
    >`select jsonb_array_elements(findings #> '{examine,documents}') ->> 'sha256' as sha256 from letter where id = ${id}`;
    expect(documents).toHaveLength(2);
    expect(found!.entry).toMatchObject({ actor: 'lan' });
    for (const { sha256 } of documents) expect(found!.entry['detail']).toContain(sha256);
  });

  test('of two officers one is told who was first, and nothing of the second is done', async () => {
    const id = await arrives([[1, 'Đặng Văn Long', 'Chuyên viên', '0905123406']], `${SUBJECT} (2)`);
    const other = await (await browser.newContext()).newPage();
    await logIn(other, url, minh);
    await Promise.all([page, other].map((one) => one.goto(`${url}/ho-so/${id}`)));
    await page.click('summary:has-text("Từ chối")');
    await page.selectOption('#reason', 'no_seal');
    await page.fill('#refuse-words', 'Trang 1 chỉ có chữ ký.');
    await page.click('form[action$="/refuse"] button');
    await look(page, '07-da-tu-choi');
    for (const name of ['signature', 'seal', 'list']) await other.check(`input[name=${name}]`);
    await other.click('form[action$="/confirm-scan"] button');
    expect(await other.textContent('main')).toContain('lan');
    await look(other, '08-hai-can-bo');
    expect(await stateOf(id)).toBe('refused');
    const seen = await rests(id);
    expect(seen.templates).toContain('declined');
    expect(seen.words).toContain('chưa có con dấu');
    expect(await rowsOf(id)).toEqual([]);
    await other.context().close();
  });

  test('a new scan is asked for, never refused', async () => {
    const id = await arrives([[1, 'Ngô Thị Phượng', 'Chuyên viên', '0905123407']], `${SUBJECT} (3)`);
    await page.goto(`${url}/ho-so/${id}`);
    await page.click('summary:has-text("Đề nghị gửi lại bản quét")');
    await page.check('input[name=fault][value=grey]');
    await page.click('form[action$="/ask-new-scan"] button');
    const seen = await rests(id);
    expect(seen).toMatchObject({ state: 'correction' });
    expect(seen.templates).toContain('rescan');
  });

  test('a sealed letter shows none of its words; it is kept sealed for good', async () => {
    const answer = await run.send(UNIT, letterWithScan(UNIT, null, workbook([]), 'MẬT: danh sách cán bộ'));
    await run.picture(answer);
    const id = /received as ([0-9a-f-]{36})/.exec(answer.text)![1]!;
    await page.goto(`${url}/ho-so/${id}`);
    expect(await page.textContent('main')).not.toContain('danh sách cán bộ');
    await look(page, '09-niem-phong');
    await page.click('summary:has-text("Giữ niêm phong")');
    await page.fill('#keep-words', 'Văn bản có dấu mật, đã báo đơn vị.');
    await page.click('form[action$="/keep-sealed"] button');
    expect(await stateOf(id)).toBe('sealed');
  });

  test('a letter is handed over and stands in the other officer’s own list', async () => {
    const id = await arrives([[1, 'Võ Ngọc Khánh', 'Chuyên viên', '0905123408']], `${SUBJECT} (4)`);
    await page.goto(`${url}/ho-so/${id}`);
    await page.click('summary:has-text("Chuyển người xử lý")');
    await page.selectOption('#to', 'minh');
    await page.click('form[action$="/hand-over"] button');
    await page.goto(`${url}/ho-so?cua=toi`);
    expect(await page.textContent('main')).toContain('Không có hồ sơ nào');
    const other = await (await browser.newContext()).newPage();
    await logIn(other, url, minh);
    await other.goto(`${url}/ho-so?cua=toi`);
    expect(await other.locator(`a[href="/ho-so/${id}"]`).count()).toBe(1);
    await other.context().close();
  });

  test('a leader’s colliding address is chosen, a row is given back, a row is refused', async () => {
    for (const [address, fullName] of [
      ['hoapt.snv@quangbinh.gov.vn', 'Phan Thị Hòa'],
      ['longtd.snv@quangbinh.gov.vn', 'Tạ Đình Long'],
    ] as const)
      await run.db.transaction((tx) =>
        addMailbox(tx.orm, {
          address,
          kind: 'person',
          fullName,
          unit: 'snv',
          state: 'active',
          createdAt: new Date(),
        }),
      );
    const id = await arrives(
      [
        [1, 'Phan Thị Hòa', 'Giám đốc', '0905123411'],
        [2, 'Tạ Đình Long', 'Phó Giám đốc', '0905123412'],
        [3, 'Nguyễn Văn Tám', 'Chuyên viên', '0905123413'],
        [4, 'Phan Thị Hòa', 'Trưởng phòng', '0905123414'],
      ],
      `${SUBJECT} (5)`,
    );
    await page.goto(`${url}/ho-so/${id}`);
    for (const name of ['signature', 'seal', 'list']) await page.check(`input[name=${name}]`);
    await page.click('form[action$="/confirm-scan"] button');
    await rests(id);
    expect(await rowsOf(id)).toEqual([
      'hoapt1.snv@quangbinh.gov.vn officer',
      'longtd1.snv@quangbinh.gov.vn officer',
      'tamnv.snv@quangbinh.gov.vn done',
      'hoapt2.snv@quangbinh.gov.vn officer',
    ]);
    await page.goto(`${url}/ho-so/${id}`);
    const row = (number: number) => page.locator(`tr:has(th:text-is("${number}")) + tr`);
    await row(1).locator('summary:has-text("Chấp nhận")').click();
    await look(page, '12-dong-cho-can-bo');
    await row(1).locator('input[name=address]').fill('hoapt.snv@quangbinh.gov.vn');
    await row(1).locator('form[action$="/accept-row"] button').click();
    expect(await page.textContent('[role=alert]')).toContain('đã được cấp cho người khác');
    expect(await row(1).locator('input[name=address]').inputValue()).toBe('hoapt.snv@quangbinh.gov.vn');
    await look(page, '13-dia-chi-da-cap');
    await row(1).locator('input[name=address]').fill('hoapt5.snv@quangbinh.gov.vn');
    await row(1).locator('form[action$="/accept-row"] button').click();
    await page.click('a:has-text("Xem lại hồ sơ")');
    await row(2).locator('summary:has-text("Trả lại để sửa")').click();
    await row(2)
      .locator('form[action$="/return-row"] textarea[name=words]')
      .fill('Chức vụ chưa có quyết định bổ nhiệm');
    await row(2).locator('textarea[name=fix]').fill('Ghi chức vụ theo quyết định');
    await row(2).locator('form[action$="/return-row"] button').click();
    await page.click('a:has-text("Xem lại hồ sơ")');
    await row(4).locator('summary:has-text("Không giải quyết")').click();
    await row(4).locator('select[name=reason]').selectOption('not_managed');
    await row(4).locator('form[action$="/refuse-row"] button').click();
    expect(await rowsOf(id)).toEqual([
      'hoapt5.snv@quangbinh.gov.vn done',
      'longtd1.snv@quangbinh.gov.vn faulty',
      'tamnv.snv@quangbinh.gov.vn done',
      'hoapt2.snv@quangbinh.gov.vn refused',
    ]);
    await page.goto(`${url}/ho-so/${id}`);
    await look(page, '14-tung-dong-mot');
    const seen = await rests(id);
    expect(seen.state).toBe('correction');
    expect(seen.templates.filter((name) => name === 'correction' || name === 'settled').toSorted()).toEqual([
      'correction',
      'settled',
    ]);
  });
});
