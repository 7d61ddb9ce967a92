import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { append } from '../../src/mail-log/append.ts';
import type { LogEvent } from '../../src/mail-log/event.ts';
import * as log from '../../src/mail-log/events.ts';
import { searchLog, type LogFilter } from '../../src/mail-log/search.ts';
import { prepareMonths, sequenceAll } from '../../src/mail-log/sequencer.ts';
import { periodOf, statistics } from '../../src/mail-log/statistics.ts';
import { timeline } from '../../src/mail-log/timeline.ts';
import { track } from '../../src/mail-log/tracking.ts';
import { freshDatabase } from '../harness/database.ts';

const pair = generateKeyPairSync('ed25519');
const key = {
  origin: 'test.invalid/mail-log',
  privateKey: pair.privateKey,
  publicKey: pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32),
};
const SEPTEMBER = new Date('2026-09-10T03:00:00Z');
const NOVEMBER = new Date('2026-11-24T03:00:00Z');
const letter = '11111111-1111-4111-8111-111111111111';
const matter = { letter, dossier: '2026-000007', unit: 'snv' };
const mail = {
  sender: 'snv@quangbinh.gov.vn',
  recipient: 'stttt@quangbinh.gov.vn vanphong@quangbinh.gov.vn',
  client: '192.0.2.1',
  messageId: '<1@snv>',
  subject: 'V/v đề nghị cấp mới hộp thư cho Nguyễn Thị Hường',
};
let db: Awaited<ReturnType<typeof freshDatabase>>;

beforeAll(async () => {
  db = await freshDatabase();
  await prepareMonths(db.sql, SEPTEMBER);
  const write = (at: Date, ...events: LogEvent[]) => append(db.sql, at, ...events);
  await write(SEPTEMBER, log.letterReceived({ ...mail, letter, unit: 'snv' }));
  await write(
    new Date(SEPTEMBER.getTime() + 1000),
    log.decision({ ...matter, outcome: 'approved', actor: log.MACHINE }),
    log.noticeSent({ ...matter, recipient: mail.sender, subject: 'Đã tiếp nhận', answer: '250 ok' }),
  );
  for (let i = 0; i < 120; i++)
    await write(
      new Date(NOVEMBER.getTime() + i),
      log.senderRefused({ sender: `ai${i}@gmail.com`, reason: 'public_mail', detail: "it's refused" }),
    );
  await write(NOVEMBER, log.connectionRefused({ client: '192.0.2.9', code: 421, detail: 'x', count: 5000 }));
  await sequenceAll(db.sql, key, NOVEMBER);
  await write(NOVEMBER, log.failure({ where: 'step check', error: 'Error: boom' }));
}, 60_000);
afterAll(() => db.drop());

const found = async (filter: Omit<LogFilter, 'limit'>) =>
  (await searchLog(db.sql, { limit: 50, ...filter })).map(({ entry }) => entry.event);

test.each<[string, Omit<LogFilter, 'limit'>, number]>([
  ['words with accents', { words: 'Nguyễn Thị Hường' }, 1],
  ['words without accents', { words: 'nguyen thi huong' }, 1],
  ['words of an older month behind a newer one', { words: 'hop thu' }, 1],
  ['part of an address', { words: 'ai7' }, 1],
  ['sender', { sender: 'SNV@quangbinh.gov.vn' }, 1],
  ['any of several recipients', { recipient: 'vanphong@quangbinh.gov.vn' }, 1],
  ['Message-ID', { messageId: '<1@snv>' }, 1],
  ['dossier', { dossier: '2026-000007' }, 2],
  ['unit and outcome', { unit: 'snv', outcome: 'approved' }, 1],
  ['one of several events', { event: ['decision', 'notice.sent'] }, 2],
  ['client', { client: '192.0.2.9' }, 1],
  ['time', { from: SEPTEMBER, to: new Date(SEPTEMBER.getTime() + 1) }, 1],
  ['a quote is a quote', { outcome: "x' | 'e:decision" }, 0],
  ['words and value', { words: 'refused', outcome: 'public_mail' }, 50],
])('%s', async (_name, filter, count) => {
  expect(await found(filter)).toHaveLength(count);
});

test('pages follow one another without gap or repetition, waiting entries included', async () => {
  const seen: string[] = [];
  let after: string | undefined;
  for (;;) {
    const page = await searchLog(db.sql, { limit: 17, ...(after === undefined ? {} : { after }) });
    seen.push(...page.map(({ cursor }) => cursor));
    after = page.at(-1)?.cursor;
    if (page.length < 17) break;
  }
  expect(new Set(seen).size).toBe(125);
  expect(seen).toHaveLength(125);
  expect(await searchLog(db.sql, { event: 'failure', limit: 5 })).toMatchObject([{ number: null }]);
});

test('the timeline of a dossier begins with its letter and is proven', async () => {
  expect(await timeline(db.sql, { dossier: '2026-000007' })).toMatchObject([
    { entry: { event: 'letter.received' }, number: 0, proof: 'proven' },
    { entry: { event: 'decision' }, proof: 'proven' },
    { entry: { event: 'notice.sent' }, proof: 'proven' },
  ]);
});

test('a tracking line tells the fate of the letter and of our reply', async () => {
  expect(await track(db.sql, { sender: 'snv@quangbinh.gov.vn', limit: 10 })).toMatchObject([
    { letter, dossier: '2026-000007', fate: { event: 'decision' }, reply: { event: 'notice.sent' } },
  ]);
});

test('statistics count by reason and respect counts; periods end where the calendar says', async () => {
  expect(periodOf('2026-Q1')).toEqual({ name: '2026-Q1', first: '2026-01-01', last: '2026-03-31' });
  expect(periodOf('2026-H2')).toMatchObject({ first: '2026-07-01', last: '2026-12-31' });
  expect(periodOf('2024-02')).toMatchObject({ last: '2024-02-29' });
  expect(periodOf('2026-Q5')).toBeNull();
  const half = await statistics(db.sql, periodOf('2026-H2')!, NOVEMBER);
  expect(half).toMatchObject({
    received: 1,
    refused: 120,
    refusedByReason: { public_mail: 120 },
    connectionsRefused: 5000,
    noticesSent: 1,
    byUnit: [{ unit: 'snv', received: 1 }],
  });
  expect(half.byDay.map(({ day }) => day)).toEqual(['2026-09-10', '2026-11-24']);
});
