import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { longDate, shortDate } from '../../src/notices/dates.ts';
import { render } from '../../src/notices/render.ts';
import { webmailPlace } from '../../src/work/result-tables.ts';
import { REGULATIONS } from '../../src/rules/regulations.ts';

/** Every notice as a strict official reads it: form, address, closing, no word of a mail program, no half sentence. */
const FOLDER = 'templates/vi';
const names = fs.readdirSync(FOLDER).map((file) => path.basename(file, '.txt'));
/** Documents, not mails: their form is that of NĐ 30/2020, put around them by official-draft.ts. */
const DOCUMENTS = ['covering-letter', 'reply-document', 'report'];
const SLIP = 'credential-slip';
const mails = names.filter((name) => !DOCUMENTS.includes(name) && name !== SLIP);

/** Holes inside a sentence that may be empty; every other one always says something. */
const MAY_BE_EMPTY = ['also', 'owner', 'where', 'counted', 'only_these'];

const source = (name: string): string => fs.readFileSync(path.join(FOLDER, `${name}.txt`), 'utf8');

/** The notice with every hole filled by its own name, except those that are empty. */
function written(name: string, empty: (hole: string, alone: boolean) => boolean): string {
  const text = source(name);
  const holes = [...new Set([...text.matchAll(/\{\{(\w+)\}\}/gu)].map(([, hole]) => hole!))];
  const alone = (hole: string): boolean => text.split(/\n\n+/u).some((part) => part.trim() === `{{${hole}}}`);
  const filled = holes.map((hole) => [hole, empty(hole, alone(hole)) ? '' : `(${hole})`] as const);
  const { subject, text: body } = render('vi', name, Object.fromEntries(filled));
  return `${subject}\n\n${body}`;
}

describe.each(names)('%s', (name) => {
  test('no half sentence is left where holes are empty', () => {
    const text = written(name, (hole, alone) => alone || MAY_BE_EMPTY.includes(hole));
    expect(text).not.toMatch(/ [,.;:)]|\( |\(\)|“”| {2}|[,:;]\s*\.|\b(?:tại|từ|ngày|gửi|đến)\s*[.,;]/u);
    expect(text).not.toMatch(/\{\{|\}\}/u);
  });

  test('is written in the words of the office', () => {
    const text = source(name).replaceAll(/\{\{\w+\}\}/gu, '…');
    expect(text).toBe(text.normalize('NFC'));
    expect(text).not.toMatch(/\b(?:e-?mail|account|reset|password|click|link|user|admin|file)\b/iu);
    expect(text).not.toMatch(/\b(?:bạn|quý vị|quí)\b/iu);
    // Old tone marks: "huỷ", "thuỷ", "hoà", "uỷ".
    expect(text).not.toMatch(/(?:hoà|hoá|uỷ|thuý)(?!\p{L})/iu);
  });
});

describe.each(mails)('mail %s', (name) => {
  test('says whom it is for, closes with respect and is signed by the office', () => {
    const [subject, addressed, ...rest] = source(name).trimEnd().split(/\n\n+/u);
    expect(subject).toMatch(/^\[[^\]]+\] \S/u);
    expect(addressed).toMatch(/^Kính gửi: .+\.$/u);
    expect(rest.at(-2)).toBe('Trân trọng./.');
    expect(rest.at(-1)).toMatch(/^\{\{operator_signature\}\}(?:\nThư được gửi tự động từ hệ thống .+\.)?$/u);
  });
});

test.each(DOCUMENTS)('document %s ends with "./."', (name) => {
  expect(source(name).trimEnd()).toMatch(/\.\/\.$/u);
  expect(source(name)).toMatch(/^V\/v /u);
});

test('dates as the decree wants them: 0 before days below 10 and before months 1 and 2 only', () => {
  expect(longDate(new Date('2026-01-05T01:00:00Z'))).toBe('ngày 05 tháng 01 năm 2026');
  expect(longDate(new Date('2026-03-09T01:00:00Z'))).toBe('ngày 09 tháng 3 năm 2026');
  expect(longDate(new Date('2026-12-31T18:00:00Z'))).toBe('ngày 01 tháng 01 năm 2027');
  expect(shortDate('2026-03-09')).toBe('09/03/2026');
});

test('a regulation that names no place to log in leaves the sentence whole', () => {
  const [regulation] = REGULATIONS;
  const { webmailUrl: _, ...identity } = regulation!.identity;
  expect(webmailPlace({ ...regulation!, identity })).toBe('');
  expect(webmailPlace({ ...regulation!, identity: { ...identity, webmailUrl: 'https://mail.vn' } })).toBe(
    ' tại https://mail.vn',
  );
});
