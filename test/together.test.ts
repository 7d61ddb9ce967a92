import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { concernsAll, createTogether } from '../src/together.ts';

/** What each group was, in the order they were begun. */
function recorded(fails: (jobs: readonly number[]) => Error | null = () => null, lanes = 1, most = 8) {
  const groups: number[][] = [];
  const ask = createTogether<number, string>({
    lanes,
    most,
    async work(jobs) {
      groups.push([...jobs]);
      await sleep(5);
      const error = fails(jobs);
      if (error !== null) throw error;
      return jobs.map((job) => `done ${job}`);
    },
  });
  return { groups, ask };
}

const failure = (code: string): Error => Object.assign(new Error(code), { code });
const fates = (asked: Promise<string>[]): Promise<string[]> =>
  Promise.allSettled(asked).then((all) =>
    all.map((one) => (one.status === 'fulfilled' ? one.value : (one.reason as Error).message)),
  );

test('one that comes alone does not wait; those that come meanwhile go together, each with its own answer', async () => {
  const { groups, ask } = recorded();
  expect(await fates([1, 2, 3, 4].map(ask))).toEqual(['done 1', 'done 2', 'done 3', 'done 4']);
  expect(groups).toEqual([[1], [2, 3, 4]]);
});

test('no group is larger than said, and no more run at once than there are lanes', async () => {
  const { groups, ask } = recorded(undefined, 2, 2);
  await fates([1, 2, 3, 4, 5, 6, 7].map(ask));
  expect(groups).toEqual([[1], [2], [3, 4], [5, 6], [7]]);
});

test('one that fails by itself does not keep the others out', async () => {
  const { groups, ask } = recorded((jobs) => (jobs.includes(3) ? failure('22P05') : null));
  expect(await fates([1, 2, 3, 4].map(ask))).toEqual(['done 1', 'done 2', '22P05', 'done 4']);
  expect(groups).toEqual([[1], [2, 3, 4], [2], [3], [4]]);
});

test('a database in trouble is not asked once more for each', async () => {
  const { groups, ask } = recorded(() => failure('CONNECTION_CLOSED'));
  expect(await fates([1, 2, 3].map(ask))).toEqual(Array(3).fill('CONNECTION_CLOSED'));
  expect(groups).toEqual([[1], [2, 3]]);
});

test.each([
  [failure('ECONNREFUSED'), true],
  [failure('EPIPE'), true],
  [failure('CONNECT_TIMEOUT'), true],
  // One letter's value that the driver or Node cannot write.
  [failure('UNDEFINED_VALUE'), false],
  [failure('ERR_INVALID_ARG_TYPE'), false],
  [failure('53100'), true],
  [failure('57P01'), true],
  [new Error('query', { cause: failure('08006') }), true],
  [failure('23505'), false],
  [failure('40P01'), false],
  [new TypeError('a defect'), false],
])('%s', (error, all) => {
  expect(concernsAll(error)).toBe(all);
});
