import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nameDelegate } from '../../src/store/delegates.ts';
import { upsertMailboxes, upsertUnits } from '../../src/store/registry.ts';
import { runConsole, type RunningConsole } from '../harness/console.ts';
import { launch, logIn, look, withChromium } from './browser.ts';
import { scannedPage } from './letters.ts';

let run: RunningConsole;
let browser: Browser;
let page: Page;

describe.skipIf(!withChromium)('the unit registry', () => {
  beforeAll(async () => {
    run = await runConsole();
    const now = run.clock.now();
    const common = { regulation: 'vn-quangbinh-41-2015', level: 'so' };
    const unit = (code: string, name: string) => ({
      ...common,
      code,
      name,
      mailbox: `${code}@quangbinh.gov.vn`,
      abbreviation: code,
    });
    await run.db.transaction(async (tx) => {
      await upsertUnits(tx, [unit('snv', 'Sở Nội vụ'), unit('sct', 'Sở Công Thương')]);
      await upsertMailboxes(tx, [
        {
          address: 'namdh.snv@quangbinh.gov.vn',
          kind: 'person',
          fullName: 'Đỗ Hữu Nam',
          position: 'Chuyên viên Phòng Tổ chức, biên chế và tổ chức phi chính phủ',
          unit: 'snv',
          state: 'locked',
          createdAt: now,
          lockedAt: now,
        },
      ]);
      await nameDelegate(tx, {
        unit: 'snv',
        fullName: 'Lê Thị Hoa',
        position: 'Văn thư',
        phone: '0905123409',
        namedBy: 'TN-2026-000001',
        since: now,
      });
    });
    browser = await launch();
    page = await browser.newPage();
    await logIn(page, run.url, await run.account('lan', 'officer'));
  }, 90_000);
  afterAll(async () => {
    await browser.close();
    await run.close();
  });

  test('a unit is found without accents, by keyboard alone', async () => {
    await page.click('nav.places a:has-text("Sổ đăng ký đơn vị")');
    await look(page, '30-don-vi');
    await page.keyboard.press('/');
    await page.keyboard.type('so noi vu');
    await page.keyboard.press('Enter');
    await page.waitForURL(/q=so/);
    expect(await page.locator('tbody tr').count()).toBe(1);
    await page.locator('main').focus();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForSelector('h1:has-text("Sở Nội vụ")');
    const text = await page.textContent('main');
    for (const words of ['namdh.snv@quangbinh.gov.vn', 'Đang khóa', 'Lê Thị Hoa', 'Chưa đăng ký mẫu dấu'])
      expect(text).toContain(words);
    await look(page, '31-mot-don-vi');
  });

  test('a seal is enrolled and shown', async () => {
    const { picture } = await scannedPage(browser, []);
    await page.click('summary:has-text("Đăng ký mẫu dấu")');
    await page.setInputFiles('#seal-file', { name: 'dau.jpg', mimeType: 'image/jpeg', buffer: picture });
    await page.click('button:has-text("Ghi mẫu dấu")');
    await page.waitForSelector('[role=status]:has-text("Đã ghi")');
    const width = await page.evaluate<number>('document.querySelector(".seals img").naturalWidth');
    expect(width).toBe(1654);
    await look(page, '32-mau-dau');
  });

  test('what is wrong is told above the form, and what was typed stays', async () => {
    await page.fill('#unit-mailbox', 'sct@quangbinh.gov.vn');
    await page.fill('#unit-name', 'Sở Nội vụ tỉnh');
    await page.click('button:has-text("Ghi thay đổi")');
    expect(await page.textContent('[role=alert]')).toContain('đã là hộp thư của Sở Công Thương');
    expect(await page.inputValue('#unit-name')).toBe('Sở Nội vụ tỉnh');
    await look(page, '33-sua-sai');
  });

  test('a unit is registered', async () => {
    await page.goto(`${run.url}/don-vi/moi`);
    await page.fill('#unit-code', 'ubnd.an-ninh');
    await page.fill('#unit-name', 'Ủy ban nhân dân xã An Ninh');
    await page.selectOption('#unit-level', { label: 'Ủy ban nhân dân xã, phường, thị trấn' });
    await page.fill('#unit-parent', 'snv');
    await look(page, '34-them-don-vi');
    await page.click('button:has-text("Ghi vào sổ")');
    await page.waitForSelector('h1:has-text("xã An Ninh")');
    expect(await page.textContent('dl.facts')).toContain('Sở Nội vụ');
  });

  test('all of it works without script, in English too', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const plain = await context.newPage();
    await logIn(plain, run.url, await run.account('minh', 'admin'));
    await plain.goto(`${run.url}/don-vi/snv?lang=en`);
    expect(await plain.textContent('main')).toContain('Change the entry');
    await plain.uncheck('input[name=active]');
    await plain.click('button:has-text("Record") >> nth=-1');
    expect(await plain.textContent('main')).toContain('Not active');
    await context.close();
  });
});
