import fs from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from './options.ts';
import { readConfig } from '../config.ts';
import { UserError } from '../errors.ts';
import { configuredRegulations } from '../configured.ts';
import { writeWorkbook } from '../lists/write-workbook.ts';
import { append } from '../mail-log/append.ts';
import { logExported } from '../mail-log/events.ts';
import { exportLog, type ExportSink } from '../mail-log/export.ts';
import { approval, approvedMonths, forgettableMonths, forgetMonth, keptMonths } from '../mail-log/forget.ts';
import type { CommandIo } from './command.ts';
import type { Say } from '../console/words.ts';
import { keptSize, keyOf, timeSpan, useLog } from './log-access.ts';

const text = { type: 'string' } as const;

export async function exportCommand(args: readonly string[], io: CommandIo, say: Say): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { from: text, to: text, out: text, since: { type: 'string', multiple: true } },
  });
  const { from, to, out, since = [] } = values;
  if (from === undefined || to === undefined || out === undefined)
    throw new UserError(
      'log export: say --from, --to and --out.',
      'Days are included: --from 2026-01-01 --to 2026-03-31',
    );
  const span = timeSpan(from, to) as { from: Date; to: Date };
  const kept = since.map(keptSize);
  if (fs.existsSync(out) && (!fs.statSync(out).isDirectory() || fs.readdirSync(out).length > 0))
    throw new UserError(`${out} is not empty.`, 'An export is a folder of its own.');
  return useLog(io, async (db) => {
    const done = await exportLog(
      db.sql,
      keyOf(io),
      {
        ...span,
        now: new Date(),
        since: kept,
        workbook: (rows) => writeWorkbook('Nhật ký', rows),
      },
      folderSink(out),
    );
    const check = `node verify-export.mjs ${out} --key $(congthu log key)`;
    io.out.write(
      say(
        `${done.entries} mục trong ${done.size} mục của nhật ký, ${done.files} tệp\nkiểm chứng: ${check}\n`,
        `${done.entries} entries of ${done.size} in ${done.files} files\ncheck it: ${check}\n`,
      ),
    );
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
export async function pruneCommand(args: readonly string[], io: CommandIo, say: Say): Promise<number> {
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
        io.out.write(say(`${one}: đã hủy ${count} mục\n`, `${one}: ${count} entries forgotten\n`));
      } else if (before !== undefined)
        io.out.write(say(`${one}: ${before} đã duyệt hủy\n`, `${one} is approved by ${before}\n`));
      else if (approvedBy === undefined)
        io.out.write(
          say(
            `${one} đã hết hạn lưu, chưa duyệt hủy (--approve-by TÊN)\n`,
            `${one} may be forgotten (--approve-by NAME)\n`,
          ),
        );
      else {
        await append(db.sql, now, approval(one, approvedBy));
        io.out.write(
          say(
            `${one} đã duyệt; cổng thư đang chạy sẽ hủy trong ít phút\n`,
            `${one} is approved; the running gateway forgets it within minutes\n`,
          ),
        );
      }
    }
    if (chosen.length === 0)
      io.out.write(
        say(
          `không có tháng nào cũ hơn ${keepMonths} tháng trọn\n`,
          `no month is older than ${keepMonths} whole months\n`,
        ),
      );
    return { value: 0, log: null };
  });
}
