import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { DECISION_WORDS, outcomeWords } from '../../src/console/entry-words.ts';
import { LETTER_STATES } from '../../src/rules/letter.ts';

const SRC = path.resolve(import.meta.dirname, '../../src');
const code = fs
  .readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => /^(?:work|jobs)\/.*\.ts$/.test(file))
  .map((file) => fs.readFileSync(path.join(SRC, file), 'utf8'))
  .join('\n');

/** What stands as `outcome` in the decisions the code writes, as far as it stands there in letters. */
const outcomes = [
  ...[...code.matchAll(/\bdecision\(\{[^}]*?\boutcome: '([^']+)'/g)].map((match) => match[1]!),
  ...[...code.matchAll(/\bdecided\(\s*work,\s*officer,\s*'[^']+',\s*'([^']+)'/g)].map((match) => match[1]!),
];

test('a clerk reads every decision in Vietnamese', () => {
  expect(outcomes.length).toBeGreaterThan(25);
  const known: readonly string[] = [...Object.keys(DECISION_WORDS), ...LETTER_STATES];
  expect(outcomes.filter((outcome) => !known.includes(outcome))).toEqual([]);
  for (const outcome of outcomes)
    expect(outcomeWords({ at: '', event: 'decision', outcome }, (vi) => vi)).not.toBe(outcome);
});
