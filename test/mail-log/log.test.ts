import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { append } from '../../src/mail-log/append.ts';
import { openCheckpoint, signCheckpoint, type LogKey } from '../../src/mail-log/checkpoint.ts';
import { canonicalEntry } from '../../src/mail-log/event.ts';
import { letterIgnored, letterReceived } from '../../src/mail-log/events.ts';
import { searchLog } from '../../src/mail-log/search.ts';
import { createSequencer, prepareMonths } from '../../src/mail-log/sequencer.ts';
import { nodeHash, rootFromTiles, rootOf } from '../../src/mail-log/tree.ts';
import { verifyLog } from '../../src/mail-log/verify.ts';
import { fixedClock } from '../../src/clock.ts';
import { freshDatabase } from '../harness/database.ts';

const now = new Date('2026-11-24T03:00:00Z');
const pair = generateKeyPairSync('ed25519');
const key: LogKey = {
  origin: 'test.invalid/mail-log',
  privateKey: pair.privateKey,
  publicKey: pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32),
};

describe('tree', () => {
  test('the root over tiles is the root over leaves (RFC 6962 §2.1)', async () => {
    for (const size of [0, 1, 2, 3, 5, 255, 256, 257, 511, 513, 1000]) {
      const leaves = Array.from({ length: size }, (_, i) => nodeHash(Buffer.from(String(i)), Buffer.of(1)));
      const ups: Buffer[] = [];
      for (let i = 0; i + 256 <= size; i += 256) ups.push(rootOf(leaves.slice(i, i + 256)));
      const tile = (level: number, number: number) =>
        Promise.resolve((level === 0 ? leaves : ups).slice(number * 256, number * 256 + 256));
      expect((await rootFromTiles(size, tile)).equals(rootOf(leaves)), `size ${size}`).toBe(true);
    }
  });

  test('a checkpoint opens with its key and with no other, changed by nobody', () => {
    const note = signCheckpoint(key, 7, Buffer.alloc(32, 5));
    expect(openCheckpoint(note, key)).toMatchObject({ size: 7 });
    expect(openCheckpoint(note.replace('\n7\n', '\n8\n'), key)).toBeNull();
    expect(openCheckpoint(note, { ...key, publicKey: Buffer.alloc(32, 1) })).toBeNull();
  });

  test('entries are canonical JSON: sorted keys, NFC', () => {
    const entry = canonicalEntry(
      now,
      letterIgnored({ subject: 'Nguye\u0302\u0303n', sender: 'An@B.vn', why: 'a"b' }),
    );
    expect(entry).toBe(
      '{"at":"2026-11-24T03:00:00.000Z","event":"letter.ignored","outcome":"a\\"b","sender":"an@b.vn","subject":"Nguyễn"}',
    );
  });
});

describe('log in PostgreSQL', () => {
  let db: Awaited<ReturnType<typeof freshDatabase>>;
  const errors: unknown[] = [];
  const sequencer = () =>
    createSequencer({ sql: db.sql, key, clock: fixedClock(now), onError: (error) => errors.push(error) });
  beforeAll(async () => {
    db = await freshDatabase();
    await prepareMonths(db.sql, now);
  });
  afterAll(() => db.drop());
  beforeEach(async () => {
    for (let i = 0; i < 300; i++) {
      const mail = { sender: 'snv@quangbinh.gov.vn', subject: `Đề nghị số ${i}` };
      await append(db.sql, now, letterReceived(mail));
    }
  });

  test('two racing sequencers number everything once, and it verifies', async () => {
    await Promise.all([sequencer().runOnce(), sequencer().runOnce(), sequencer().runOnce()]);
    const report = await verifyLog(db.sql, key);
    expect(report).toMatchObject({ size: 300, pending: 0, faults: [] });
  });

  test('words are found with and without accents', async () => {
    const found = await searchLog(db.sql, { words: 'de nghi 299', limit: 10 });
    expect(found.length).toBeGreaterThan(0);
    expect(found[0]?.entry['subject']).toBe('Đề nghị số 299');
    expect(await searchLog(db.sql, { words: 'Đề nghị 299', limit: 10 })).toHaveLength(found.length);
  });

  test.each([
    [
      'a changed entry',
      (n: number) => `update mail_log.mail_event set entry = replace(entry, 'nghị', 'nghi')
       where (at, id) = (select at, id from mail_log.sequenced where number = ${n})`,
      /changed/,
    ],
    [
      'a removed entry',
      (n: number) => `delete from mail_log.mail_event
       where (at, id) = (select at, id from mail_log.sequenced where number = ${n})`,
      /removed/,
    ],
    [
      'a slipped-in entry',
      () => `insert into mail_log.mail_event (at, id, entry, salt, leaf)
       values (now(), gen_random_uuid(), '{"event":"decision"}', decode(repeat('00',16),'hex'), decode(repeat('00',32),'hex'))`,
      /stand in the table/,
    ],
  ])('%s is found', async (_name, statement, expected) => {
    await sequencer().runOnce();
    const tampered = await db.sql
      .begin(async (tx) => {
        await tx`set local session_replication_role = replica`; // a superuser switches the triggers off
        await tx.unsafe(statement(42));
        const inside = await verifyLog(
          { begin: (_o: string, f: (t: typeof tx) => unknown) => f(tx) } as never,
          key,
        );
        throw Object.assign(new Error('undo'), { inside });
      })
      .catch((error: unknown) => (error as { inside: { faults: string[] } }).inside);
    expect(tampered.faults.join('\n')).toMatch(expected);
    expect((await verifyLog(db.sql, key)).faults).toEqual([]);
  });

  test('a checkpoint kept outside shows a history that was rewritten and signed again', async () => {
    await sequencer().runOnce();
    const other = signCheckpoint(key, 10, Buffer.alloc(32, 9));
    expect((await verifyLog(db.sql, key, { from: other })).faults.join()).toMatch(
      /do not give the root|rewritten/,
    );
    expect(errors).toEqual([]);
  });
});
