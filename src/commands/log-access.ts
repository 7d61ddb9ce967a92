import fs from 'node:fs';
import path from 'node:path';
import { readConfig } from '../config.ts';
import { UserError } from '../errors.ts';
import { append } from '../mail-log/append.ts';
import type { LogKey } from '../mail-log/checkpoint.ts';
import type { LogEvent } from '../mail-log/event.ts';
import { logRead } from '../mail-log/events.ts';
import { loadLogKey } from '../mail-log/key-file.ts';
import { prepareMonths } from '../mail-log/sequencer.ts';
import type { OpenDatabase } from '../store/database.ts';
import type { CommandIo } from './command.ts';
import { useDatabase } from './database.ts';

export const keyFileOf = (io: CommandIo): string => path.join(readConfig(io.env).dataDir, 'mail-log.key');

export function keyOf(io: CommandIo): LogKey {
  return loadLogKey(keyFileOf(io), `${readConfig(io.env).hostname}/mail-log`);
}

/** Opens the database; what `fn` says was looked at is logged (threats.md "log search by an insider"). */
export async function useLog<T>(
  io: CommandIo,
  fn: (db: OpenDatabase) => Promise<{ value: T; log: LogEvent | null }>,
): Promise<T> {
  return useDatabase(readConfig(io.env), io, async (db) => {
    await prepareMonths(db.sql, new Date());
    const { value, log } = await fn(db);
    if (log !== null) await append(db.sql, new Date(), log);
    return value;
  });
}

export const read = (args: readonly string[], verb: string, result: string): LogEvent =>
  logRead({ what: [verb, ...args].join(' '), result, actor: 'cli' });

/** A day (Viet Nam) or an ISO moment. */
export function moment(text: string): Date {
  const date = new Date(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00+07:00` : text);
  if (Number.isNaN(date.getTime())) throw new UserError(`"${text}" is no ISO date or time.`);
  return date;
}

export function readNote(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    throw new UserError(
      `${file} cannot be read.`,
      'Name a file with a kept checkpoint (`congthu log checkpoint`).',
    );
  }
}
