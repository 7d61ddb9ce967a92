import fs from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { readConfig } from '../config.ts';
import { UserError } from '../errors.ts';
import { configuredRegulations } from '../configured.ts';
import { writeWorkbook } from '../lists/write-workbook.ts';
import { logExported } from '../mail-log/events.ts';
import { exportLog, type ExportSink } from '../mail-log/export.ts';
import { forgettableMonths, forgetMonth, LEAST_MONTHS } from '../mail-log/forget.ts';
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

export async function pruneCommand(args: readonly string[], io: CommandIo): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { 'approve-by': text, month: text } });
  const approvedBy = values['approve-by'];
  const keepMonths = keptMonths(io);
  return useLog(io, async (db) => {
    const now = new Date();
    const months = await forgettableMonths(db.sql, now, keepMonths);
    const chosen = values.month === undefined ? months : months.filter((month) => month === values.month);
    if (values.month !== undefined && chosen.length === 0)
      throw new UserError(`${values.month} is not older than ${keepMonths} whole months, or is not there.`);
    for (const month of chosen) {
      if (approvedBy === undefined) io.out.write(`${month} may be forgotten (--approve-by NAME)\n`);
      else {
        const { count } = await forgetMonth(db.sql, keyOf(io), month, { now, keepMonths, approvedBy });
        io.out.write(`${month}: ${count} entries forgotten\n`);
      }
    }
    if (chosen.length === 0) io.out.write(`no month is older than ${keepMonths} whole months\n`);
    return { value: 0, log: null };
  });
}

/** The longest period any configured regulation asks for, at least twelve months. */
function keptMonths(io: CommandIo): number {
  const regulations = configuredRegulations(readConfig(io.env));
  return Math.max(LEAST_MONTHS, ...regulations.map(({ log }) => log.value.retainMonths));
}
