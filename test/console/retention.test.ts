import { afterAll, beforeAll, expect, test } from 'vitest';
import { forgetApproved } from '../../src/jobs/retention.ts';
import { append } from '../../src/mail-log/append.ts';
import { letterReceived } from '../../src/mail-log/events.ts';
import { forgettableMonths } from '../../src/mail-log/forget.ts';
import { prepareMonths, sequenceAll } from '../../src/mail-log/sequencer.ts';
import { verifyLog } from '../../src/mail-log/verify.ts';
import { runConsole, visitor, type RunningConsole } from '../harness/console.ts';

const PLACE = '/nhat-ky/luu-tru';
let run: RunningConsole;
let months: string[];
const visitors = new Map<string, ReturnType<typeof visitor>>();
const as = (name: string) => visitors.get(name)!;

beforeAll(async () => {
  run = await runConsole();
  const { db, key, clock } = run;
  const before = (count: number): Date => {
    const at = clock.now();
    at.setUTCDate(15);
    at.setUTCMonth(at.getUTCMonth() - count);
    return at;
  };
  months = [16, 15, 14].map((count) => before(count).toISOString().slice(0, 7));
  for (const at of [16, 15, 14, 5].map(before)) {
    await prepareMonths(db.sql, at);
    for (let n = 0; n < 3; n++) await append(db.sql, at, letterReceived({ subject: `thư ${n}`, size: n }));
    await sequenceAll(db.sql, key, at);
  }
  await prepareMonths(db.sql, clock.now());
  for (const [name, role] of [
    ['kiem', 'auditor'],
    ['quan', 'admin'],
    ['tri', 'admin'],
  ] as const) {
    const one = visitor(run.url);
    await one.login(await run.account(name, role));
    visitors.set(name, one);
  }
}, 60_000);
afterAll(() => run.close());

const named = (month: string): string => `${month.slice(5)}/${month.slice(0, 4)}`;
const approvals = async (): Promise<string[]> =>
  (
    await run.db.sql<
      { entry: string }[]
    >`select entry from mail_log.mail_event where event = 'log.prune' order by at, id`
  ).map(({ entry }) => {
    const { actor, outcome, detail } = JSON.parse(entry) as Record<string, string>;
    return `${actor!} ${outcome!} ${detail!.split(' ')[0]!}`;
  });
const approve = (name: string, month: string, sure: Record<string, string> = { sure: 'yes' }) =>
  as(name).post(PLACE, { month, step: 'approve', ...sure });

test('who keeps the log reads the period and what is past it; only an administrator may approve', async () => {
  const page = await as('kiem').open(PLACE);
  for (const words of [
    '12 tháng trọn',
    'văn bản không nêu thời hạn',
    ...months.map(named),
    'Chỉ quản trị được duyệt',
  ])
    expect(page).toContain(words);
  expect(page).not.toContain('name="month"');
  await as('kiem').open('/nhat-ky/ket-xuat');
  expect((await approve('kiem', months[0]!)).status).toBe(403);
  expect(await approvals()).toEqual([]);
});

test('two steps with the months named; nothing without the tick', async () => {
  const page = await as('quan').open(PLACE);
  // Months are made ahead, so there is an empty one behind the three.
  const free = await forgettableMonths(run.db.sql, run.clock.now(), 12);
  expect(free).toEqual(expect.arrayContaining(months));
  expect(page.match(/name="month"/g)).toHaveLength(free.length);
  expect((await as('quan').post(PLACE, {})).status).toBe(422);
  const asked = await as('quan').post(PLACE, { month: months[0]! });
  expect(await asked.text()).toContain(`Duyệt hủy ${named(months[0]!)}`);
  expect((await approve('quan', months[0]!, {})).status).toBe(422);
  expect(await approvals()).toEqual([]);
});

test('of two administrators one approves; the job forgets the month, and the page tells it', async () => {
  await as('tri').open(PLACE);
  const both = await Promise.all([approve('quan', months[0]!), approve('tri', months[0]!)]);
  expect(both.map(({ status }) => status).toSorted()).toEqual([303, 409]);
  expect(await approvals()).toHaveLength(1);
  expect(await as('quan').open(PLACE)).toContain('đã duyệt, hệ thống hủy trong ít phút');
  await sequenceAll(run.db.sql, run.key, run.clock.now());
  await forgetApproved(run.db.sql, run.key, run.clock, 12);
  const page = await as('kiem').open(PLACE);
  expect(page).not.toContain('đã duyệt, hệ thống hủy');
  expect(page).toMatch(
    new RegExp(`${named(months[0]!)}</th>[^]*?<td[^]*?(quan|tri)</td>[^]*?>\\s*3\\s*</td>`),
  );
  expect((await verifyLog(run.db.sql, run.key)).faults).toEqual([]);
});

test('a month that must be kept cannot be approved by hand-made forms', async () => {
  await as('quan').open(PLACE);
  const kept = run.clock.now().toISOString().slice(0, 7);
  for (const month of [kept, months[0]!, '1999-01']) expect((await approve('quan', month)).status).toBe(409);
  expect((await approvals()).filter((one) => one.endsWith('approved'))).toHaveLength(1);
});
