import { ruleCoverage } from './coverage.ts';

/** Prints every rule id of requirements.md with what shows it, or why nothing does. */
const MOST_SHOWN = 3;
const rules = ruleCoverage();
for (const { id, classes, shownBy, out, notDone } of rules) {
  const more = shownBy.length > MOST_SHOWN ? ` and ${shownBy.length - MOST_SHOWN} more` : '';
  const shown = shownBy.length === 0 ? 'NOTHING' : shownBy.slice(0, MOST_SHOWN).join(', ') + more;
  const told = notDone !== null ? `not done: ${notDone}` : out !== null ? `out of scope: ${out}` : shown;
  process.stdout.write(`${id.padEnd(20)} ${classes.join(' ').padEnd(9)} ${told}\n`);
}
const count = (fits: (rule: (typeof rules)[number]) => boolean): number => rules.filter(fits).length;
const undone = count(({ notDone }) => notDone !== null);
const outside = count(({ out, notDone }) => out !== null && notDone === null);
const bare = count(({ out, notDone, shownBy }) => out === null && notDone === null && shownBy.length === 0);
process.stdout.write(
  `\n${rules.length} rules: ${rules.length - undone - outside - bare} shown, ${outside} out of scope, ${undone} not done, ${bare} with nothing\n`,
);
process.exitCode = bare === 0 ? 0 : 1;
