import fs from 'node:fs';
import readline from 'node:readline';
import { parseArgs } from './options.ts';
import { UserError } from '../errors.ts';
import { LEAST_MONTHS } from '../mail-log/forget.ts';
import { ingestPostfix } from '../mail-log/ingest.ts';
import type { Say } from '../console/words.ts';
import type { CommandIo } from './command.ts';
import { read, useLog } from './log-access.ts';

export async function ingestCommand(args: readonly string[], io: CommandIo, say: Say): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { zone: { type: 'string' } },
  });
  const [system, file] = positionals;
  const { zone = '+07:00' } = values;
  if (system !== 'postfix' || file === undefined)
    throw new UserError(
      'log ingest: say "postfix" and a file, or - for the standard input.',
      'congthu log ingest postfix /var/log/mail.log',
    );
  if (!/^[+-]\d\d:\d\d$/.test(zone)) throw new UserError('--zone is like +07:00.');
  if (file !== '-' && fs.statSync(file, { throwIfNoEntry: false })?.isFile() !== true)
    throw new UserError(`${file} cannot be read.`);
  const input = file === '-' ? process.stdin : fs.createReadStream(file);
  return useLog(io, async (db) => {
    const lines = readline.createInterface({ input, crlfDelay: Infinity });
    const done = await ingestPostfix(db.sql, lines, { zone, now: new Date(), keepMonths: LEAST_MONTHS });
    io.out.write(
      say(
        `${done.lines} dòng: ${done.transfers} lượt chuyển và từ chối, ${done.added} mới, ${done.duplicates} đã có, ${done.unreadable} không đọc được, ${done.tooOld} quá hạn lưu\n`,
        `${done.lines} lines: ${done.transfers} deliveries and refusals, ${done.added} new, ${done.duplicates} known already, ${done.unreadable} unreadable, ${done.tooOld} too old\n`,
      ),
    );
    return { value: 0, log: read(args, 'ingest', `${done.added} entries`) };
  });
}
