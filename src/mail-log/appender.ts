import { createTogether } from '../together.ts';
import type { LogEvent } from './event.ts';

/** Writes an entry; resolves when it is durable. */
export type Appender = (at: Date, event: LogEvent) => Promise<void>;

interface Entry {
  readonly at: Date;
  readonly event: LogEvent;
}

/** Entries of one statement at most; of more than this at once the first would wait for the last. */
const MOST = 256;

/**
 * For entries that belong to no other deed in the database (a refusal at the door in a flood of them): those that come
 * at the same time are written in one transaction with one fsync. An entry that tells of a deed goes into the deed's
 * own transaction by `append`.
 *
 * @param write all of them or none, by `appendEach`
 */
export function createAppender(write: (entries: readonly Entry[]) => Promise<void>): Appender {
  const together = createTogether({
    // One group at a time: two at once make smaller groups and cost more (bench log).
    lanes: 1,
    most: MOST,
    async work(entries: readonly Entry[]) {
      await write(entries);
      return entries.map(() => undefined);
    },
  });
  return (at, event) => together({ at, event });
}
