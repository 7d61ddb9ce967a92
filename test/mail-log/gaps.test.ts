import { afterAll, beforeAll, expect, test } from 'vitest';
import { append } from '../../src/mail-log/append.ts';
import { verifierKey } from '../../src/mail-log/checkpoint.ts';
import { heartbeat, letterReceived, mailTransferred } from '../../src/mail-log/events.ts';
import { prepareMonths, sequenceAll } from '../../src/mail-log/sequencer.ts';
import { verifyLog } from '../../src/mail-log/verify.ts';
import { freshDatabase } from '../harness/database.ts';
import { exported, pythonSays, testKey, verifier, withPython } from './harness.ts';

const key = testKey();
let db: Awaited<ReturnType<typeof freshDatabase>>;
const at = (minute: number): Date => new Date(Date.UTC(2026, 10, 20, 3, minute));

beforeAll(async () => {
  db = await freshDatabase();
  await prepareMonths(db.sql, at(0));
  const say = async (minute: number, event = heartbeat()): Promise<void> => {
    await append(db.sql, at(minute), event);
    await sequenceAll(db.sql, key, at(minute));
  };
  for (const minute of [0, 5, 10]) await say(minute);
  // The gateway stands still; the mail system's own log, read in later, tells of that time.
  await say(25);
  await say(17, mailTransferred({ queue: '4C1', status: 'sent' }));
  await say(30);
  // A quarter of an hour between two heartbeats, but not between entries; one written late is no gap backwards.
  await say(38, letterReceived({ subject: 'a "at":"2026-01-01T00:00:00.000Z" b' }));
  await say(45);
  await say(41, letterReceived({ subject: 'late' }));
  await say(55);
}, 60_000);
afterAll(() => db.drop());

const GAP = { from: '2026-11-20T03:10:00.000Z', to: '2026-11-20T03:25:00.000Z' };

test('a stretch without entry and heartbeat is told, by all three verifiers, and is no fault', async () => {
  const inside = await verifyLog(db.sql, key);
  expect(inside.faults).toEqual([]);
  expect(inside.silent).toEqual({ gaps: [GAP], more: 0 });
  const files = await exported(db.sql, key);
  const outside = verifier.verifyExport(files, { key: verifierKey(key), whole: true });
  expect([...outside.faults, ...outside.unclear]).toEqual([]);
  const told = `no entry from ${GAP.from} to ${GAP.to}`;
  expect(outside.notes.filter((note) => note.startsWith('no entry'))).toEqual([told]);
  if (withPython) expect(pythonSays(files, verifierKey(key))).toEqual({ faults: [], notes: [told] });
});

test('of a running log silence up to now counts too', async () => {
  expect((await verifyLog(db.sql, key, { now: at(65) })).silent.gaps).toEqual([GAP]);
  const open = { from: '2026-11-20T03:55:00.000Z', to: null };
  expect((await verifyLog(db.sql, key, { now: at(66) })).silent.gaps).toEqual([GAP, open]);
});
