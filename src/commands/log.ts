import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { readConfig } from '../config.ts';
import { UserError } from '../errors.ts';
import { append } from '../mail-log/append.ts';
import { logRead } from '../mail-log/events.ts';
import { verifierKey } from '../mail-log/checkpoint.ts';
import { loadLogKey } from '../mail-log/key-file.ts';
import { searchLog, type FoundEntry } from '../mail-log/search.ts';
import { prepareMonths } from '../mail-log/sequencer.ts';
import { verifyLog } from '../mail-log/verify.ts';
import type { Command, CommandIo } from './command.ts';
import { useDatabase } from './database.ts';
import { progress } from './table-file.ts';

export const log: Command = {
  name: 'log',
  summary: 'verifies and searches the mail log',
  usage: `congthu log verify [--from CHECKPOINT-FILE] [--json]
congthu log search [words] [--from ISO] [--to ISO] [--event E] [--sender A] [--recipient A] [--message-id ID]
                   [--dossier N] [--unit CODE] [--outcome O] [--limit N] [--json]
congthu log key                   the verifier key auditors keep
`,
  async run([verb, ...args], io) {
    if (verb === 'verify') return verify(args, io);
    if (verb === 'search') return search(args, io);
    if (verb === 'key') {
      io.out.write(`${verifierKey(keyOf(io))}\n`);
      return 0;
    }
    throw new UserError('log: say "verify", "search" or "key".');
  },
};

function keyOf(io: CommandIo) {
  const config = readConfig(io.env);
  return loadLogKey(path.join(config.dataDir, 'mail-log.key'), `${config.hostname}/mail-log`);
}

async function verify(args: readonly string[], io: CommandIo): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { from: { type: 'string' }, json: { type: 'boolean' } },
  });
  return useDatabase(readConfig(io.env), io, async (db) => {
    const report = await verifyLog(db.sql, keyOf(io), {
      progress: progress(io.err, 'entries'),
      ...(values.from === undefined ? {} : { from: fs.readFileSync(values.from, 'utf8') }),
    });
    if (values.json === true) io.out.write(`${JSON.stringify(report)}\n`);
    else {
      io.out.write(
        `${report.size} entries, ${report.pending} waiting for a number, ${report.checkpoints} checkpoints\n`,
      );
      for (const fault of report.faults) io.out.write(`FAULT: ${fault}\n`);
      io.out.write(report.faults.length === 0 ? 'the log holds\n' : 'the log does NOT hold\n');
    }
    return report.faults.length === 0 ? 0 : 1;
  });
}

async function search(args: readonly string[], io: CommandIo): Promise<number> {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      from: text,
      to: text,
      event: text,
      sender: text,
      recipient: text,
      'message-id': text,
      dossier: text,
      unit: text,
      outcome: text,
      limit: text,
      json: { type: 'boolean' },
    },
  });
  const limit = Number(values.limit ?? '50');
  if (!Number.isInteger(limit) || limit < 1 || limit > 10_000)
    throw new UserError('--limit is a number from 1 to 10000.');
  const { from, to, 'message-id': messageId, json, limit: _limit, ...same } = values;
  return useDatabase(readConfig(io.env), io, async (db) => {
    const found = await searchLog(db.sql, {
      ...same,
      limit,
      ...(from === undefined ? {} : { from: moment(from) }),
      ...(to === undefined ? {} : { to: moment(to) }),
      ...(messageId === undefined ? {} : { messageId }),
      ...(positionals.length === 0 ? {} : { words: positionals.join(' ') }),
    });
    // Every look into the log is itself logged (threats.md "log search by an insider").
    await prepareMonths(db.sql, new Date());
    await append(
      db.sql,
      new Date(),
      logRead({ what: args.join(' '), result: `${found.length} entries`, actor: 'cli' }),
    );
    for (const entry of found)
      io.out.write(json === true ? `${JSON.stringify(entry)}\n` : `${line(entry)}\n`);
    return 0;
  });
}

function moment(text: string): Date {
  const date = new Date(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00+07:00` : text);
  if (Number.isNaN(date.getTime())) throw new UserError(`"${text}" is no ISO date or time.`);
  return date;
}

function line({ number, entry }: FoundEntry): string {
  const parts = [
    entry['at'],
    number ?? '-',
    entry['event'],
    entry['dossier'],
    entry['sender'],
    entry['recipient'],
    entry['outcome'],
    entry['subject'],
    entry['detail'],
    entry['error'],
  ];
  return parts.filter((part) => part !== undefined).join('  ');
}
