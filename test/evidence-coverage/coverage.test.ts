import { expect, test } from 'vitest';
import { exists, policyRows } from './coverage.ts';

const rows = policyRows();

test('every row names cases, or says what is missing', () => {
  expect(rows.length).toBeGreaterThan(60);
  expect(rows.filter(({ cases, pending }) => cases.length === 0 && (pending ?? '') === '')).toEqual([]);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
});

test.each(rows.filter(({ pending }) => pending === null))('$id $must', ({ cases }) => {
  expect(cases.filter((one) => !exists(one))).toEqual([]);
});

test.each([
  'smime:no such case',
  'smime:no such*',
  'letter:000-none',
  'test/evidence/none.test.ts # x',
  'test/evidence/smime.test.ts # no such title',
  'test/evidence/smime.test.ts',
])('a case that does not exist is found out: %s', (named) => {
  expect(exists(named)).toBe(false);
});
