import { UserError } from '../errors.ts';
import type { Command, CommandIo } from './command.ts';
import { exportCommand, pruneCommand } from './log-export.ts';
import { ingestCommand } from './log-ingest.ts';
import { searchCommand, showCommand, statisticsCommand } from './log-search.ts';
import { checkpointCommand, keyCommand, proofCommand, verifyCommand } from './log-verify.ts';

const VERBS: Readonly<Record<string, (args: readonly string[], io: CommandIo) => Promise<number>>> = {
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
  usage: `congthu log search [words] [--from ISO] [--to ISO] [--event E] [--sender A] [--recipient A] [--message-id ID]
                   [--dossier N] [--letter ID] [--unit CODE] [--outcome O] [--actor A] [--client IP] [--queue ID]
                   [--limit N] [--json | --csv]
congthu log show DOSSIER|LETTER [--json]      everything about one matter, oldest first, with its proof state
congthu log statistics PERIOD [--json]        2026, 2026-H2, 2026-Q4 or 2026-11
congthu log verify [--from CHECKPOINT-FILE] [--json]
congthu log checkpoint                        the latest checkpoint, to be kept elsewhere
congthu log proof NUMBER                      one entry's .tlog-proof, verifies off-line
congthu log proof --since CHECKPOINT-FILE     that the log still begins with a kept checkpoint
congthu log key                               the verifier key auditors keep
congthu log key rotate --actor NAME           hands the log over to a new key
congthu log export --from ISO --to ISO --out FOLDER [--since CHECKPOINT-FILE]
congthu log prune [--approve-by NAME [--now]] [--month YYYY-MM]   shows which months may be forgotten; approved ones
                   are forgotten by the running gateway, or here and --now
congthu log ingest postfix FILE|- [--zone +07:00]         the mail system's own log
`,
  async run([verb = '', ...args], io) {
    const command = VERBS[verb];
    if (command === undefined) throw new UserError(`log: say ${Object.keys(VERBS).join(', ')}.`);
    return command(args, io);
  },
};
