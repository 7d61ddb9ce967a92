import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eq } from 'drizzle-orm';
import { migrate, openDatabase, type Tx } from '../../src/store/database.ts';
import { unit } from '../../src/store/schema.ts';
import { freshDatabase } from '../harness/database.ts';

let db: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  db = await freshDatabase();
});
afterAll(() => db.drop());

const snv = { code: 'snv', regulation: 'r', name: 'Sở Nội vụ', level: 'so', abbreviation: 'snv' };

test('both ways of speaking share one transaction', async () => {
  const seen = await db.transaction(async (tx) => {
    await tx.orm.insert(unit).values(snv);
    return tx.sql<{ name: string }[]>`select name from unit where code = 'snv'`;
  });
  expect(seen[0]?.name).toBe('Sở Nội vụ');
});

test('a rehearsal sees its own work and leaves nothing behind', async () => {
  const inside = await db.rehearse(async (stage) => {
    await stage.transaction(async (tx) => {
      await tx.orm.update(unit).set({ name: 'khác' }).where(eq(unit.code, 'snv'));
    });
    return stage.transaction(async (tx) => (await tx.orm.select().from(unit))[0]?.name);
  });
  expect(inside).toBe('khác');
  const outside = await db.transaction(async (tx) => (await tx.orm.select().from(unit))[0]?.name);
  expect(outside).toBe('Sở Nội vụ');
});

test('a transaction ends with its connection: nothing it still asks reaches the one opened in its place', async () => {
  const own = await openDatabase({ url: db.url, dataDir: '', connections: 1 });
  const insert = (tx: Tx, code: string) => tx.orm.insert(unit).values({ ...snv, code });
  let goOn = (): void => undefined;
  const told = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  let pid = 0;
  const cut = own.transaction(async (tx) => {
    pid = (await tx.sql<{ pid: number }[]>`select pg_backend_pid() as pid`)[0]!.pid;
    await told;
    await insert(tx, 'cut');
  });
  await expect.poll(() => pid).toBeGreaterThan(0);
  await db.sql`select pg_terminate_backend(${pid})`;
  await expect(cut).rejects.toThrow('CONNECTION_CLOSED');
  const other = own.transaction(async (tx) => {
    await insert(tx, 'other 1');
    goOn();
    await sleep(200);
    await insert(tx, 'other 2');
    throw new Error('rolled back');
  });
  await expect(other).rejects.toThrow('rolled back');
  const codes = await db.transaction((tx) => tx.orm.select({ code: unit.code }).from(unit));
  expect(codes).toEqual([{ code: 'snv' }]);
  await own.close();
});

test('connections that end under load take nothing with them but their own queries', async () => {
  const own = await openDatabase({ url: db.url, dataDir: '', connections: 5 });
  const answers: number[] = [];
  const failures = new Set<string>();
  let over = false;
  const ask = async (n: number): Promise<void> => {
    while (!over) {
      await own
        .transaction(async (tx) => {
          const [row] = await tx.sql<{ n: number }[]>`select ${n}::int as n`;
          // Somebody else's answer would be another number.
          if (row?.n !== n) answers.push(n);
          await tx.sql`select pg_sleep(0.001)`;
        })
        .catch((error: unknown) => failures.add((error as { code?: string }).code ?? String(error)));
    }
  };
  const asking = Array.from({ length: 20 }, (_, n) => ask(n));
  for (let round = 0; round < 20; round += 1) {
    await sleep(50);
    await db.sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and query like '%pg_sleep(0.001)%'`;
  }
  over = true;
  await Promise.all(asking);
  expect(answers).toEqual([]);
  expect(
    [...failures].filter((code) => !['CONNECTION_CLOSED', 'ECONNRESET', 'EPIPE', '57P01'].includes(code)),
  ).toEqual([]);
  expect(failures.size).toBeGreaterThan(0);
  expect(await own.transaction((tx) => tx.sql`select 1 as one`)).toEqual([{ one: 1 }]);
  await own.close();
});

test('three gateways may migrate at once', async () => {
  await expect(Promise.all([migrate(db.url), migrate(db.url), migrate(db.url)])).resolves.toHaveLength(3);
});

test('the mail log refuses to be changed', async () => {
  await db.sql`select mail_log.ensure_month(now())`;
  await db.sql`insert into mail_log.mail_event (at, id, entry, salt, leaf)
    values (now(), gen_random_uuid(), '{"event":"x"}', ${Buffer.alloc(16)}, ${Buffer.alloc(32)})`;
  await expect(db.sql`update mail_log.mail_event set entry = '{}'`).rejects.toThrow(/append-only/);
  await expect(db.sql`delete from mail_log.mail_event`).rejects.toThrow(/append-only/);
  await expect(db.sql`truncate mail_log.mail_event`).rejects.toThrow(/append-only/);
});
