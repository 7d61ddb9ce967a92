import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { loadSecret } from '../../src/notices/activation-link.ts';
import { localTime } from '../../src/rules/calendar.ts';
import { makeAccount, type TestAccount } from '../harness/console.ts';
import { runGateway, type RunningGateway } from '../harness/gateway.ts';
import { launch, logIn, look, withChromium } from './browser.ts';
import { scannedPage, workbook } from './letters.ts';

let run: RunningGateway;
let browser: Browser;
let url: string;
let lan: TestAccount;

describe.skipIf(!withChromium)('paper requests', { timeout: 90_000 }, () => {
  beforeAll(async () => {
    run = await runGateway();
    browser = await launch();
    url = `http://127.0.0.1:${run.gateway.console.port}`;
    lan = await makeAccount(run.db, systemClock, loadSecret(run.dir), 'lan', 'officer');
  }, 90_000);
  afterAll(async () => {
    await browser.close();
    await run.gateway.stop();
    await run.close();
  });

  const today = localTime(systemClock.now()).date;
  const list = (...names: string[]) => ({
    name: 'danh-sach.xlsx',
    mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    buffer: workbook(names.map((name, i) => [i + 1, name, 'Chuyên viên', `090512341${i}`])),
  });

  async function fill(page: Page, number: string): Promise<void> {
    await page.goto(`${url}/van-ban-giay`);
    await page.fill('#unit', 'Sở Nội vụ (snv)');
    await page.fill('#number', number);
    await page.fill('#date', today);
    await page.check('input[name=kind][value=CREATE_PERSON]');
  }

  test('a paper is entered by keyboard, without script; its mailboxes are made and the unit is told', async () => {
    const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
    await logIn(page, url, lan);
    await page.click('nav.places a[href="/van-ban-giay"]');
    await page.focus('#unit');
    // A field after the other; the heading of the list of kinds is no stop.
    await page.keyboard.type('snv');
    await page.keyboard.press('Tab');
    await page.keyboard.type('31/SNV-VP');
    await page.fill('#date', today);
    await page.focus('input[name=kind][value=CREATE_PERSON]');
    await page.keyboard.press('Space');
    const { pdf } = await scannedPage(browser, ['Trần Thị Bình']);
    await page.setInputFiles('#scan', { name: 'bản quét.pdf', mimeType: 'application/pdf', buffer: pdf });
    await page.setInputFiles('#list', list('Trần Thị Bình'));
    await page.focus('#number');
    await page.keyboard.press('Enter');
    const link = await page.getAttribute('a.button.primary', 'href');
    const id = link!.split('/').at(-1)!;
    const seen = await run.picture({ code: 250, text: `received as ${id}` });
    expect(seen).toMatchObject({ state: 'completed', rows: ['binhtt.snv@quangbinh.gov.vn done'] });
    expect(seen.templates).toEqual(['received', 'completed']);
    await page.goto(url + link!);
    expect(await page.textContent('main')).toContain('văn bản giấy do cán bộ nhập');
    expect(await page.textContent('main')).toContain('31/SNV-VP');
    await page.context().close();
  });

  test('what is missing is told and what was typed stays; a document entered before is shown', async () => {
    const page = await browser.newPage();
    await logIn(page, url, lan);
    await fill(page, '32/SNV-VP');
    await look(page, '30-van-ban-giay');
    await page.click('main form button');
    expect(await page.textContent('[role=alert]')).toContain('Kèm tệp danh sách');
    expect(await page.inputValue('#number')).toBe('32/SNV-VP');
    expect(await page.isChecked('input[name=kind][value=CREATE_PERSON]')).toBe(true);
    await look(page, '31-van-ban-giay-thieu');
    await page.setInputFiles('#list', list('Lê Quang Cường'));
    await page.click('main form button');
    await look(page, '32-van-ban-giay-da-nhap');
    await fill(page, '32/SNV-VP');
    await page.setInputFiles('#list', list('Lê Quang Cường'));
    await page.click('main form button');
    expect(await page.textContent('h1')).toContain('đã được nhập');
    await look(page, '33-van-ban-giay-trung');
    await page.context().close();
  });

  test('nobody else’s page can send the form', async () => {
    const page = await browser.newPage();
    await logIn(page, url, lan);
    await fill(page, '33/SNV-VP');
    await page.evaluate(`document.querySelector('main input[name=csrf]').value = 'x'`);
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.request().method() === 'POST'),
      page.click('main form button'),
    ]);
    expect(answer.status()).toBe(403);
    const found = await run.db.sql`select 1 from letter where facts ->> 'subject' like '%33/SNV%'`;
    expect(found).toHaveLength(0);
    await page.context().close();
  });
});
