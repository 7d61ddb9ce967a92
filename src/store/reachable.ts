import { setTimeout as sleep } from 'node:timers/promises';

/** Codes of postgres.js, the socket and the server (57P0x: starting or stopping, 53300: no connection free). */
const AWAY: ReadonlySet<string> = new Set([
  ...[
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
    'ETIMEDOUT',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'EAI_AGAIN',
    'ENOENT',
  ],
  ...['CONNECT_TIMEOUT', 'CONNECTION_CLOSED', 'CONNECTION_DESTROYED', 'CONNECTION_ENDED'],
  ...['57P01', '57P02', '57P03', '53300'],
]);

/** Whether the database is away and may come back by itself; a wrong password or a wrong name does not. */
export function isAway(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause)
    if ('code' in at && typeof at.code === 'string' && (AWAY.has(at.code) || at.code.startsWith('08')))
      return true;
  return false;
}

const RETRY_MS = 1000;

/**
 * Repeats `once` while the database is away: after a power cut the gateway may be up before its PostgreSQL.
 * @param waiting told at the first failure
 * @throws anything that is not `isAway`, and what `once` threw last when the signal ends the waiting
 */
export async function whenReachable<T>(
  once: () => Promise<T>,
  signal: AbortSignal,
  waiting: (error: unknown) => void,
): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await once();
    } catch (error) {
      if (!isAway(error) || signal.aborted) throw error;
      if (tries === 0) waiting(error);
      await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
