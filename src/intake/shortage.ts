import { statfs } from 'node:fs/promises';

/** A disk that is full here (ENOSPC, EDQUOT) or under PostgreSQL (53100): the sender keeps its letter and comes again. */
export function isShortage(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause)
    if ('code' in at && typeof at.code === 'string' && SHORTAGES.has(at.code)) return true;
  return false;
}

const SHORTAGES: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', '53100']);

/** How long an answer about the disk stands: a hundred letters of one moment ask once. */
const STANDS_MS = 100;

/** @returns what tells whether the disk of a directory has so many bytes left; 0 asks nothing */
export function createRoomCheck(directory: string, bytes: number): () => Promise<boolean> {
  if (bytes === 0) return () => Promise.resolve(true);
  let asked = -Infinity;
  let answer = Promise.resolve(true);
  const ask = async (): Promise<boolean> => {
    const { bavail, bsize } = await statfs(directory);
    return bavail * bsize > bytes;
  };
  return () => {
    if (performance.now() - asked > STANDS_MS) {
      asked = performance.now();
      answer = ask();
    }
    return answer;
  };
}
