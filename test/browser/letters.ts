import type { Browser } from 'playwright-core';
import { writeWorkbook } from '../../src/lists/write-workbook.ts';
import { INTAKE } from '../harness/gateway.ts';

/** Letters a unit sends with a scan of its signed and sealed paper beside an editable list. */
export type Cells = readonly (string | number | null)[];

const HEAD = ['STT', 'Họ và tên', 'Chức vụ', 'Số điện thoại'];
let count = 0;
const encoded = (text: string): string => `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`;
const lines = (bytes: Buffer): string => bytes.toString('base64').replaceAll(/.{76}/g, '$&\r\n');

export const workbook = (rows: readonly Cells[], head: readonly string[] = HEAD): Buffer =>
  writeWorkbook('Danh sách', [['DANH SÁCH ĐỀ NGHỊ CẤP MỚI HỘP THƯ'], [], head, ...rows]);

export function letterWithScan(from: string, scan: Buffer | null, list: Buffer, subject: string): Buffer {
  const file = (name: string, type: string, bytes: Buffer): string =>
    `--ranh\r\nContent-Type: ${type}\r\nContent-Disposition: attachment; filename="${name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n${lines(bytes)}\r\n`;
  return Buffer.from(
    [
      `Authentication-Results: mx.quangbinh.gov.vn; dmarc=pass header.from=${from.split('@')[1]!}`,
      `From: ${from}`,
      `To: ${INTAKE}`,
      `Subject: ${encoded(subject)}`,
      `Message-ID: <desk-${++count}@${from.split('@')[1]!}>`,
      `Date: ${new Date().toUTCString()}`,
      'MIME-Version: 1.0',
      'Content-Type: multipart/mixed; boundary=ranh',
      '',
      '--ranh',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: 8bit',
      '',
      'Kính gửi Sở Thông tin và Truyền thông,',
      'Đề nghị cấp mới hộp thư điện tử công vụ theo danh sách kèm theo. <script>alert(1)</script>',
      '',
      (scan === null ? '' : file('cong-van.pdf', 'application/pdf', scan)) +
        file('danh-sach.xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', list) +
        '--ranh--',
      '',
    ].join('\r\n'),
  );
}

/** A page as a scanner hands it over: one picture of a letter with ink and a round red stamp, nothing else. */
export async function scannedPage(
  browser: Browser,
  names: readonly string[],
): Promise<{ pdf: Buffer; picture: Buffer }> {
  const page = await browser.newPage({ viewport: { width: 1654, height: 2339 } });
  await page.setContent(`<body style="margin:0;background:#fdfcf8;font:32px Liberation Serif;padding:140px">
    <p style="text-align:center"><b>ỦY BAN NHÂN DÂN TỈNH QUẢNG BÌNH<br>SỞ NỘI VỤ</b></p><p>Số: 12/SNV-VP</p>
    <p>Kính gửi: Sở Thông tin và Truyền thông</p><p>Sở Nội vụ đề nghị cấp mới hộp thư điện tử công vụ cho:</p>
    <ol>${names.map((name) => `<li>${name}</li>`).join('')}</ol>
    <svg width="700" height="420" style="margin:80px 0 0 600px"><g fill="none" stroke="#c8102e" opacity=".85">
    <circle cx="200" cy="200" r="138" stroke-width="7"/><circle cx="200" cy="200" r="96" stroke-width="4"/></g>
    <text x="140" y="215" fill="#c8102e" font-size="40" opacity=".85">SỞ NỘI VỤ</text>
    <path d="M180 260 C 260 60, 330 330, 390 190 S 470 120, 560 240" fill="none" stroke="#1a2f8a" stroke-width="6"/></svg></body>`);
  const picture = await page.screenshot({ type: 'jpeg', quality: 80 });
  await page.setContent(
    `<body style="margin:0"><img style="width:210mm" src="data:image/jpeg;base64,${picture.toString('base64')}"></body>`,
  );
  const pdf = await page.pdf({ width: '210mm', height: '297mm', printBackground: true });
  await page.close();
  return { pdf, picture };
}
