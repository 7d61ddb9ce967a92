import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase, type OpenDatabase, type Tx } from '../../src/store/database.ts';
import { addBytes, rawLetter } from '../../src/store/letter-bytes.ts';
import { addLetters } from '../../src/store/letters.ts';
import { freshDatabase } from '../harness/database.ts';

let fresh: Awaited<ReturnType<typeof freshDatabase>>;
/** One connection: what a failed COPY leaves on it, the next one meets. */
let db: OpenDatabase;
beforeAll(async () => {
  fresh = await freshDatabase();
  db = await openDatabase({ url: fresh.url, dataDir: '', connections: 1 });
});
afterAll(async () => {
  await db.close();
  await fresh.drop();
});

async function addEmptyLetter(tx: Tx): Promise<string> {
  const id = randomUUID();
  const row = {
    id,
    receivedAt: new Date('2026-03-02T02:00:00Z'),
    door: 'smtp',
    client: '127.0.0.1',
    regulation: 'r',
    unit: null,
    person: null,
    messageId: null,
    reason: null,
    sender: 'snv@quangbinh.gov.vn',
    size: 0,
    digest: randomBytes(32),
    state: 'received' as const,
    kinds: [],
    facts: {} as never,
    dueAt: new Date('2026-03-02T02:00:00Z'),
  };
  await addLetters(tx, [row]);
  return id;
}

const sizeOf = (chunks: readonly Buffer[]): number => chunks.reduce((sum, { length }) => sum + length, 0);

async function kept(...letters: readonly (readonly Buffer[])[]): Promise<Buffer[]> {
  const ids = await db.transaction(async (tx) => {
    const added: string[] = [];
    for (const _ of letters) added.push(await addEmptyLetter(tx));
    await addBytes(
      tx,
      added.map((letter, i) => ({ letter, size: sizeOf(letters[i]!), chunks: letters[i]! })),
    );
    return added;
  });
  return Promise.all(ids.map((id) => rawLetter(db, id)));
}

test.each([0, 1, 8099, 8100, 8101, 16_200, 259_199, 259_200, 259_201, 5_000_000])(
  'a letter of %i bytes comes back as it was, in whatever chunks it came',
  async (size) => {
    const bytes = randomBytes(size);
    const chunked = (most: number): Buffer[] =>
      Array.from({ length: Math.ceil(size / most) }, (_, i) => bytes.subarray(i * most, (i + 1) * most));
    const sizes = [65_536, 7919, 1_000_003];
    const back = await kept(...sizes.map(chunked));
    expect(back.map((one) => one.equals(bytes))).toEqual(sizes.map(() => true));
  },
);

test('pieces are not cut into parts of a second table', async () => {
  await kept([randomBytes(100_000)]);
  const [toast] = await db.sql<{ bytes: string }[]>`
    select pg_relation_size(reltoastrelid) as bytes from pg_class where relname = 'letter_bytes'`;
  expect(toast?.bytes).toBe('0');
});

test('older pieces of 256 KB are read', async () => {
  const bytes = randomBytes(600_000);
  const id = await db.transaction(async (tx) => {
    const letter = await addEmptyLetter(tx);
    for (const [piece, from] of [0, 262_144, 524_288].entries()) {
      const hex = bytes.subarray(from, from + 262_144).toString('hex');
      await tx.sql`insert into letter_bytes (letter, piece, raw) values (${letter}, ${piece}, decode(${hex}, 'hex'))`;
    }
    return letter;
  });
  expect((await rawLetter(db, id)).equals(bytes)).toBe(true);
});

const letters = async (): Promise<number> =>
  Number((await db.sql<{ n: string }[]>`select count(*) as n from letter`)[0]!.n);

/** Nothing of the failed one stays, and the next one on the same connection is as good as any. */
async function leavesNothing(
  failing: (tx: Tx, letter: string) => Promise<void>,
  error: string,
): Promise<void> {
  const before = await letters();
  const failed = db.transaction(async (tx) => {
    await failing(tx, await addEmptyLetter(tx));
  });
  await expect(failed).rejects.toThrow(error);
  expect(await letters()).toBe(before);
  const bytes = randomBytes(20_000);
  expect((await kept([bytes]))[0]!.equals(bytes)).toBe(true);
}

test('a letter whose bytes cannot be read to their end', () =>
  leavesNothing(async (tx, letter) => {
    async function* broken(): AsyncGenerator<Buffer> {
      yield randomBytes(1_000_000);
      await sleep(1);
      throw new Error('spool is gone');
    }
    await addBytes(tx, [{ letter, size: 2_000_000, chunks: broken() }]);
  }, 'spool is gone'));

test.each([999, 1001, 8100, 300_000])('a letter of 1000 bytes that should have %i', (size) =>
  leavesNothing(async (tx, letter) => {
    await addBytes(tx, [{ letter, size, chunks: [randomBytes(1000)] }]);
  }, `its ${size} bytes`),
);

test('bytes that the database refuses when all were sent', () =>
  leavesNothing(async (tx) => {
    await addBytes(tx, [{ letter: randomUUID(), size: 1000, chunks: [randomBytes(1000)] }]);
  }, 'letter_bytes_letter_letter_id_fk'));

test('bytes that the database refuses in the middle', () =>
  leavesNothing(async (tx, letter) => {
    const bytes = randomBytes(8100);
    await addBytes(tx, [{ letter, size: 8100, chunks: [bytes] }]);
    await addBytes(tx, [{ letter, size: 8_100_000, chunks: Array.from({ length: 1000 }, () => bytes) }]);
  }, 'letter_bytes_letter_piece_pk'));

test('a connection that is lost in the middle', () =>
  leavesNothing(async (tx, letter) => {
    const [row] = await tx.sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
    async function* cut(): AsyncGenerator<Buffer> {
      for (let i = 0; i < 100; i += 1) {
        yield randomBytes(100_000);
        if (i === 50) await db.sql`select pg_terminate_backend(${row!.pid})`;
        await sleep(2);
      }
    }
    await addBytes(tx, [{ letter, size: 10_000_000, chunks: cut() }]);
  }, 'CONNECTION_CLOSED'));

test('a connection that is lost when all was sent', () =>
  leavesNothing(async (tx, letter) => {
    const [row] = await tx.sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
    await addBytes(tx, [{ letter, size: 100_000, chunks: [randomBytes(100_000)] }]);
    await db.sql`select pg_terminate_backend(${row!.pid})`;
    await addBytes(tx, [{ letter, size: 100_000, chunks: [randomBytes(100_000)] }]);
  }, 'CONNECTION_CLOSED'));
