import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { canonicalEntry, type LogEvent } from '../../src/mail-log/event.ts';
import { freshDatabase } from '../harness/database.ts';

/* The search column of entries that are there is not computed anew when its function is replaced: both must agree. */

const DRIZZLE = path.resolve(import.meta.dirname, '../../drizzle');
let db: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  db = await freshDatabase();
  const before = fs.readFileSync(path.join(DRIZZLE, '0009_mail_log_months.sql'), 'utf8');
  const [made] = /CREATE FUNCTION mail_log\.terms\(.*?END \$\$;/s.exec(before)!;
  await db.sql.unsafe(made.replace('mail_log.terms', 'mail_log.terms_before'));
});
afterAll(() => db.drop());

const SAID: readonly Record<string, string | number>[] = [
  {},
  { sender: 'phong.nv_1-a+b@quangbinh.gov.vn', recipient: 'stttt@quangbinh.gov.vn' },
  { sender: 'a@b.vn', recipient: 'mot.hai@x.vn ba-bon@y.vn  mot.hai@x.vn', outcome: 'đã gửi', unit: 'snv' },
  { recipient: 'x', subject: 'V/v đề nghị cấp mới hộp thư điện tử công vụ', detail: 'a’b "c" \\ d' },
  {
    sender: 'khong-co-a-cong',
    actor: 'cán bộ',
    client: '2001:db8::1',
    queue: '4F1A2B',
    relay: 'mx.y.vn[203.0.113.1]:25',
  },
  { sender: `${'dài'.repeat(700)}@x.vn`, recipient: `${'y.'.repeat(900)}@x.vn z@x.vn`, error: '5.1.1' },
  { recipient: ' ', subject: '“Đường” ĐẶNG Đ.đ.', size: 5, count: 3 },
];

test.each(SAID.map((said) => [JSON.stringify(said).slice(0, 60), said] as const))(
  '%s',
  async (_name, said) => {
    const event = { event: 'letter.received', ...said } as unknown as LogEvent;
    const entry = canonicalEntry(new Date('2026-01-05T00:00:00Z'), event);
    const [row] = await db.sql<{ now: string; before: string }[]>`
    select mail_log.terms(${entry})::text as now, mail_log.terms_before(${entry})::text as before`;
    expect(row!.now).toBe(row!.before);
    expect(row!.now).toContain("'e:letter.received'");
  },
);
