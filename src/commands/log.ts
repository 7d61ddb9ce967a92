import { LANGUAGES, languageOf, sayIn, type Language, type Say } from '../console/words.ts';
import { UserError } from '../errors.ts';
import type { Command, CommandIo } from './command.ts';
import { exportCommand, pruneCommand } from './log-export.ts';
import { ingestCommand } from './log-ingest.ts';
import { searchCommand, showCommand, statisticsCommand } from './log-search.ts';
import { checkpointCommand, keyCommand, proofCommand, verifyCommand } from './log-verify.ts';

const VERBS: Readonly<Record<string, (args: readonly string[], io: CommandIo, say: Say) => Promise<number>>> =
  {
    search: searchCommand,
    show: showCommand,
    statistics: statisticsCommand,
    verify: verifyCommand,
    checkpoint: checkpointCommand,
    proof: proofCommand,
    key: keyCommand,
    export: exportCommand,
    prune: pruneCommand,
    ingest: ingestCommand,
  };

export const log: Command = {
  name: 'log',
  summary: 'searches, proves, exports and keeps the mail log',
  usage: `congthu log search [words] [--from DAY] [--to DAY] [--event E,E…] [--sender A] [--recipient A] [--message-id ID]
                   [--dossier N] [--letter ID] [--unit CODE] [--outcome O] [--actor A] [--client IP] [--queue ID]
                   [--limit N] [--all] [--json | --csv]
                   without --all or --event the machinery is left out (heartbeats, looks into the log, jobs …)
congthu log show DOSSIER|LETTER [--json]      everything about one matter, oldest first, with its proof state
congthu log statistics PERIOD [--json]        2026, 2026-H2, 2026-Q4 or 2026-11
congthu log verify [--from CHECKPOINT-FILE] [--key VKEY] [--json]
congthu log checkpoint                        the latest checkpoint, to be kept elsewhere
congthu log proof NUMBER                      one entry's .tlog-proof, verifies off-line
congthu log proof --since CHECKPOINT-FILE     that the log still begins with a kept checkpoint
congthu log key                               the verifier key auditors keep
congthu log key rotate --actor NAME           hands the log over to a new key
congthu log export --from DAY --to DAY --out FOLDER [--since CHECKPOINT-FILE]
congthu log prune [--approve-by NAME [--now]] [--month YYYY-MM]   shows which months may be forgotten; approved ones
                   are forgotten by the running gateway, or here and --now
congthu log ingest postfix FILE|- [--zone +07:00]         the mail system's own log
All take --lang vi|en. A DAY is one of Viet Nam (both are included) or an ISO time. Words are found with or without
Vietnamese accents. Status: 0 done, 1 something does not hold, 2 wrong usage or not there.
`,
  async run(words, io) {
    const { language, rest } = spoken(words);
    const [verb = '', ...args] = rest;
    const command = VERBS[verb];
    if (command === undefined)
      throw new UserError(
        `log: ${verb === '' ? 'say what to do' : `there is no "${verb}"`}.`,
        `One of ${Object.keys(VERBS).join(', ')}; congthu log --help tells more.`,
      );
    return command(args, io, sayIn(language));
  },
};

/** Takes --lang out of the words, wherever it stands. */
function spoken(words: readonly string[]): { language: Language; rest: string[] } {
  const rest = [...words];
  const at = rest.findIndex((word) => word === '--lang' || word.startsWith('--lang='));
  if (at < 0) return { language: 'en', rest };
  const [word = '', next = ''] = rest.splice(at, rest[at] === '--lang' ? 2 : 1);
  const said = word === '--lang' ? next : word.slice('--lang='.length);
  const language = languageOf(said);
  if (language === null) throw new UserError(`--lang: "${said}" is none of ${LANGUAGES.join(', ')}.`);
  return { language, rest };
}
