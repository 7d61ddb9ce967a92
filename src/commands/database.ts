import type { Config } from '../config.ts';
import { causeText } from '../errors.ts';
import { migrate, openDatabase, type OpenDatabase } from '../store/database.ts';
import { whenReachable } from '../store/reachable.ts';
import type { CommandIo } from './command.ts';

/**
 * Opens and migrates the configured database; a command that only looks around still finds its tables.
 * `wait`: a service waits for a database that is away, a person at a terminal is told at once.
 */
export async function useDatabase<T>(
  config: Pick<Config, 'databaseUrl' | 'dataDir'>,
  io: CommandIo,
  fn: (db: OpenDatabase) => Promise<T>,
  absent: 'fail' | 'wait' = 'fail',
): Promise<T> {
  const db = await openDatabase({
    url: config.databaseUrl,
    dataDir: config.dataDir,
    progress: (what) => io.err.write(`${what} …\n`),
  });
  try {
    if (absent === 'fail') await migrate(db.url);
    else
      await whenReachable(
        () => migrate(db.url),
        io.signal,
        (error) => io.err.write(`the database is away, waiting for it (${causeText(error)})\n`),
      );
    return await fn(db);
  } finally {
    await db.close();
  }
}
