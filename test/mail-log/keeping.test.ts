import type postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fixedClock } from '../../src/clock.ts';
import { forgetApproved } from '../../src/jobs/retention.ts';
import { append } from '../../src/mail-log/append.ts';
import { verifierKey } from '../../src/mail-log/checkpoint.ts';
import { heartbeat, letterReceived, logPrune } from '../../src/mail-log/events.ts';
import { approval, forgetMonth, forgettableMonths } from '../../src/mail-log/forget.ts';
import { consistencyText, formatProof, proofOfEntry } from '../../src/mail-log/proof.ts';
import { rotateKey } from '../../src/mail-log/rotate.ts';
import { searchLog } from '../../src/mail-log/search.ts';
import {
  latestCheckpoint,
  lockHead,
  prepareMonths,
  sequenceAll,
  sequenceBatch,
} from '../../src/mail-log/sequencer.ts';
import { verifyIn, verifyLog } from '../../src/mail-log/verify.ts';
import { freshDatabase } from '../harness/database.ts';
import { askPython, exported, testKey, verifier, withPython } from './harness.ts';

const NOW = new Date('2026-11-24T03:00:00Z');
const MONTHS = ['2025-08', '2025-09', '2025-10', '2025-11', '2026-11'];
const first = testKey();
const second = testKey();
let db: Awaited<ReturnType<typeof freshDatabase>>;
const kept = new Map<string, string>();

beforeAll(async () => {
  db = await freshDatabase();
  for (const month of MONTHS) {
    const at = new Date(`${month}-15T03:00:00Z`);
    await prepareMonths(db.sql, at);
    // 700 entries of the first months: whole tiles are forgotten, and the edges between two months are not.
    for (let i = 0; i < (month < '2025-10' ? 700 : 40); i++)
      await append(db.sql, new Date(at.getTime() + i), letterReceived({ subject: `${month} ${i}`, size: i }));
    await sequenceAll(db.sql, first, at);
    kept.set(month, (await latestCheckpoint(db.sql))!);
    // One straggler: written with last month's time, numbered in the next.
    await append(db.sql, new Date(at.getTime() + 999_999), heartbeat());
  }
  await sequenceAll(db.sql, first, NOW);
  await db.sql`insert into mail_log.anchor (place, period, at, size, note)
    values ('mail', '2025-08-15', now(), ${700}, ${kept.get('2025-08')!})`;
}, 120_000);
afterAll(() => db.drop());

const both = async (note?: string) => {
  const from = note === undefined ? {} : { from: note };
  const inside = await verifyLog(db.sql, first, from);
  const files = await exported(db.sql, second);
  if (withPython) expect(askPython(files, verifierKey(first), note)).toEqual([]);
  const outside = verifier.verifyExport(files, {
    key: verifierKey(first),
    whole: true,
    ...(note === undefined ? {} : { kept: note }),
  });
  return {
    inside: inside.faults,
    outside: [...outside.faults, ...outside.unclear],
    forgotten: inside.forgotten,
  };
};

test('a key is handed over by the log itself; the old one signs no more', async () => {
  const { since, key } = await rotateKey(db.sql, first, second, NOW, 'giam-doc');
  expect(key).toBe(verifierKey(second));
  await append(db.sql, NOW, heartbeat());
  await expect(sequenceAll(db.sql, first, NOW)).rejects.toThrow(/signed with/);
  expect(await sequenceAll(db.sql, second, NOW)).toBe(since + 1);
  const { inside, outside } = await both(kept.get('2025-10'));
  expect(inside).toEqual([]);
  expect(outside).toEqual([]);
  // Whoever trusts neither key is told.
  expect((await verifyLog(db.sql, testKey())).faults.join()).toMatch(/not signed by the trusted key/);
  const stranger = verifier.verifyExport(await exported(db.sql, second), { key: verifierKey(testKey()) });
  expect(stranger.faults.join()).toMatch(/not signed by the given key/);
});

