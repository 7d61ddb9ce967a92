import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runConsole, type RunningConsole } from '../harness/console.ts';
import { DOSSIER, writeStory } from '../harness/mail-log-story.ts';
import { launch, logIn, look, withChromium } from './browser.ts';

let run: RunningConsole;
let browser: Browser;
let page: Page;
const refusedByPolicy: string[] = [];

describe.skipIf(!withChromium)('the auditor’s part', () => {
  beforeAll(async () => {
    run = await runConsole();
    await writeStory(run.db, run.key, run.clock.now());
    browser = await launch();
    page = await browser.newPage();
    page.on('console', (message) => {
      if (/Content Security Policy/i.test(message.text())) refusedByPolicy.push(message.text());
    });
    await logIn(page, run.url, await run.account('kiem', 'auditor'));
  }, 90_000);
  afterAll(async () => {
    await browser.close();
    await run.close();
  });

  test('log in leads to the search; a letter is found by words without accents and followed to its proof', async () => {
    expect(new URL(page.url()).pathname).toBe('/nhat-ky');
    await look(page, '20-nhat-ky');
    await page.fill('#q', 'nguyen thi huong');
    await page.keyboard.press('Enter');
    await page.waitForURL(/q=nguyen/);
    expect(await page.locator('tbody tr').count()).toBe(1);
    await look(page, '21-tim-thay');
    await page.click(`a:has-text("${DOSSIER}")`);
    expect(await page.textContent('h1')).toContain(DOSSIER);
    await look(page, '22-dien-bien');
    await page.click('ol.timeline a');
    await look(page, '23-muc');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.click('a[href$="/chung-minh"]'),
    ]);
    expect(download.suggestedFilename()).toMatch(/^muc-\d+\.tlog-proof$/);
  });

  test('the overview of a month and of a year', async () => {
    await page.click('nav.places a[href="/nhat-ky/thang"]');
    await look(page, '24-thang');
    await page.click('.periods a[href$="ky=2026"]');
    await look(page, '25-nam');
  });

  test('verification runs while one looks on, and says what it found', async () => {
    await page.click('nav.places a[href="/nhat-ky/kiem-chung"]');
    await look(page, '26-kiem-chung');
    await page.click('form[action="/nhat-ky/kiem-chung"] button');
    await page.waitForSelector('.note.good', { timeout: 60_000 });
    expect(await page.textContent('.note.good')).toContain('Nhật ký toàn vẹn');
    await look(page, '27-toan-ven');
  });

  test('a log changed by a superuser is told in red, on the timeline and by the check', async () => {
    await run.db.sql.begin(async (tx) => {
      await tx`set local session_replication_role = replica`;
      await tx`update mail_log.mail_event set entry = replace(entry, 'Hường', 'Hương') where dossier = ${DOSSIER}`;
    });
    await page.goto(`${run.url}/nhat-ky/ho-so/${DOSSIER}`);
    expect(await page.textContent('[role=alert]')).toContain('KHÔNG khớp');
    await look(page, '28-bi-sua');
    await page.goto(`${run.url}/nhat-ky/kiem-chung`);
    await page.click('form[action="/nhat-ky/kiem-chung"] button');
    await page.waitForSelector('.note.wrong', { timeout: 60_000 });
    expect(await page.textContent('.note.wrong')).toContain('was changed');
    await look(page, '29-khong-toan-ven');
  });

  test('export and own accesses', async () => {
    await page.goto(`${run.url}/nhat-ky/ket-xuat`);
    await look(page, '30-ket-xuat');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.click('form[action="/nhat-ky/ket-xuat"] button'),
    ]);
    expect(download.suggestedFilename()).toMatch(/^nhat-ky-thu-.*\.zip$/);
    expect(await download.failure()).toBeNull();
    await page.click('nav.places a[href="/nhat-ky/luu-tru"]');
    expect(await page.textContent('main')).toContain('12 tháng trọn');
    await look(page, '33-thoi-han-luu');
    await page.click('nav.places a[href="/nhat-ky/truy-cap"]');
    await look(page, '31-truy-cap');
  });

  test('in English too; the policy had nothing to refuse; all of it works without script', async () => {
    await page.goto(`${run.url}/nhat-ky?lang=en`);
    await look(page, '32-english');
    expect(refusedByPolicy).toEqual([]);
    const cookies = await page.context().cookies();
    const plain = await browser.newContext({ javaScriptEnabled: false });
    await plain.addCookies(cookies);
    const quiet = await plain.newPage();
    await quiet.goto(`${run.url}/nhat-ky?lang=vi`);
    await quiet.selectOption('#kq', 'tu-choi');
    await quiet.click('form[role=search] button');
    expect(await quiet.textContent('tbody')).toContain('Từ chối người gửi');
    await plain.close();
  });
});
