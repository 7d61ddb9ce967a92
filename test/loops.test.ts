import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { every } from '../src/loops.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('the first round comes at once, the others at the pace, also after one that failed', async () => {
  const failures: unknown[] = [];
  let rounds = 0;
  const loop = every(
    1000,
    () => {
      rounds += 1;
      return rounds === 2 ? Promise.reject(new Error('second')) : Promise.resolve();
    },
    (error) => failures.push(error),
  );
  expect(rounds).toBe(1);
  await vi.advanceTimersByTimeAsync(3500);
  expect(rounds).toBe(4);
  expect(failures).toEqual([new Error('second')]);
  await loop.stop();
  await vi.advanceTimersByTimeAsync(5000);
  expect(rounds).toBe(4);
});

test('a round that hangs is followed by one round, not by all that were due', async () => {
  let rounds = 0;
  let end = (): void => undefined;
  const loop = every(
    1000,
    () => {
      rounds += 1;
      return new Promise((resolve) => (end = resolve));
    },
    () => undefined,
  );
  await vi.advanceTimersByTimeAsync(60_500);
  expect(rounds).toBe(1);
  end();
  await vi.advanceTimersByTimeAsync(1000);
  expect(rounds).toBe(2);
  let stopped = false;
  const stop = loop.stop().then(() => (stopped = true));
  await vi.advanceTimersByTimeAsync(5000);
  expect(stopped, 'a round that runs is waited for').toBe(false);
  end();
  await stop;
  await vi.advanceTimersByTimeAsync(5000);
  expect(rounds).toBe(2);
});