test('only months older than twelve whole ones are forgotten, and only with approval', async () => {
  expect(await forgettableMonths(db.sql, NOW, 12)).toEqual(['2025-08', '2025-09', '2025-10']);
  expect(await forgettableMonths(db.sql, NOW, 14)).toEqual(['2025-08']);
  const approved = { now: NOW, keepMonths: 1, approvedBy: 'giam-doc' };
  await expect(forgetMonth(db.sql, second, '2025-11', approved)).rejects.toThrow(/12 whole months/);
  await expect(db.sql`select mail_log.forget_month('2025-08', '{}')`).rejects.toThrow(/no log.prune entry/);
  await expect(db.sql`select mail_log.forget_month('2026-11', '{}')`).rejects.toThrow(/12 whole months/);
});

test('an approval in the log is what the job acts on, and only past the period', async () => {
  await forgetApproved(db.sql, second, fixedClock(NOW), 12);
  expect(await forgettableMonths(db.sql, NOW, 12)).toEqual(['2025-08', '2025-09', '2025-10']);
  // Approved too early, or by a word that is not the log's.
  await append(db.sql, NOW, approval('2025-08', 'giam-doc'), approval('2025-11', 'giam-doc'));
  await forgetApproved(db.sql, second, fixedClock(NOW), 12);
  expect(await forgettableMonths(db.sql, NOW, 12), 'not numbered yet').toContain('2025-08');
  await sequenceAll(db.sql, second, NOW);
  await forgetApproved(db.sql, second, fixedClock(NOW), 15);
  expect(await forgettableMonths(db.sql, NOW, 12), 'a longer period').toContain('2025-08');
  await expect(db.sql`select mail_log.forget_month('2025-08', '{}')`).rejects.toThrow(/no log.prune entry/);
  // Somebody reads for long: the month waits for the next round, and so does no writer.
  let free: (value?: unknown) => void = () => undefined;
  const held = new Promise((resolve) => (free = resolve));
  const reading = db.sql.begin(async (tx) => {
    await tx`select count(*) from mail_log.mail_event`;
    await held;
  });
  await expect(forgetApproved(db.sql, second, fixedClock(NOW), 12)).rejects.toThrow(/lock timeout/);
  free();
  await reading;
  await Promise.all([1, 2].map(() => forgetApproved(db.sql, second, fixedClock(NOW), 12)));
  expect(await forgettableMonths(db.sql, NOW, 12)).toEqual(['2025-09', '2025-10']);
  const said = await searchLog(db.sql, { event: 'log.prune', outcome: '2025-08', limit: 9 });
  expect(said.map(({ entry }) => entry['detail']).sort()).toEqual([
    'approved',
    expect.stringMatching(/^numbers 0-700; root of 701: /),
  ]);
});

test('the rest stays provable after two months are forgotten', async () => {
  const approved = { now: NOW, keepMonths: 12, approvedBy: 'giam-doc' };
  expect(await forgetMonth(db.sql, second, '2025-09', approved)).toEqual({ count: 701 });
  const tiles = await db.sql`select number from mail_log.tile where level = 0 order by number`;
  expect(tiles.map(({ number }) => Number(number))).toEqual([2, 5]); // the anchored one, and the open one
  for (const month of ['2025-08', '2025-10', '2026-11']) {
    const { inside, outside, forgotten } = await both(kept.get(month));
    expect(inside, month).toEqual([]);
    expect(outside, month).toEqual([]);
    expect(forgotten).toBe(1402);
  }
});

test('what is missing without having been forgotten still shows', async () => {
  const faults = await db.sql
    .begin(async (tx) => {
      await tx`set local session_replication_role = replica`;
      await tx`delete from mail_log.mail_event where (at, id) in (select at, id from mail_log.sequenced where number = 1410)`;
      await tx`delete from mail_log.sequenced where number = 1410`;
      const files = await exported(tx, second);
      throw Object.assign(new Error('undo'), {
        found: verifier.verifyExport(files, { key: verifierKey(first), whole: true }).faults,
      });
    })
    .catch((error: unknown) => (error as { found: string[] }).found);
  expect(faults.join()).toMatch(/1410/);
});

