import { expect, test } from 'vitest';
import { vietnamMidnight, walk } from '../../src/mail-log/search.ts';

/* How a search walks the months (src/mail-log/search.ts): n = the month of the year, `empty` as its partition is. */
const months = (newestFirst: string): Parameters<typeof walk>[0] =>
  Array.from(newestFirst, (mark, i) => {
    const month = newestFirst.length - i;
    return { low: vietnamMidnight(2026, month), high: vietnamMidnight(2026, month + 1), empty: mark === '.' };
  });
/** Whole months of each span. */
const lengths = (newestFirst: string): number[] =>
  [...walk(months(newestFirst))].map(({ low, high }) =>
    Math.round((high.getTime() - low.getTime()) / (30.4 * 86_400_000)),
  );

test.each([
  ['', []],
  ['x', [1]],
  ['xxxxxxx', [1, 2, 4]],
  ['xxxxx', [1, 2, 2]],
  // Made ahead: they go with the first month that holds something.
  ['..xxxx', [3, 2, 1]],
  ['x..xxxx', [1, 4, 2]],
  ['x..', [1, 2]],
  ['...', [3]],
])('%s', (newestFirst, expected) => {
  expect(lengths(newestFirst)).toEqual(expected);
});

test('spans join without a gap: an entry that comes meanwhile is in one of them', () => {
  const all = months('..xx.xxxx.x.');
  const spans = [...walk(all)];
  expect(spans[0]!.high).toEqual(all[0]!.high);
  expect(spans.at(-1)!.low).toEqual(all.at(-1)!.low);
  for (const [i, span] of spans.slice(1).entries()) expect(span.high).toEqual(spans[i]!.low);
});
