import { statfs } from 'node:fs/promises';
import { pendingMigrations, type OpenDatabase } from '../store/database.ts';
import { inTime } from './in-time.ts';

/** A gateway that starts or drains takes no letters. */
export type Phase = 'starting' | 'running' | 'draining';

export interface ReadinessDeps {
  readonly db: OpenDatabase;
  readonly dataDir: string;
  /** Bytes below which the doors answer 452. */
  readonly minFree: number;
  readonly phase: () => Phase;
}

/** Load balancers ask every few seconds and wait about as long. */
const ANSWER_MS = 3000;

/** Why letters should go to another gateway now; empty when this one takes them. No internals, anybody may read it. */
export async function obstacles({ db, dataDir, minFree, phase }: ReadinessDeps): Promise<string[]> {
  const now = phase();
  const found = await Promise.all([
    databaseObstacle(db),
    freeBytes(dataDir).then(
      (bytes) => (bytes > minFree ? null : 'disk nearly full'),
      () => 'data directory unreadable',
    ),
  ]);
  return [now === 'running' ? null : now, ...found].filter((obstacle) => obstacle !== null);
}

async function databaseObstacle(db: OpenDatabase): Promise<string | null> {
  try {
    const { missing } = await inTime(pendingMigrations(db.sql), ANSWER_MS);
    return missing.length === 0 ? null : 'migrations pending';
  } catch {
    return 'database unreachable';
  }
}

export async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}
