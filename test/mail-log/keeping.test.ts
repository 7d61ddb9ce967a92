import { afterAll, beforeAll, expect, test } from 'vitest';
import { append } from '../../src/mail-log/append.ts';
import { verifierKey } from '../../src/mail-log/checkpoint.ts';
import { heartbeat, letterReceived } from '../../src/mail-log/events.ts';
import { forgetMonth, forgettableMonths } from '../../src/mail-log/forget.ts';
import { consistencyText, formatProof, proofOfEntry } from '../../src/mail-log/proof.ts';
import { rotateKey } from '../../src/mail-log/rotate.ts';
import { latestCheckpoint, prepareMonths, sequenceAll } from '../../src/mail-log/sequencer.ts';
import { verifyLog } from '../../src/mail-log/verify.ts';
import { freshDatabase } from '../harness/database.ts';
import { exported, testKey, verifier } from './harness.ts';

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
  const outside = verifier.verifyExport(await exported(db.sql, second), {
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

test('the rest stays provable after two months are forgotten', async () => {
  const approved = { now: NOW, keepMonths: 12, approvedBy: 'giam-doc' };
  expect(await forgetMonth(db.sql, second, '2025-08', approved)).toEqual({ count: 701 });
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
