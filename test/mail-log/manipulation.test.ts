import { randomBytes, randomUUID } from 'node:crypto';
import type postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { append } from '../../src/mail-log/append.ts';
import { signCheckpoint, verifierKey } from '../../src/mail-log/checkpoint.ts';
import { letterReceived } from '../../src/mail-log/events.ts';
import { latestCheckpoint, prepareMonths, sequenceAll } from '../../src/mail-log/sequencer.ts';
import { grow, storeTiles } from '../../src/mail-log/tiles.ts';
import { leafHash, rootOf } from '../../src/mail-log/tree.ts';
import { verifyIn } from '../../src/mail-log/verify.ts';
import { freshDatabase } from '../harness/database.ts';
import { askPython, exported, testKey, verifier, withPython } from './harness.ts';

/**
 * 1,000 random manipulations (200 without CONGTHU_TEST_ALL) by somebody who is superuser and has stolen the log's key, half of them thorough: every
 * leaf, tile and checkpoint made anew and signed. Both verifiers must find every one when they are given the last
 * checkpoint that left the house; the control shows what they find without it.
 */
const ROUNDS = process.env['CONGTHU_TEST_ALL'] === undefined ? 200 : 1000;
/** Just over one tile, so that edges of tiles are hit often. */
const ENTRIES = 262;
const BEHIND = 6;
/** Prime to the number of kinds and to two. */
const PYTHON_EVERY = 25;
const key = testKey();
const now = new Date('2026-11-24T03:00:00Z');
let db: Awaited<ReturnType<typeof freshDatabase>>;
let kept: string;
let before: Entry[];

interface Entry {
  at: string;
  id: string;
  entry: string;
  salt: Buffer;
}

beforeAll(async () => {
  db = await freshDatabase();
  await prepareMonths(db.sql, now);
  const write = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++)
      await append(
        db.sql,
        new Date(now.getTime() + i),
        letterReceived({ sender: `unit${i}@quangbinh.gov.vn`, subject: `Đề nghị số ${i}`, size: i }),
      );
    await sequenceAll(db.sql, key, now);
  };
  await write(ENTRIES);
  kept = (await latestCheckpoint(db.sql))!;
  await write(BEHIND);
  before = await db.sql<Entry[]>`
    select e.at::text, e.id, e.entry, e.salt from mail_log.sequenced s
    join mail_log.mail_event e on e.at = s.at and e.id = s.id order by s.number`;
}, 60_000);
afterAll(() => db.drop());

/** mulberry32: a failing round can be repeated. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

type Manipulate = (entries: Entry[], pick: (below: number) => number) => void;
/** Each works on a number the kept checkpoint knows. */
const MANIPULATIONS: Readonly<Record<string, Manipulate>> = {
  change(entries, pick) {
    const i = pick(ENTRIES);
    const old = entries[i]!;
    entries[i] = { ...old, entry: old.entry.replace(/"size":\d+/, `"size":${1000 + pick(1e6)}`) };
  },
  delete: (entries, pick) => void entries.splice(pick(ENTRIES), 1),
  insert(entries, pick) {
    const i = pick(ENTRIES);
    entries.splice(i, 0, { ...entries[i]!, id: randomUUID(), salt: randomBytes(16) });
  },
  swap(entries, pick) {
    const i = pick(ENTRIES - 1);
    const j = i + 1 + pick(ENTRIES - 1 - i);
    [entries[i], entries[j]] = [entries[j]!, entries[i]!];
  },
  reorder(entries, pick) {
    const i = pick(ENTRIES - 3);
    entries.splice(i, 3, entries[i + 1]!, entries[i + 2]!, entries[i]!);
  },
  'drop a tail': (entries, pick) => void entries.splice(ENTRIES - 1 - pick(40)),
};

/** What a superuser does: triggers off, rows rewritten where they differ. */
async function rewrite(tx: postgres.TransactionSql, after: readonly Entry[]): Promise<void> {
  await tx`set local session_replication_role = replica`;
  const changed = after.filter((entry) => !before.includes(entry));
  const gone = before.filter(({ id, entry }) => !after.some((e) => e.id === id && e.entry === entry));
  const ids = gone.map(({ id }) => id);
  await tx`delete from mail_log.mail_event where id = any (${ids}::uuid[])`;
  for (const { at, id, entry, salt } of changed)
    await tx`insert into mail_log.mail_event (at, id, entry, salt, leaf)
      values (${at}::timestamptz, ${id}, ${entry}, ${salt}, ${leafHash(salt, entry)})`;
  const first = after.findIndex((entry, i) => entry !== before[i]);
  const from = first < 0 ? after.length : first;
  await tx`delete from mail_log.sequenced where number >= ${from}`;
  const moved = after.slice(from);
  await tx`insert into mail_log.sequenced (number, at, id) select * from unnest(
    ${moved.map((_, i) => from + i)}::bigint[], ${moved.map(({ at }) => at)}::timestamptz[], ${moved.map(({ id }) => id)}::uuid[])`;
}

