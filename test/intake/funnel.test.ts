import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { receiveDeps } from '../../src/doors.ts';
import type { Gatekeeper, Incoming } from '../../src/intake/gatekeeper.ts';
import { letterOf } from '../../src/intake/raw-letter.ts';
import { createGatekeeper } from '../../src/intake/receive.ts';
import type { OpenDatabase } from '../../src/store/database.ts';
import { rawLetter } from '../../src/store/letter-bytes.ts';
import { upsertFormerMailboxes, upsertUnits } from '../../src/store/registry.ts';
import { freshDatabase } from '../harness/database.ts';

/* Letters that come at the same moment are written in one transaction; each keeps its own fate. */

const UNIT = 'snv@quangbinh.gov.vn';
const CLOSED = 'sty@quangbinh.gov.vn';
const HEIR = 'snn@quangbinh.gov.vn';
const INTAKE = 'hotro@quangbinh.gov.vn';
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-funnel-'));
let db: OpenDatabase & { drop(): Promise<void> };
let gate: Gatekeeper;

beforeAll(async () => {
  db = await freshDatabase();
  const unit = { code: 'snv', name: 'Sở Nội vụ', regulation: 'vn-quangbinh-41-2015', mailbox: UNIT };
  const level = { level: 'so', abbreviation: 'x' };
  const closed = { ...unit, code: 'sty', name: 'Sở Thú y', mailbox: CLOSED, active: false };
  const heir = { ...unit, code: 'snn', name: 'Sở Nông nghiệp', mailbox: 'nongnghiep@quangbinh.gov.vn' };
  const former = { ...closed, code: 'scu', name: 'Sở cũ', mailbox: HEIR };
  await db.transaction(async (tx) => {
    await upsertUnits(
      tx,
      [unit, closed, former, heir].map((one) => ({ ...one, ...level })),
    );
    await upsertFormerMailboxes(tx, [{ address: HEIR, unit: 'snn', validTo: null }]);
  });
  const config = readConfig({ CONGTHU_DATA_DIR: dir, CONGTHU_INTAKE: INTAKE });
  gate = createGatekeeper({
    ...receiveDeps(config, db, systemClock, 'smtp'),
    prove: () =>
      Promise.resolve({
        method: 'trusted-relay',
        result: 'pass',
        domain: 'quangbinh.gov.vn',
        detail: 'test',
      }),
  });
});
afterAll(async () => {
  await db.drop();
  fs.rmSync(dir, { recursive: true });
});

const letter = (name: string, { poison = false, body = Buffer.alloc(0), from = UNIT } = {}): Incoming => ({
  raw: letterOf(
    Buffer.concat([
      Buffer.from(
        `From: ${from}\r\nTo: ${INTAKE}\r\nSubject: ${name}\r\nMessage-ID: <${name}@funnel.test>\r\n\r\nKinh gui\r\n`,
      ),
      body,
    ]),
  ),
  envelopeFrom: from,
  recipients: [INTAKE],
  session: {
    id: name,
    // PostgreSQL takes no NUL: such a letter fails by itself, whatever group it is in.
    remoteAddress: poison ? 'nul \0' : '127.0.0.1',
    helo: 'test',
    tls: false,
    authenticatedAs: null,
  },
  receivedAt: new Date(),
});
const answers = (letters: readonly Incoming[]): Promise<string[]> =>
  Promise.allSettled(letters.map((one) => gate.receive(one))).then((all) =>
    all.map((one) => (one.status === 'fulfilled' ? `${one.value.code} ${one.value.text}` : 'trouble')),
  );
const ID = /^250 received as ([0-9a-f-]{36})$/;
const entries = async (name: string): Promise<string[]> =>
  (
    await db.sql<{ event: string }[]>`select event from mail_log.mail_event
      where message_id = ${`<${name}@funnel.test>`} order by event`
  ).map(({ event }) => event);

test('of letters that come together each gets its own answer: taken, repeated, refused, in trouble', async () => {
  const same = letter('same');
  const heard = await answers([
    letter('first'),
    letter('second'),
    letter('poison', { poison: true }),
    same,
    same,
    letter('stranger', { from: 'ai@quangbinh.gov.vn' }),
    letter('last'),
  ]);
  expect(heard.map((one) => one.replace(/as .*/, 'as …'))).toEqual([
    '250 received as …',
    '250 received as …',
    'trouble',
    '250 received as …',
    '250 received before, nothing to do',
    expect.stringMatching(/^550 /),
    '250 received as …',
  ]);
  const [stored] = await db.sql`select count(*)::int as letters,
    (select count(*)::int from letter_bytes) as bytes, (select count(*)::int from mail_log.pending) as entries from letter`;
  expect(stored).toEqual({ letters: 4, bytes: 4, entries: 6 });
  expect(await entries('same')).toEqual(['letter.duplicate', 'letter.received']);
  expect(await entries('stranger')).toEqual(['sender.refused']);
  expect(await entries('poison')).toEqual([]);
});

test.each([0, 255 * 1024, 3_500_000])(
  'the very bytes come back, with a body of %i more bytes',
  async (size) => {
    const body = Buffer.from(
      randomBytes(size).toString('base64').slice(0, size).replaceAll(/.{76}/g, '$&\r\n'),
    );
    const incoming = letter(`size-${size}`, { body });
    const [heard] = await answers([incoming]);
    const raw = await rawLetter(db, ID.exec(heard!)![1]!);
    expect(raw.equals(await incoming.raw.bytes())).toBe(true);
  },
);

const base64 = (text: string): string => Buffer.from(text).toString('base64');
test.each([
  ['NUL', `=?utf-8?B?${base64('mot\0hai')}?=`, 'Kinh gui \0 So'],
  ['half a character where the subject is cut', `${'a'.repeat(997)}=?utf-8?B?${base64('😀')}?=`, 'Kinh gui'],
])('a text that holds %s once it is decoded is taken like any other', async (name, subject, text) => {
  const raw = Buffer.from(
    `From: ${UNIT}\r\nTo: ${INTAKE}\r\nSubject: ${subject}\r\nMessage-ID: <${name.length}@funnel.test>\r\n` +
      `Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64(text)}\r\n`,
  );
  expect(await answers([{ ...letter(name), raw: letterOf(raw) }])).toEqual([expect.stringMatching(ID)]);
});

test('a dissolved unit hears why; the address another unit was given speaks for that one', async () => {
  const heard = await answers([letter('closed', { from: CLOSED }), letter('heir', { from: HEIR })]);
  expect(heard).toEqual([expect.stringMatching(/^550 .*no longer active/), expect.stringMatching(ID)]);
});

test('refusals at RCPT that come at the same moment are all in the log before they are answered, in few transactions', async () => {
  const strangers = Array.from({ length: 40 }, (_, i) => `stranger${i}@elsewhere.invalid`);
  const session = letter('x').session;
  const replies = await Promise.all(strangers.map((from) => gate.rcptTo(INTAKE, session, from)));
  expect(replies.map((reply) => reply?.code)).toEqual(strangers.map(() => 550));
  const entries = await db.sql<{ sender: string; tx: string }[]>`
    select entry::json ->> 'sender' as sender, xmin::text as tx from mail_log.mail_event
    where event = 'sender.refused' and entry::json ->> 'sender' like 'stranger%'`;
  expect(entries.map(({ sender }) => sender).sort()).toEqual([...strangers].sort());
  expect(new Set(entries.map(({ tx }) => tx)).size).toBeLessThan(strangers.length / 2);
});