test('a log.prune entry cannot hide what is younger than twelve months', async () => {
  const found = await db.sql
    .begin(async (tx) => {
      const [victim] = await tx<{ number: string; at: string; id: string }[]>`
        select number, at::text, id from mail_log.sequenced where at > '2026-11-15' order by number desc offset 3 limit 1`;
      const number = Number(victim!.number);
      const root = Buffer.alloc(32).toString('base64');
      // The order of the deed: named as forgotten under an old month, then taken out. History is not rewritten.
      const hiding = logPrune({
        month: '2025-08',
        detail: `numbers ${number}; root of ${number + 1}: ${root}`,
        count: 1,
        approvedBy: 'kẻ gian',
      });
      await append(tx, NOW, hiding);
      const head = await lockHead(tx, second);
      await sequenceBatch(tx, head, [{ ...second, origin: head.origin }], NOW);
      await tx`set local session_replication_role = replica`;
      await tx`delete from mail_log.mail_event where at = ${victim!.at}::timestamptz and id = ${victim!.id}`;
      await tx`delete from mail_log.sequenced where number = ${number}`;
      const inside = (await verifyIn(tx, first)).faults;
      const files = await exported(tx, second);
      const outside = verifier.verifyExport(files, { key: verifierKey(first), whole: true }).faults;
      if (withPython)
        expect(askPython(files, verifierKey(first)).join()).toMatch(/younger than twelve months/);
      throw Object.assign(new Error('undo'), { found: { inside, outside } });
    })
    .catch((error: unknown) => (error as { found: { inside: string[]; outside: string[] } }).found);
  expect(found.inside.join()).toMatch(/younger than twelve months/);
  expect(found.outside.join()).toMatch(/younger than twelve months/);
});

test('proofs of an entry and of a beginning verify off-line; one bit spoils them', async () => {
  const text = formatProof(await proofOfEntry(db.sql, 1420));
  const key = verifier.parseKey(verifierKey(second));
  expect(verifier.checkProofText(text, key)).toMatchObject({ number: 1420 });
  expect(() => verifier.checkProofText(text.replace('index 1420', 'index 1421'), key)).toThrow(
    /not in the tree/,
  );
  const note = (await latestCheckpoint(db.sql))!;
  await append(db.sql, NOW, heartbeat(), heartbeat());
  await sequenceAll(db.sql, second, NOW);
  const old = Number(note.split('\n')[1]);
  const proof = await consistencyText(db.sql, old, (await latestCheckpoint(db.sql))!);
  expect(verifier.checkConsistencyText(proof, note, key)).toEqual({ old, size: old + 2 });
  await expect(proofOfEntry(db.sql, 5)).rejects.toThrow(/no entry 5/);
});

test('cells that a spreadsheet would take for formulas are inert in the view, and whole in the evidence', async () => {
  await append(db.sql, NOW, letterReceived({ subject: '=HYPERLINK("http://evil")' }));
  await sequenceAll(db.sql, second, NOW);
  const files = await exported(db.sql, second);
  expect(files.read('entries.csv')!.toString()).toContain(`"'=HYPERLINK(""http://evil"")"`);
  expect(files.read('entries.jsonl')!.toString()).toContain('=HYPERLINK');
});

test('what a forgotten month said of earlier ones is said again: all stays provable years later', async () => {
  const later = new Date('2028-01-02T03:00:00Z');
  await prepareMonths(db.sql, later);
  await append(db.sql, later, heartbeat());
  await sequenceAll(db.sql, second, later);
  const approved = { now: later, keepMonths: 12, approvedBy: 'giam-doc' };
  const before = (await both()).forgotten;
  // The database's own clock stands in 2026; what is under test is what the entries say.
  await db.sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx.unsafe((await definition(tx)).replaceAll('now()', `'2028-01-02T03:00:00Z'::timestamptz`));
  });
  expect(await forgettableMonths(db.sql, later, 12)).toContain('2026-11');
  const { count } = await forgetMonth(db.sql, second, '2026-11', approved);
  const { inside, outside, forgotten } = await both(kept.get('2025-08'));
  expect(inside).toEqual([]);
  expect(outside).toEqual([]);
  expect(forgotten).toBe(before + count);
});

const definition = async (tx: postgres.ISql): Promise<string> =>
  String((await tx`select pg_get_functiondef('mail_log.forget_month'::regproc) as text`)[0]!['text']);