/** The thorough one: tree and checkpoints made anew, signed with the stolen key. */
async function resign(tx: postgres.TransactionSql, after: readonly Entry[]): Promise<void> {
  const leaves = after.map(({ salt, entry }) => leafHash(salt, entry));
  await tx`delete from mail_log.tile`;
  await storeTiles(tx, await grow(0, leaves, () => Promise.resolve([])));
  const note = (size: number): string => signCheckpoint(key, size, rootOf(leaves.slice(0, size)));
  await tx`update mail_log.head set size = ${after.length}, note = ${note(after.length)}`;
  const stored = await tx<{ size: string }[]>`select size from mail_log.checkpoint`;
  await tx`delete from mail_log.checkpoint where size > ${after.length}`;
  for (const size of stored.map((row) => Number(row.size)).filter((n) => n <= after.length))
    await tx`update mail_log.checkpoint set note = ${note(size)} where size = ${size}`;
}

test('the honest log holds for both', async () => {
  await db.sql.begin(async (tx) => {
    expect((await verifyIn(tx, key, { from: kept })).faults).toEqual([]);
    const found = verifier.verifyExport(await exported(tx, key), {
      key: verifierKey(key),
      kept,
      whole: true,
    });
    expect(found).toMatchObject({
      faults: [],
      unclear: [],
      entries: ENTRIES + BEHIND,
      size: ENTRIES + BEHIND,
    });
  });
});

test(`${ROUNDS} manipulations are found by both verifiers`, { timeout: 300_000 }, async () => {
  const kinds = Object.keys(MANIPULATIONS);
  const found = { database: 0, export: 0 };
  const control = { database: { naive: 0, thorough: 0 }, export: { naive: 0, thorough: 0 } };
  let asked = 0;
  const made = { naive: 0, thorough: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    if (round % 100 === 99) await db.sql`vacuum mail_log.mail_event, mail_log.sequenced, mail_log.tile`;
    const pick = random(round);
    const kind = kinds[round % kinds.length]!;
    const thorough = round % 2 === Math.floor(round / kinds.length) % 2;
    made[thorough ? 'thorough' : 'naive']++;
    const after = [...before];
    MANIPULATIONS[kind]!(after, pick);
    await db.sql
      .begin(async (tx) => {
        await rewrite(tx, after);
        if (thorough) await resign(tx, after);
        const files = await exported(tx, key);
        const told = { key: verifierKey(key), whole: true };
        const [inside, outside] = [
          (await verifyIn(tx, key, { from: kept })).faults,
          verifier.verifyExport(files, { ...told, kept }).faults,
        ];
        if (inside.length > 0) found.database++;
        else expect.soft(inside, `round ${round}: ${kind}, database`).not.toEqual([]);
        if (outside.length > 0) found.export++;
        else expect.soft(outside, `round ${round}: ${kind}, export`).not.toEqual([]);
        // The third one, in Python, costs a process and a folder: a sample of every kind.
        if (withPython && round % PYTHON_EVERY === 0) {
          asked++;
          expect
            .soft(askPython(files, verifierKey(key), kept), `round ${round}: ${kind}, Python`)
            .not.toEqual([]);
        }
        const unanchored = (await verifyIn(tx, key)).faults.length > 0;
        if (unanchored) control.database[thorough ? 'thorough' : 'naive']++;
        const blind = verifier.verifyExport(files, told).faults.length > 0;
        if (blind) control.export[thorough ? 'thorough' : 'naive']++;
        throw new Error('undo');
      })
      .catch((error: unknown) => {
        if ((error as Error).message !== 'undo') throw error;
      });
  }
  expect(found).toEqual({ database: ROUNDS, export: ROUNDS });
  // Without a checkpoint from outside the naive half shows and the thorough half does not: that is why it is anchored.
  const seen = { naive: made.naive, thorough: 0 };
  expect(control).toEqual({ database: seen, export: seen });
  if (withPython) expect(asked).toBeGreaterThan(ROUNDS / PYTHON_EVERY - 1);
  expect(made.thorough).toBeGreaterThan(ROUNDS / 3);
});
