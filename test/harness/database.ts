import { randomBytes } from 'node:crypto';
import { postgresClient } from '../../src/store/driver.ts';
import { inject } from 'vitest';
import { openDatabase, type OpenDatabase } from '../../src/store/database.ts';

/** A database of this test file's own, cloned from the migrated template. `drop` ends and removes it. */
export async function freshDatabase(): Promise<OpenDatabase & { drop(): Promise<void> }> {
  const server = inject('server');
  const name = `test_${randomBytes(6).toString('hex')}`;
  const admin = postgresClient(server, { max: 1, onnotice: () => undefined });
  await admin`select pg_advisory_lock(1)`; // two clones at once would each see the other as a user of the template
  await admin`create database ${admin(name)} template congthu_template`;
  await admin.end();
  const url = new URL(server);
  url.pathname = `/${name}`;
  const db = await openDatabase({ url: url.href, dataDir: '' });
  return {
    ...db,
    async drop() {
      await db.close();
      const again = postgresClient(server, { max: 1, onnotice: () => undefined });
      await again`drop database ${again(name)} with (force)`;
      await again.end();
    },
  };
}
