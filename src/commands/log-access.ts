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

/** The key that signs the log; made on first use. */
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

/** `--from` and `--to`: ISO moments, or days of Viet Nam, both inclusive. */
export function timeSpan(from: string | undefined, to: string | undefined): { from?: Date; to?: Date } {
  const start = from === undefined ? undefined : moment('--from', from, 0);
  const end = to === undefined ? undefined : moment('--to', to, DAY_MS);
  if (start !== undefined && end !== undefined && start >= end)
    throw new UserError(`--to ${to!} lies before --from ${from!}.`);
  return { ...(start === undefined ? {} : { from: start }), ...(end === undefined ? {} : { to: end }) };
}

const DAY_MS = 86_400_000;

/** @param length of a day that is to be counted in */
function moment(option: string, text: string, length: number): Date {
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text);
  const at = new Date(isDay ? `${text}T00:00:00+07:00` : text);
  const unreal = new UserError(`${option}: "${text}" is no day like 2026-11-24 and no ISO time.`);
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(at.getTime())) throw unreal;
  // 30 February is read as 2 March.
  if (isDay && !new Date(at.getTime() + 7 * 3_600_000).toISOString().startsWith(text)) throw unreal;
  return isDay ? new Date(at.getTime() + length) : at;
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

/** The size that a kept checkpoint claims; whether it is ours is for a verifier to say. */
export function keptSize(file: string): number {
  const size = /^[^\n]+\n(0|[1-9]\d{0,15})\n[A-Za-z0-9+/]{43}=\n/.exec(readNote(file))?.[1];
  if (size === undefined)
    throw new UserError(`${file} holds no checkpoint.`, 'A checkpoint begins with origin, size and root.');
  return Number(size);
}
