import { parseArgs } from 'node:util';
import { UserError } from '../errors.ts';
import { csvLine, VIEW_COLUMNS, viewRow } from '../mail-log/export-view.ts';
import { searchLog, type FoundEntry } from '../mail-log/search.ts';
import { periodOf, statistics } from '../mail-log/statistics.ts';
import { timeline } from '../mail-log/timeline.ts';
import type { CommandIo } from './command.ts';
import { moment, read, useLog } from './log-access.ts';

const text = { type: 'string' } as const;

export async function searchCommand(args: readonly string[], io: CommandIo): Promise<number> {
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
      letter: text,
      unit: text,
      outcome: text,
      actor: text,
      client: text,
      queue: text,
      limit: text,
      json: { type: 'boolean' },
      csv: { type: 'boolean' },
    },
  });
  const { from, to, 'message-id': messageId, json, csv, limit: most = '50', ...same } = values;
  const limit = Number(most);
  if (!Number.isInteger(limit) || limit < 1 || limit > 10_000)
    throw new UserError('--limit is a number from 1 to 10000.');
  return useLog(io, async (db) => {
    const found = await searchLog(db.sql, {
      ...same,
      limit,
      ...(from === undefined ? {} : { from: moment(from) }),
      ...(to === undefined ? {} : { to: moment(to) }),
      ...(messageId === undefined ? {} : { messageId }),
      ...(positionals.length === 0 ? {} : { words: positionals.join(' ') }),
    });
    if (csv === true) io.out.write(csvLine(VIEW_COLUMNS));
    for (const { number, entry } of found) {
      if (json === true) io.out.write(`${JSON.stringify({ number, entry })}\n`);
      else io.out.write(csv === true ? csvLine(viewRow(entry, number)) : `${line({ number, entry })}\n`);
    }
    return { value: 0, log: read(args, 'search', `${found.length} entries`) };
  });
}

function line({ number, entry }: Pick<FoundEntry, 'number' | 'entry'>): string {
  const shown = ['dossier', 'sender', 'recipient', 'outcome', 'subject', 'detail', 'error'];
  return [entry.at, number ?? '-', entry.event, ...shown.map((name) => entry[name])]
    .filter((part) => part !== undefined)
    .join('  ');
}

export async function showCommand(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: 'boolean' } },
  });
  const [name] = positionals;
  if (name === undefined) throw new UserError('log show: name a dossier or the id of a letter.');
  return useLog(io, async (db) => {
    const of = /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(name) ? { letter: name } : { dossier: name };
    const entries = await timeline(db.sql, of);
    for (const entry of entries)
      io.out.write(
        values.json === true ? `${JSON.stringify(entry)}\n` : `${entry.proof.padEnd(8)}${line(entry)}\n`,
      );
    if (entries.length === 0) io.err.write(`nothing is known of ${name}\n`);
    const status = entries.some(({ proof }) => proof === 'broken') ? 1 : 0;
    return { value: status, log: read(args, 'show', `${entries.length} entries`) };
  });
}

export async function statisticsCommand(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: 'boolean' } },
  });
  const period = periodOf(positionals[0] ?? '');
  if (period === null)
    throw new UserError('log statistics: name a period like 2026, 2026-H2, 2026-Q4 or 2026-11.');
  return useLog(io, async (db) => {
    const figures = await statistics(db.sql, period, new Date());
    if (values.json === true) io.out.write(`${JSON.stringify(figures)}\n`);
    else {
      const { byDay: _days, byUnit, refusedByReason, dossiers, period: _period, ...totals } = figures;
      for (const [what, n] of Object.entries({ ...totals, ...dossiers })) io.out.write(`${what}\t${n}\n`);
      for (const [reason, n] of Object.entries(refusedByReason)) io.out.write(`refused: ${reason}\t${n}\n`);
      for (const { unit, received, onTime, overdue } of byUnit)
        io.out.write(`unit ${unit}\t${received} received, ${onTime} on time, ${overdue} overdue\n`);
    }
    return { value: 0, log: read(args, 'statistics', period.name) };
  });
}
