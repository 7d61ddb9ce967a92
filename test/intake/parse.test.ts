import { randomBytes } from 'node:crypto';

import fc from 'fast-check';
import { simpleParser } from 'mailparser';
import { createTransport } from 'nodemailer';
import type { SendMailOptions } from 'nodemailer';
import { describe, expect, it } from 'vitest';

import { htmlToText } from '../../src/intake/html-text.ts';
import { createOutliner } from '../../src/intake/outline.ts';
import type { Outline } from '../../src/intake/outline.ts';
import { parseLetter } from '../../src/intake/parse.ts';
import type { ParsedLetter } from '../../src/intake/parse.ts';
import { letterOf } from '../../src/intake/raw-letter.ts';
import { standstill } from '../harness/standstill.ts';

const parse = (text: string | Buffer): Promise<ParsedLetter> =>
  parseLetter(letterOf(typeof text === 'string' ? Buffer.from(text) : text));

async function composed(mail: SendMailOptions): Promise<Buffer> {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  return (await transport.sendMail({ from: 'snv@quangbinh.gov.vn', to: 'hotro@quangbinh.gov.vn', ...mail }))
    .message as Buffer;
}

describe('parseLetter', () => {
  it('reads a request as a unit sends it', async () => {
    const letter = await parse(
      await composed({
        from: 'Sở Nội vụ <snv@quangbinh.gov.vn>',
        subject: 'Đề nghị cấp mới hộp thư điện tử công vụ năm 2026',
        text: 'Kính gửi: Sở Thông tin và Truyền thông\n',
        html: '<p>Kính gửi</p>',
        messageId: '<cv-1@quangbinh.gov.vn>',
        inReplyTo: '<hoi@quangbinh.gov.vn>',
        references: ['<a@quangbinh.gov.vn>', '<hoi@quangbinh.gov.vn>'],
        attachments: [
          { filename: 'Danh sách.xlsx', content: randomBytes(5000) },
          { filename: 'cv.pdf', content: randomBytes(1234) },
        ],
      }),
    );
    expect(letter).toMatchObject({
      author: { ok: true, address: 'snv@quangbinh.gov.vn' },
      automatic: null,
      forwarded: null,
      messageId: '<cv-1@quangbinh.gov.vn>',
      inReplyTo: ['<hoi@quangbinh.gov.vn>', '<a@quangbinh.gov.vn>'],
      subject: 'Đề nghị cấp mới hộp thư điện tử công vụ năm 2026',
      attachments: [
        { filename: 'Danh sách.xlsx', size: 5000 },
        { filename: 'cv.pdf', size: 1234 },
      ],
      limit: null,
    });
    expect(letter.bodyText.trim()).toBe('Kính gửi: Sở Thông tin và Truyền thông');
  });

  it('makes text of a letter that has only HTML', async () => {
    const letter = await parse(
      await composed({ html: '<style>p{}</style><p>Kính gửi:<br>S&ocirc;&#7903; A</p>' }),
    );
    expect(letter.bodyText).toBe('Kính gửi:\nSôở A');
  });

  it('puts decomposed Vietnamese (windows-1258) together', async () => {
    const letter = await parse(
      'From: a@b.vn\r\nContent-Type: text/plain; charset=windows-1258\r\n\r\nti\xea\xecng\r\n',
    );
    expect(letter.bodyText).toBe(letter.bodyText.normalize('NFC'));
  });

  it('keeps names of files as labels, never as paths', async () => {
    const part = (name: string): string =>
      `--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename="${name}"\r\n\r\nx\r\n`;
    const names = ['../../etc/passwd', 'C:\\\\a\\\\b.pdf', 'fdp\u202Eexe.pdf', 'a\u0300.pdf'];
    const letter = await parse(
      `From: a@b.vn\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${names.map(part).join('')}--b--\r\n`,
    );
    expect(letter.attachments.map(({ filename }) => filename)).toEqual([
      'passwd',
      'b.pdf',
      'fdpexe.pdf',
      'à.pdf',
    ]);
  });

  it.each([
    ['Auto-Submitted: auto-replied', 'auto-submitted: auto-replied'],
    ['Auto-Submitted: no', null],
    ['Auto-Submitted: No; x=y', null],
    ['Auto-Submitted: no-really', 'auto-submitted: no-really'],
    ['Precedence: Bulk', 'precedence: Bulk'],
    ['Precedence: first-class', null],
    ['List-Id: <ds.quangbinh.gov.vn>', 'list-id: <ds.quangbinh.gov.vn>'],
    ['X-Auto-Response-Suppress: All', 'x-auto-response-suppress: All'],
    ['X-Auto-Response-Suppress: None', null],
    ['X-Autoreply: yes', 'x-autoreply: yes'],
    ['Content-Type: multipart/report; boundary=b', 'content-type: multipart/report; boundary=b'],
  ])('%s → automatic %j', async (field, automatic) => {
    expect((await parse(`From: a@b.vn\r\n${field}\r\n\r\nx\r\n`)).automatic).toBe(automatic);
  });

  it.each([
    ['Resent-From: x@gmail.com', 'resent-from: x@gmail.com'],
    ['X-Forwarded-For: x@gmail.com y@z.vn', 'x-forwarded-for: x@gmail.com y@z.vn'],
    ['Autoforwarded: TRUE', 'autoforwarded: TRUE'],
    ['Autoforwarded: false', null],
    ['Received: from a by b', null],
  ])('%s → forwarded %j', async (field, forwarded) => {
    expect((await parse(`From: a@b.vn\r\n${field}\r\n\r\nx\r\n`)).forwarded).toBe(forwarded);
  });

  it.each([
    ['header', `From: a@b.vn\r\n${'X-Filler: x\r\n'.repeat(170_000)}From: c@d.vn\r\n\r\nx\r\n`],
    [
      'parts',
      `From: a@b.vn\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(1500)}--b--`,
    ],
    [
      'part-header',
      `From: a@b.vn\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n${'X: y\r\n'.repeat(20_000)}`,
    ],
    [
      'part-header',
      `From: a@b.vn\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${`--b\r\n${'X: y\r\n'.repeat(500)}\r\nx\r\n`.repeat(150)}--b--`,
    ],
    [
      'part-header',
      `From: a@b.vn\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${`--b${' '.repeat(900)}\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n`.repeat(1000)}`,
    ],
    [
      'depth',
      `From: a@b.vn\r\n${Array.from({ length: 40 }, (_, i) => `Content-Type: multipart/mixed; boundary=b${i}x\r\n\r\n--b${i}x\r\n`).join('')}`,
    ],
  ])('names the limit a bomb reached: %s', async (limit, text) => {
    const letter = await parse(text);
    expect(letter.limit).toBe(limit);
    expect(letter.author.ok).toBe(limit !== 'header');
  });

  it('keeps little of a letter of many texts while it comes in, and knows the size of each', () => {
    const outliner = createOutliner();
    outliner.feed(Buffer.from('Content-Type: multipart/mixed; boundary=b\r\n\r\n'));
    const part = Buffer.from(`--b\r\n\r\n${'x'.repeat(99_998)}\r\n`);
    for (let i = 0; i < 200; i += 1) outliner.feed(part);
    const { reduced, sizes, limit } = outliner.end();
    expect(reduced.length).toBeLessThan(600_000);
    expect(sizes).toEqual(Array.from({ length: 200 }, (_, i) => (i < 199 ? 99_998 : 100_000)));
    expect(limit).toBeNull();
  });

  it('HTML, however much, does not take the place of the text', async () => {
    const html = `--b\r\nContent-Type: text/html\r\n\r\n${'<p>x</p>'.repeat(50_000)}\r\n`;
    const letter = await parse(
      `From: a@b.vn\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${html.repeat(3)}--b\r\n\r\nKinh gui\r\n--b--\r\n`,
    );
    expect(letter.bodyText.trim()).toBe('Kinh gui');
  });

  it('gives at most 64 KiB of text, whole characters', async () => {
    const letter = await parse(
      `From: a@b.vn\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${'ệ'.repeat(50_000)}\r\n`,
    );
    expect(Buffer.byteLength(letter.bodyText)).toBeLessThanOrEqual(65_536);
    expect(Buffer.byteLength(letter.bodyText)).toBeGreaterThan(65_530);
    expect(letter.bodyText).toMatch(/^ệ+$/);
  });

  it.each([
    [
      '50 MB attachment',
      `Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n${`${'QUJD'.repeat(19)}\r\n`.repeat(640_000)}`,
    ],
    [
      '50 MB in one line',
      `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/pdf\r\n\r\n${'x'.repeat(5e7)}\r\n--b--\r\n`,
    ],
    ['5 MB of text', `Content-Type: text/plain\r\n\r\n${'Kinh gui http://a.vn/x '.repeat(220_000)}`],
    ['5 MB of HTML', `Content-Type: text/html\r\n\r\n${'<a href="http://a.vn">x</a>&amp;<'.repeat(160_000)}`],
    [
      'lines of dashes',
      `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n${'--x\r\n'.repeat(1_000_000)}`,
    ],
  ])('does not stand still on %s', async (_, letter) => {
    const raw = letterOf(Buffer.from(`From: a@b.vn\r\n${letter}`));
    expect(await standstill(() => parseLetter(raw))).toBeLessThan(1000);
    expect((await parseLetter(raw)).limit).toBeNull();
  });

  it('never throws, whatever the bytes', async () => {
    const pieces = [
      '\r\n',
      '\n',
      '--b',
      '--b--',
      'Content-Type: multipart/mixed; boundary=b',
      ': ',
      '\0',
      ' ',
      '=',
      'x',
    ];
    const letters = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary' })), {
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(letters, async (parts) => {
        const letter = await parse(`Content-Type: multipart/mixed; boundary=b\r\n${parts.join('')}`);
        return typeof letter.bodyText === 'string';
      }),
      { numRuns: 300 },
    );
  });
});

