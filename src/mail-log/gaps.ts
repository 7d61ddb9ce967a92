/**
 * Stretches in which nothing was written. A gateway that runs makes a heartbeat every five minutes, so where neither
 * it nor any other entry stands for ten, no gateway ran, or what stood there was taken out by somebody who could sign
 * the rest again. The log cannot tell which: a gap is told, it is no fault.
 *
 * In the order of the numbers, an entry whose `at` is more than ten minutes after the latest `at` before it ends a gap.
 * Lines of the mail system's own log carry its times and say nothing of the gateway. Where a number is missing
 * (forgotten) nobody knows what stood there, and the reckoning begins anew.
 */
export interface Gap {
  /** ISO. */
  readonly from: string;
  /** ISO; null: until now. */
  readonly to: string | null;
}

/** One heartbeat may be missed by a restart. */
export const MOST_SILENT_MS = 600_000;
/** The newest are listed, the others counted: a gateway that is put out every night makes one a day. */
const LISTED = 50;

export interface Gaps {
  /** Oldest first. */
  readonly gaps: readonly Gap[];
  /** Earlier ones that are not listed. */
  readonly more: number;
}

export interface GapFinder {
  /** Entries in the order of their numbers, as canonical text (event.ts). */
  readonly see: (number: number, entry: string) => void;
  /** @param now asked of a log that should be running: what is missing at its end counts too */
  readonly found: (now?: Date) => Gaps;
}

export function createGapFinder(): GapFinder {
  const gaps: Gap[] = [];
  let [more, last, latest] = [0, -1, -Infinity];
  const add = (from: number, to: number | null): void => {
    gaps.push({
      from: new Date(from).toISOString(),
      to: to === null ? null : new Date(to).toISOString(),
    });
    if (gaps.length > LISTED) {
      gaps.shift();
      more++;
    }
  };
  return {
    see(number, entry) {
      if (number !== last + 1) latest = -Infinity;
      last = number;
      if (entry.includes(',"event":"mail.transferred"')) return;
      const at = Date.parse(timeOf(entry));
      if (Number.isNaN(at)) return;
      if (at - latest > MOST_SILENT_MS && latest > -Infinity) add(latest, at);
      latest = Math.max(latest, at);
    },
    found(now) {
      if (now !== undefined && latest > -Infinity && now.getTime() - latest > MOST_SILENT_MS)
        add(latest, null);
      return { gaps, more };
    },
  };
}

/** Of a canonical text without parsing it: inside a value the quotes would be escaped. */
function timeOf(entry: string): string {
  const at = entry.startsWith('{"at":"') ? 0 : entry.indexOf(',"at":"');
  return at < 0 ? '' : entry.slice(at + 7, entry.indexOf('"', at + 7));
}
