import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { DECISION_WORDS, detailWords, headline, outcomeWords } from '../../src/console/entry-words.ts';
import { LETTER_STATES } from '../../src/rules/letter.ts';

const SRC = path.resolve(import.meta.dirname, '../../src');
const code = fs
  .readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => /^(?:work|jobs)\/.*\.ts$/.test(file))
  .map((file) => fs.readFileSync(path.join(SRC, file), 'utf8'))
  .join('\n');

/** What stands as `outcome` in the decisions the code writes, as far as it stands there in letters. */
const outcomes = [
  ...[...code.matchAll(/\bdecision\(\{[^}]*?\boutcome: '([^']+)'/g)].map((match) => match[1]!),
  ...[...code.matchAll(/\bdecided\(\s*work,\s*officer,\s*'[^']+',\s*'([^']+)'/g)].map((match) => match[1]!),
];

test('a clerk reads every decision in Vietnamese', () => {
  expect(outcomes.length).toBeGreaterThan(25);
  const known: readonly string[] = [...Object.keys(DECISION_WORDS), ...LETTER_STATES];
  expect(outcomes.filter((outcome) => !known.includes(outcome))).toEqual([]);
  for (const outcome of outcomes)
    expect(outcomeWords({ at: '', event: 'decision', outcome }, (vi) => vi)).not.toBe(outcome);
});

const vi = (words: string): string => words;
test.each([
  [{ event: 'decision', outcome: 'list read', detail: '5 rows' }, 'Quyết định: Đọc danh sách', '5 dòng'],
  [
    { event: 'decision', outcome: 'clock stopped', detail: 'completed' },
    'Quyết định: Dừng tính thời hạn',
    'Đã hoàn tất',
  ],
  [
    { event: 'decision', outcome: 'registered', detail: 'CREATE_PERSON due 2026-12-07' },
    'Quyết định: Vào sổ',
    'cấp mới hộp thư cá nhân; hạn 07/12/2026',
  ],
  [
    { event: 'decision', outcome: 'completed', detail: '3 done, 2 back, 0 with an officer' },
    'Quyết định: Đã hoàn tất',
    '3 đã thực hiện, 2 trả lại, 0 chờ cán bộ',
  ],
  [
    { event: 'evidence.found', outcome: 'TOTAL-PASSED', detail: 'path valid; danh-sach.xlsx: NONE' },
    'Kiểm tra chữ ký số: hợp lệ',
    'chứng thư tin cậy; danh-sach.xlsx không ký riêng',
  ],
  [{ event: 'notice.queued', outcome: 'received', detail: '' }, 'Soạn thông báo: đã tiếp nhận', ''],
  [
    { event: 'decision', outcome: 'refuse', detail: 'Chữ ký số không hợp lệ' },
    'Quyết định: Từ chối',
    'Chữ ký số không hợp lệ',
  ],
])('%j is told in Vietnamese', (entry, head, detail) => {
  expect(headline({ at: '', ...entry }, vi)).toBe(head);
  expect(detailWords({ at: '', ...entry }, vi)).toBe(detail);
});
