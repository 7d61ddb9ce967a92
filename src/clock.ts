/** Time comes in through this port everywhere, SQL included, so that tests and dry runs own it. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };

/** A clock that stands still (dry runs: `replay --now`). */
export function fixedClock(at: Date): Clock {
  return { now: () => new Date(at) };
}
