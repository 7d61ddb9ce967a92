import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { officialDocx } from '../../src/notices/official-docx.ts';
import type { OfficialDraft } from '../../src/notices/official-draft.ts';
import { officialPdf } from '../../src/notices/official-pdf.ts';
import { signPdf } from '../../src/notices/sign-pdf.ts';
import { loadSigningKey, type SigningKey } from '../../src/notices/sign.ts';
import { createParserPool, type ParserPool } from '../../src/parser-process/pool.ts';
import { buildPki, openssl, type Pki } from '../harness/openssl-pki.ts';

const AT = new Date('2026-03-02T03:00:00Z');
const DRAFT: OfficialDraft = {
  superior: 'UBND TỈNH QUẢNG BÌNH',
  organ: 'SỞ THÔNG TIN VÀ TRUYỀN THÔNG',
  number: 'Số: 12/STTTT-TĐT',
  placeAndDate: 'Quảng Bình, ngày 02 tháng 03 năm 2026',
  about: 'V/v kết quả cấp mới hộp thư điện tử công vụ',
  to: 'Sở Nội vụ',
  blocks: [
    { block: 'prose', text: 'Căn cứ Điều 4 Quy chế, Sở thông báo kết quả như sau:' },
    {
      block: 'table',
      table: {
        headings: ['STT', 'Họ và tên', 'Kết quả'],
        rows: Array.from({ length: 60 }, (_, i) => [String(i + 1), 'Nguyễn Thị Ưởng', 'Đã cấp mới']),
      },
    },
  ],
  signer: 'GIÁM ĐỐC',
  recipients: ['Như trên;', 'Lưu: VT.'],
};
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-official-'));
const file = (name: string, bytes: Buffer): string => {
  const at = path.join(dir, name);
  fs.writeFileSync(at, bytes);
  return at;
};
let pki: Pki;
let key: SigningKey;
let pool: ParserPool;
let pdf: Buffer;

beforeAll(async () => {
  pki = buildPki(path.join(dir, 'pki'));
  const leaf = pki.leaf('operator', { email: 'stttt@quangbinh.gov.vn', commonName: 'So TTTT', ec: true });
  const p12 = path.join(dir, 'o.p12');
  const pair = ['-inkey', leaf.key, '-in', leaf.cert, '-certfile', pki.issuing];
  openssl(['pkcs12', '-export', ...pair, '-passout', 'pass:t', '-out', p12]);
  key = loadSigningKey(p12, 't');
  pool = createParserPool({ children: 1 });
  pdf = await officialPdf(DRAFT, AT, true);
}, 60_000);
afterAll(() => {
  pool.close();
  fs.rmSync(dir, { recursive: true });
});

const verdict = async (bytes: Buffer): Promise<string> => {
  const { anchors, intermediates, crls } = pki;
  const trustDirs = { anchors, intermediates, crls };
  const { evidence } = await pool.verifyFile({ name: 'a.pdf', bytes, at: AT, now: AT, trustDirs });
  return evidence.verdict.verdict;
};

test('our own examination passes the signed reply, and only as it was signed', async () => {
  const signed = signPdf(pdf, key);
  expect(await verdict(signed)).toBe('TOTAL-PASSED');
  const altered = Buffer.from(signed);
  altered[altered.length - 60]! ^= 1;
  expect(await verdict(altered)).toBe('TOTAL-FAILED');
  expect(() => signPdf(signed, key)).toThrow('no empty signature');
});

const missing = !fs.existsSync('/usr/bin/pdfsig') && process.env['CONGTHU_TEST_ALL'] !== '1';
test.skipIf(missing)('pdfsig agrees, on several pages', () => {
  const signed = file('signed.pdf', signPdf(pdf, key));
  const said = execFileSync('pdfsig', ['-nocert', signed]).toString();
  expect(said).toContain('Signature is Valid');
  expect(said).toContain('Total document signed');
  expect(said).toContain('ETSI.CAdES.detached');
  const text = execFileSync('pdftotext', [signed, '-']).toString();
  expect(text).toContain('Độc lập - Tự do - Hạnh phúc');
  expect(text.match(/Nguyễn Thị Ưởng/g)).toHaveLength(60);
});

test('the docx says the same, in Times New Roman', async () => {
  const mammoth = await import('mammoth');
  const docx = await officialDocx(DRAFT);
  const { value } = await mammoth.extractRawText({ buffer: docx });
  expect(value).toContain('CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM');
  expect(value).toContain('Kính gửi: Sở Nội vụ');
  expect(value.match(/Nguyễn Thị Ưởng/g)).toHaveLength(60);
});
