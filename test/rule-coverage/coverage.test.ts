import fs from 'node:fs';
import { expect, test } from 'vitest';
import { ruleCoverage } from './coverage.ts';

const rules = ruleCoverage();

test('every rule software can decide is shown, or it is said what is missing', () => {
  const bare = rules.filter(
    ({ shownBy, out, notDone }) => shownBy.length === 0 && out === null && notDone === null,
  );
  expect(bare.map(({ id }) => id)).toEqual([]);
});

test('what is pointed at exists', () => {
  const files = rules.flatMap(({ shownBy }) => shownBy).filter((name) => name.startsWith('test/'));
  expect(files.filter((file) => !fs.existsSync(file))).toEqual([]);
});

test('nothing is out of scope without a reason, and letters name known rules only', () => {
  expect(rules.filter(({ out, notDone }) => out === '' || notDone === '')).toEqual([]);
  const known = fs.readFileSync('test/cases/rules/requirement-ids.txt', 'utf8').split('\n');
  const ids = new Set([...known, ...rules.map(({ id }) => id)]);
  const named = fs
    .readdirSync('fixtures/letters')
    .filter((file) => file.endsWith('.expect.json'))
    .flatMap(
      (file) =>
        (JSON.parse(fs.readFileSync(`fixtures/letters/${file}`, 'utf8')) as { rules: string[] }).rules,
    );
  expect([...new Set(named)].filter((id) => !ids.has(id))).toEqual([]);
});