describe('the outline of a letter', () => {
  const outline = (bytes: Buffer, pieces: number): Outline => {
    const outliner = createOutliner();
    for (let at = 0; at < bytes.length; at += pieces) outliner.feed(bytes.subarray(at, at + pieces));
    return outliner.end();
  };

  it('counts what mailparser decodes, in pieces of any size', async () => {
    const encodings = fc.constantFrom('base64', 'quoted-printable', '7bit');
    const files = fc.array(
      fc.record({ content: fc.stringMatching(/^[ -~\n=]{1,300}$/), encoding: encodings }),
      { maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(files, fc.integer({ min: 1, max: 90 }), async (attachments, pieces) => {
        const bytes = await composed({
          text: 'x',
          attachments: attachments.map(({ content, encoding }, i) => ({
            filename: `${i}.bin`,
            content,
            contentTransferEncoding: encoding as 'base64',
          })),
        });
        const whole = await simpleParser(bytes);
        const { sizes } = outline(bytes, pieces);
        expect(sizes.slice(1)).toEqual(whole.attachments.map(({ size }) => size));
      }),
      { numRuns: 200 },
    );
  });

  it('keeps nothing of an attachment', () => {
    const bytes = Buffer.from(
      `Content-Type: multipart/mixed; boundary="b c"\r\n\r\n--b c\r\nContent-Type: application/pdf\r\n\r\n${'x'.repeat(1e6)}\r\n--b c--\r\n`,
    );
    const { reduced, sizes } = outline(bytes, 64 * 1024);
    expect(reduced.length).toBeLessThan(300);
    expect(sizes).toEqual([1e6]);
  });

  it('ends inner parts at an outer boundary', () => {
    const bytes = Buffer.from(
      'Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\nContent-Type: a/b\r\n\r\n12\r\n--o\r\nContent-Type: a/b\r\n\r\n345\r\n--o--\r\n--i\r\n\r\nno part\r\n',
    );
    expect(outline(bytes, 7).sizes).toEqual([2, 3]);
  });
});

describe('htmlToText', () => {
  it.each([
    ['a<br>b', 'a\nb'],
    ['<table><tr><td>1</td><td>Nguyễn Văn A</td></tr></table>', '1\tNguyễn Văn A'],
    ['x<script>alert("</p>")</script>y', 'xy'],
    ['x<!-- > -->y', 'xy'],
    ['1 < 2 &lt; 3 &#x1EC7; &unknown; &#0;', '1 < 2 < 3 ệ &unknown;'],
    ['<p>a\n  b</p>\n\n\n<p>c</p>', 'a b\n\nc'],
    ['<script', ''],
    ['<style>never closed', ''],
  ])('%j', (html, text) => {
    expect(htmlToText(html)).toBe(text);
  });
});
