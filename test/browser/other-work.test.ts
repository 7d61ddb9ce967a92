import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { loadSecret } from '../../src/notices/activation-link.ts';
import { makeAccount, type TestAccount } from '../harness/console.ts';
import { runGateway, type RunningGateway } from '../harness/gateway.ts';
import { signAnyPdf } from '../harness/pdf-any-signer.ts';
import { cadesCms } from '../harness/pdf-signer.ts';
import { launch, logIn, look, withChromium } from './browser.ts';
import { workbook } from './letters.ts';

let run: RunningGateway;
let browser: Browser;
let url: string;
let lan: TestAccount;
let minh: TestAccount;
let page: Page;

describe.skipIf(!withChromium)('what waits for officers besides letters', { timeout: 120_000 }, () => {
  beforeAll(async () => {
    run = await runGateway({ CONGTHU_PROVISIONER: 'manual', CONGTHU_SIGN_REPLIES: 'no' });
    browser = await launch();
    url = `http://127.0.0.1:${run.gateway.console.port}`;
    const secret = loadSecret(run.dir);
    lan = await makeAccount(run.db, systemClock, secret, 'lan', 'officer');
    minh = await makeAccount(run.db, systemClock, secret, 'minh', 'officer');
    // Everything here works without script.
    page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
    await logIn(page, url, lan);
  }, 90_000);
  afterAll(async () => {
    await browser.close();
    await run.gateway.stop();
    await run.close();
  });

  const text = async () => (await page.textContent('main')) ?? '';

  /** A paper request, so that rows come to be carried out by hand. */
  async function request(number: string, name: string): Promise<string> {
    await page.goto(`${url}/van-ban-giay`);
    await page.fill('#unit', 'snv');
    await page.fill('#number', number);
    await page.fill('#date', new Date().toISOString().slice(0, 10));
    await page.check('input[name=kind][value=CREATE_PERSON]');
    await page.setInputFiles('#list', {
      name: 'danh-sach.xlsx',
      mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      buffer: workbook([[1, name, 'Chuyên viên', '0905123401']]),
    });
    await page.click('main form button');
    const id = (await page.getAttribute('a.button.primary', 'href'))!.split('/').at(-1)!;
    await run.picture({ code: 250, text: `received as ${id}` });
    return id;
  }

  test('an order is ticked off; its row goes on to the reply document that is to be signed', async () => {
    const id = await request('41/SNV-VP', 'Trần Thị Bình');
    await page.click('nav.places a[href="/viec-khac"]');
    expect(await text()).toContain('Tạo hộp thư');
    expect(await text()).toContain('binhtt.snv@quangbinh.gov.vn');
    const other = await (await browser.newContext()).newPage();
    await logIn(other, url, minh);
    await other.goto(`${url}/viec-khac`);
    await look(other, '40-viec-khac');
    await page.click('button:has-text("Đã thực hiện")');
    expect(await text()).toContain('Đã ghi nhận kết quả thực hiện');
    await other.click('button:has-text("Đã thực hiện")');
    expect(await other.textContent('h1')).toContain('Đã được xử lý trước đó');
    await look(other, '41-viec-khac-tranh');
    await other.context().close();
    await page.goto(`${url}/ho-so/${id}`);
    expect(await text()).toContain('Ban hành văn bản phúc đáp');
  });

  test('the draft is taken away as Word and PDF; an unsigned or foreign file is told why, the signed one is sent', async () => {
    const href = await page.getAttribute('a:has-text("Tải bản PDF")', 'href');
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('a:has-text("docx")')]);
    expect(download.suggestedFilename()).toMatch(/^TN-\d{4}-\d{6}-phuc-dap\.docx$/);
    const draft = await (await page.request.get(url + href!)).body();
    expect(draft.subarray(0, 5).toString()).toBe('%PDF-');
    const attach = async (buffer: Buffer) => {
      await page.setInputFiles('input[name=file]', { name: 'ký.pdf', mimeType: 'application/pdf', buffer });
      await page.click('button:has-text("Kiểm tra chữ ký và gửi")');
    };
    const signed = (email: string) =>
      signAnyPdf(draft, {
        leaf: run.pki.leaf(email.split('@')[0]!, { email, commonName: 'Co quan' }),
        pki: run.pki,
        field: 'So',
        subFilter: 'ETSI.CAdES.detached',
        cms: cadesCms,
      });
    await attach(draft);
    expect(await page.textContent('[role=alert]')).toContain('chưa có chữ ký số');
    await attach(signed('snv@quangbinh.gov.vn'));
    expect(await page.textContent('[role=alert]')).toContain('không phải của Sở Thông tin và Truyền thông');
    await attach(signed('stttt@quangbinh.gov.vn'));
    expect(await text()).toContain('Chữ ký số hợp lệ');
    await page.click('a:has-text("Xem hồ sơ")');
    expect(await text()).toContain('Đã ký, đã gửi');
    expect(await text()).toContain('Đã hoàn tất');
    const told = await run.db.sql<{ text: string }[]>`select text from notice where template = 'completed'`;
    expect(told).toHaveLength(1);
    expect(told[0]!.text).not.toMatch(/activation|kich-hoat|địa chỉ riêng/);
  });

  test('why something cannot be done is asked for; a notice that did not arrive is sent again', async () => {
    const id = await request('42/SNV-VP', 'Lê Quang Cường');
    await page.goto(`${url}/viec-khac`);
    await page.click('summary:has-text("Không thực hiện được")');
    await page.fill('input[name=reason]', 'Máy chủ thư đã hết dung lượng, chờ mở rộng');
    await page.click('button:has-text("Ghi nhận không thực hiện được")');
    await page.goto(`${url}/ho-so/${id}`);
    expect(await text()).toContain('Máy chủ thư đã hết dung lượng');
    await run.db
      .sql`update notice set state = 'bounced', last_error = '550 5.2.2 mailbox full' where template = 'received'`;
    const seen = await browser.newPage();
    await logIn(seen, url, minh);
    await seen.goto(`${url}/viec-khac`);
    await look(seen, '42-thu-bao-chua-den');
    await seen.click('button:has-text("Gửi lại") >> nth=0');
    expect(await seen.textContent('main')).toContain('được gửi lại');
    await seen.context().close();
  });

  test('a deletion is decided; an auditor has no business here', async () => {
    await run.db.sql`insert into deletion_candidate (address, since, holds_on, source, proposed_at)
      values ('annv.snv@quangbinh.gov.vn', '2025-01-01', '2025-07-01', 'QB-7.1', now())`;
    await page.goto(`${url}/viec-khac`);
    await page.click('button:has-text("Giữ lại")');
    expect(await text()).toContain('Đã giữ lại hộp thư annv.snv@quangbinh.gov.vn');
    const hoa = await makeAccount(run.db, systemClock, loadSecret(run.dir), 'hoa', 'auditor');
    const other = await (await browser.newContext()).newPage();
    await logIn(other, url, hoa);
    expect((await other.goto(`${url}/viec-khac`))!.status()).toBe(403);
    await other.context().close();
  });
});
