import fs from 'node:fs';
import path from 'node:path';

/** One rule of requirements.md and what shows that it is kept. */
export interface RuleCoverage {
  readonly id: string;
  readonly classes: readonly string[];
  /** Letters, tables and test files that name the id, or that the note points at. */
  readonly shownBy: readonly string[];
  /** Why software has nothing to decide; null where it has. */
  readonly out: string | null;
  /** What is missing; null when nothing is known to be. */
  readonly notDone: string | null;
}

const TABLE = 'test/cases/rules/coverage.tsv';
const LETTERS = 'fixtures/letters';
const FIGURES = 'test/cases/rules/figures.json';

/** Every id of test/cases/rules/coverage.tsv with what names it in test titles, letters and tables. */
export function ruleCoverage(): RuleCoverage[] {
  const letters = ruleIdsOfLetters();
  const titles = titlesOfTests();
  const figures = (JSON.parse(fs.readFileSync(FIGURES, 'utf8')) as { rule: string }[]).map(
    ({ rule }) => rule,
  );
  return fs
    .readFileSync(TABLE, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [id = '', classes = '', note = ''] = line.split('\t');
      const after = (word: string): string | null =>
        note.startsWith(`${word}: `) || note.startsWith(`${word} `)
          ? note.slice(word.length + 1).trim()
          : null;
      const see = after('see');
      const names = spelled(id);
      return {
        id,
        classes: classes.split(','),
        shownBy: [
          ...letters
            .filter(({ rules }) => names.some((name) => rules.includes(name)))
            .map(({ name }) => name),
          ...titles.filter(({ text }) => names.some((name) => mentions(text, name))).map(({ file }) => file),
          ...(names.some((name) => figures.includes(name)) ? [FIGURES] : []),
          ...(see === null ? [] : [see]),
        ],
        out: after('out:'),
        notDone: after('not done:'),
      };
    });
}

/** "HCM-13.10, 14.2" is HCM-13.10 and HCM-14.2; "ST-2.4/2.5" is also written ST-2.5. */
function spelled(id: string): string[] {
  const [system = '', ...rest] = id.split('-');
  const parts = rest.join('-').split(/, |\//u);
  return [...new Set([id, ...(/–/u.test(id) ? [] : parts.map((part) => `${system}-${part}`))])];
}

const mentions = (text: string, id: string): boolean => {
  const at = text.indexOf(id);
  return at >= 0 && !/^[\p{L}\d]|^\.\d/u.test(text.slice(at + id.length))
    ? true
    : at >= 0 && mentions(text.slice(at + 1), id);
};

const ruleIdsOfLetters = (): { name: string; rules: string[] }[] =>
  fs
    .readdirSync(LETTERS)
    .filter((file) => file.endsWith('.expect.json'))
    .map((file) => ({
      name: `${LETTERS}/${file.replace('.expect.json', '')}`,
      rules: (JSON.parse(fs.readFileSync(path.join(LETTERS, file), 'utf8')) as { rules: string[] }).rules,
    }));

/**
 * What test files promise: titles of tests and of groups of tests, and rows of tables that begin with an id. An id that
 * merely stands in a value (a column of the database, the text of a refusal) promises nothing.
 */
const PROMISE = /^(?:test|it|describe)[.(]|^\[?\s*['"`]\[?(?:HCM|QB|BH|TH|ST)-/u;

const titlesOfTests = (): { file: string; text: string }[] =>
  fs
    .readdirSync('test', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => ({
      file: `test/${file}`,
      text: fs
        .readFileSync(path.join('test', file), 'utf8')
        .split('\n')
        .map((line) => line.trim().replace(/^\]\)\(/u, 'test('))
        .filter((line) => PROMISE.test(line.replace(/^\]\s*as const\)\(/u, 'test(')))
        .join('\n'),
    }));
