import { accounts } from './accounts.ts';
import { broadcast } from './broadcast.ts';
import { calendar } from './calendar.ts';
import { check } from './check.ts';
import type { Command } from './command.ts';
import { delegates } from './delegates.ts';
import { demo } from './demo.ts';
import { directory } from './directory.ts';
import { log } from './log.ts';
import { mailboxes } from './mailboxes.ts';
import { migrateCommand } from './migrate.ts';
import { replay } from './replay.ts';
import { report } from './report.ts';
import { serve } from './serve.ts';
import { trust } from './trust.ts';
import { units } from './units.ts';
import { verify } from './verify.ts';

/** Every command of `congthu`. */
export const commands: readonly Command[] = [
  serve,
  demo,
  check,
  migrateCommand,
  replay,
  verify,
  trust,
  units,
  mailboxes,
  delegates,
  directory,
  report,
  broadcast,
  calendar,
  log,
  accounts,
];

export const helpText = `congthu: the inbound mail gateway for official mailboxes

${commands.map(({ name, summary }) => `  ${name.padEnd(12)}${summary}`).join('\n')}

congthu <command> --help tells more. Configuration comes from environment variables, see README.
`;
