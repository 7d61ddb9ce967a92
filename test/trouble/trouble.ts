import type { Database } from '../../src/store/database.ts';

/**
 * When a port fails: until the trouble ends, its first calls only, or its first and then by chance (a seeded one).
 * `answer lost` is the worst kind: the deed is done and its answer does not come back.
 */
export type Mood = 'always' | 'first' | 'by chance' | 'answer lost';

export const MOODS: readonly Mood[] = ['always', 'first', 'by chance', 'answer lost'];

export interface Trouble {
  /** How often it struck. */
  readonly strikes: () => number;
  end(): void;
  /** The same port with trouble in it: every function may throw before or after its deed. */
  database(real: Database): Database;
  port<T extends object>(real: T): T;
}

const FIRST = 4;
const CHANCE = 0.25;

export function createTrouble(mood: Mood, failure: () => Error, seed = 1): Trouble {
  const chance = seeded(seed);
  let calls = 0;
  let strikes = 0;
  let over = false;
  /** `after`: the deed is done already. */
  const strike = (after: boolean): void => {
    if (over) return;
    if (!after) calls += 1;
    const due = {
      always: !after,
      first: !after && calls <= FIRST,
      'by chance': chance() < CHANCE || (!after && calls === 1),
      'answer lost': after && calls <= FIRST,
    }[mood];
    if (!due) return;
    strikes += 1;
    throw failure();
  };
  const around =
    <A extends unknown[]>(deed: (...args: A) => unknown) =>
    (...args: A): unknown => {
      strike(false);
      const done = deed(...args);
      if (!(done instanceof Promise)) {
        strike(true);
        return done;
      }
      return done.then((value: unknown) => {
        strike(true);
        return value;
      });
    };
  return {
    strikes: () => strikes,
    end() {
      over = true;
    },
    database: (real) => ({
      ...real,
      async transaction(fn) {
        strike(false);
        const value = await real.transaction(async (tx) => {
          const inside = await fn(tx);
          // Everything is said, and then the commit fails.
          if (mood === 'by chance') strike(false);
          return inside;
        });
        strike(true);
        return value;
      },
    }),
    port: (real) =>
      new Proxy(real, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name);
          return typeof value === 'function' ? around((value as () => unknown).bind(target)) : value;
        },
      }),
  };
}

/** Chance that comes out the same each time (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
