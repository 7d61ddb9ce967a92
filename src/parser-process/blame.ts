import { ParserCrash } from './child-process.ts';
import type { ParserPool } from './pool.ts';

/** Any child that works reads this at once. */
const HARMLESS = Buffer.from('From: a@b.vn\r\nSubject: a\r\nContent-Type: text/plain\r\n\r\na\r\n');

/** Where the trouble comes and goes, one letter may pass by luck. */
const WITNESSES = 3;

/**
 * Runs a job and finds out who is to blame when its child dies. A child that died at once may have been anybody's
 * victim (no memory left, no process to be had), so it gets a second try; and a letter is blamed only while others
 * pass.
 * @throws ParserCrash when it is the letter's fault; any other Error when it is ours, or the job itself failed
 */
export async function blaming<T>(pool: Pick<ParserPool, 'examine'>, job: () => Promise<T>): Promise<T> {
  try {
    try {
      return await job();
    } catch (error) {
      if (error instanceof ParserCrash && error.kind === 'died') return await job();
      throw error;
    }
  } catch (error) {
    if (error instanceof ParserCrash) await requireWorking(pool);
    throw error;
  }
}

async function requireWorking(pool: Pick<ParserPool, 'examine'>): Promise<void> {
  try {
    for (let passed = 0; passed < WITNESSES; passed += 1)
      await pool.examine({ raw: HARMLESS, at: new Date(0), trustDirs: { anchors: '/nonexistent' } });
  } catch (cause) {
    throw new Error('the parsing child does not work', { cause });
  }
}
