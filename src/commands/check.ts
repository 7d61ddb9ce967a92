import { parseArgs } from './options.ts';
import { systemClock } from '../clock.ts';
import { countGrades, examine, exitStatus, type Examined } from '../doctor/examination.ts';
import { LANGUAGES, type Grade, type Language } from '../doctor/finding.ts';
import { UserError } from '../errors.ts';
import type { Command } from './command.ts';
import { progress } from './table-file.ts';

export const check: Command = {
  name: 'check',
  summary: 'looks at everything the gateway depends on, with a hint for each fault',
  usage: `congthu check [--json] [--lang vi|en] [--quick]
Configuration, DNS, TLS, database, clock, disk, virus scanner, relay, IMAP, provisioner, trust store, queues, mail log.
Nothing is changed and no letter is sent. --quick leaves out the verification of the whole mail log.
Ends with status 0 when all is in order, 1 with warnings, 2 with failures.
`,
  async run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: { json: { type: 'boolean' }, quick: { type: 'boolean' }, lang: { type: 'string' } },
    });
    const language = languageOf(values.lang ?? 'en');
    const findings = await examine(io.env, {
      clock: systemClock,
      quick: values.quick === true,
      progress: progress(io.err, 'entries'),
      starting: (what) => io.err.write(`${what} …\n`),
    });
    io.out.write(values.json === true ? json(findings, language) : lines(findings, language));
    return exitStatus(findings);
  },
};

function languageOf(word: string): Language {
  const known = LANGUAGES.find((language) => language === word);
  if (known === undefined) throw new UserError(`--lang: "${word}" is none of ${LANGUAGES.join(', ')}.`);
  return known;
}

const WORDS: Readonly<Record<Language, Readonly<Record<Grade, string>>>> = {
  vi: { ok: 'đạt', warning: 'cảnh báo', failure: 'LỖI', skipped: 'bỏ qua' },
  en: { ok: 'ok', warning: 'warning', failure: 'FAILURE', skipped: 'skipped' },
};
const WIDTH = 9;

function lines(findings: readonly Examined[], language: Language): string {
  const words = WORDS[language];
  const told = findings.map(({ grade, title, seen, hint }) => {
    const line = `${words[grade].padEnd(WIDTH)}${title[language]}: ${seen[language]}\n`;
    return hint === null ? line : `${line}${' '.repeat(WIDTH)}→ ${hint[language]}\n`;
  });
  const counts = Object.entries(countGrades(findings))
    .map(([grade, count]) => `${count} ${words[grade as Grade].toLowerCase()}`)
    .join(', ');
  return `${told.join('')}${counts}\n`;
}

function json(findings: readonly Examined[], language: Language): string {
  const told = findings.map(({ probe, grade, title, seen, hint }) => ({
    probe,
    grade,
    title: title[language],
    seen: seen[language],
    hint: hint === null ? null : hint[language],
  }));
  const report = { at: systemClock.now().toISOString(), counts: countGrades(findings), findings: told };
  return `${JSON.stringify(report)}\n`;
}
