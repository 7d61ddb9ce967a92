import fs from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { readConfig } from '../config.ts';
import { UserError } from '../errors.ts';
import { configuredRegulations } from '../configured.ts';
import { writeWorkbook } from '../lists/write-workbook.ts';
import { append } from '../mail-log/append.ts';
import { logExported } from '../mail-log/events.ts';
import { exportLog, type ExportSink } from '../mail-log/export.ts';
import { approval, approvedMonths, forgettableMonths, forgetMonth, keptMonths } from '../mail-log/forget.ts';
import type { CommandIo } from './command.ts';
import { keyOf, moment, readNote, useLog } from './log-access.ts';

const text = { type: 'string' } as const;

export async function exportCommand(args: readonly string[], io: CommandIo): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { from: text, to: text, out: text, since: { type: 'string', multiple: true } },
  });
  const { from, to, out, since = [] } = values;
  if (from === undefined || to === undefined || out === undefined)
    throw new UserError('log export: say --from, --to and --out.');
  if (fs.existsSync(out) && fs.readdirSync(out).length > 0)
    throw new UserError(`${out} is not empty.`, 'An export is a folder of its own.');
  return useLog(io, async (db) => {
    const done = await exportLog(
      db.sql,
      keyOf(io),
      {
        from: moment(from),
        to: moment(to),
        now: new Date(),
        since: since.map((file) => Number(readNote(file).split('\n')[1])),
        workbook: (rows) => writeWorkbook('Nhật ký', rows),
      },
      folderSink(out),
    );
    io.out.write(`${done.entries} entries of ${done.size} in ${done.files} files\n`);
    io.out.write(`check it: node verify-export.mjs ${out} --key $(congthu log key)\n`);
    const what = `${from} – ${to}`;
    return { value: 0, log: logExported({ what, result: `${done.entries} entries`, actor: 'cli' }) };
  });
}

function folderSink(dir: string): ExportSink {
  return {
    async write(name, content) {
      const file = path.join(dir, name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      await pipeline(Readable.from(content), fs.createWriteStream(file, { flags: 'wx' }));
    },
  };
}

/** Shows what may be forgotten; with --approve-by says so in the log, and the gateway does it (jobs/retention.ts). */
export async function pruneCommand(args: readonly string[], io: CommandIo): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { 'approve-by': text, month: text, now: { type: 'boolean' } },
  });
  const { 'approve-by': approvedBy, month, now: atOnce } = values;
  if (atOnce === true && approvedBy === undefined)
    throw new UserError('log prune: --now needs --approve-by, who orders it.');
  const keepMonths = keptMonths(configuredRegulations(readConfig(io.env)));
  return useLog(io, async (db) => {
    const now = new Date();
    const months = await forgettableMonths(db.sql, now, keepMonths);
    const chosen = month === undefined ? months : months.filter((known) => known === month);
    if (month !== undefined && chosen.length === 0)
      throw new UserError(`${month} is not older than ${keepMonths} whole months, or is not there.`);
    const approved = new Map((await approvedMonths(db.sql, now, keepMonths)).map((one) => [one.month, one]));
    for (const one of chosen) {
      const before = approved.get(one)?.approvedBy;
      if (approvedBy !== undefined && atOnce === true) {
        const { count } = await forgetMonth(db.sql, keyOf(io), one, { now, keepMonths, approvedBy });
        io.out.write(`${one}: ${count} entries forgotten\n`);
      } else if (before !== undefined) io.out.write(`${one} is approved by ${before}\n`);
      else if (approvedBy === undefined) io.out.write(`${one} may be forgotten (--approve-by NAME)\n`);
      else {
        await append(db.sql, now, approval(one, approvedBy));
        io.out.write(`${one} is approved; the running gateway forgets it within minutes\n`);
      }
    }
    if (chosen.length === 0) io.out.write(`no month is older than ${keepMonths} whole months\n`);
    return { value: 0, log: null };
  });
}
