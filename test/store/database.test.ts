import { afterAll, beforeAll, expect, test } from 'vitest';
import { eq } from 'drizzle-orm';
import { migrate } from '../../src/store/database.ts';
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
