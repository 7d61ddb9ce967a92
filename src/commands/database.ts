import type { Config } from '../config.ts';
import { migrate, openDatabase, type OpenDatabase } from '../store/database.ts';
import type { CommandIo } from './command.ts';

/** Opens and migrates the configured database; a command that only looks around still finds its tables. */
export async function useDatabase<T>(
  config: Pick<Config, 'databaseUrl' | 'dataDir'>,
  io: CommandIo,
  fn: (db: OpenDatabase) => Promise<T>,
): Promise<T> {
  const db = await openDatabase({
    url: config.databaseUrl,
    dataDir: config.dataDir,
    progress: (what) => io.err.write(`${what} …\n`),
  });
  try {
    await migrate(db.url);
    return await fn(db);
  } finally {
    await db.close();
  }
}
