import { Resolver } from 'node:dns/promises';

import type { Clock } from '../clock.ts';

/**
 * DNS as the sender checks ask it. Rejects like node:dns, with `code`: ENOTFOUND and ENODATA say there is no such
 * record; everything else says that nobody can tell now.
 */
export type Ask = (name: string, type: string) => Promise<string[] | string[][]>;

export interface ResolverOptions {
  /** "192.0.2.1" or "192.0.2.1:5353"; null asks the servers of the machine. */
  readonly server: string | null;
  /** Of one try; there are two. */
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** Types the sender checks need. Anything else would be a name chosen by a stranger asked for in a way we do not know. */
const TYPES = new Set(['TXT', 'A', 'AAAA', 'MX', 'PTR', 'CNAME']);

/**
 * node:dns does not tell the TTL of most types, so every answer lives this long; long enough that a burst of letters
 * from one unit asks once, short enough that a corrected DNS record works before the sender's next try.
 */
const KEEP_MS = 60_000;
/** About 2 MB of records. */
const MAX_KEPT = 5000;

/**
 * Only names of letters, digits, ".", "_" and "-" are asked. A NUL in a DKIM selector ends the name in the C library
 * below: mailauth 7.1.0 then reports dkim=pass for any domain with the forger's own key (threats.md).
 */
const ASKABLE = /^(?=.{1,253}$)(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}\.?$/i;

export function createResolver(options: ResolverOptions): Ask {
  const resolver = new Resolver({ timeout: options.timeoutMs, tries: 2 });
  if (options.server !== null) resolver.setServers([options.server]);
  const kept = new Map<string, { until: number; answer: Promise<string[] | string[][]> }>();
  const forget = (key: string, answer: unknown): void => {
    if (kept.get(key)?.answer === answer) kept.delete(key);
  };
  return (name, type) => {
    if (!ASKABLE.test(name) || !TYPES.has(type)) return Promise.reject(noSuchName(name));
    const key = `${type} ${name.toLowerCase()}`;
    const now = options.clock.now().getTime();
    const known = kept.get(key);
    if (known !== undefined && known.until > now) return known.answer;
    const answer = resolver.resolve(name, type) as Promise<string[] | string[][]>;
    kept.delete(key);
    kept.set(key, { until: now + KEEP_MS, answer });
    if (kept.size > MAX_KEPT) kept.delete(kept.keys().next().value!);
    answer.catch((error: unknown) => {
      if (!saysNo(error)) forget(key, answer);
    });
    return answer;
  };
}

const saysNo = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOTFOUND' || error.code === 'ENODATA');

const noSuchName = (name: string): Error =>
  Object.assign(new Error(`not a name to be asked: ${JSON.stringify(name.slice(0, 100))}`), {
    code: 'ENOTFOUND',
  });
