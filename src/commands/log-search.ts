import { parseArgs } from './options.ts';
import { UserError } from '../errors.ts';
import { MACHINERY } from '../console/audit/words.ts';
import { eventWords, reasonWords } from '../console/entry-words.ts';
import type { Say } from '../console/words.ts';
import { EVENTS, type EventName } from '../mail-log/event.ts';
import { csvLine, VIEW_COLUMNS, viewRow } from '../mail-log/export-view.ts';
import { searchLog, type FoundEntry } from '../mail-log/search.ts';
import { periodOf, statistics, type Statistics } from '../mail-log/statistics.ts';
import { timeline, type ProofState } from '../mail-log/timeline.ts';
import { shortDate } from '../notices/dates.ts';
import type { CommandIo } from './command.ts';
import { read, timeSpan, useLog } from './log-access.ts';

const text = { type: 'string' } as const;

export async function searchCommand(args: readonly string[], io: CommandIo, say: Say): Promise<number> {
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
      all: { type: 'boolean' },
    },
  });
  const { from, to, event, 'message-id': messageId, json, csv, all, limit: most = '50', ...same } = values;
  if (json === true && csv === true) throw new UserError('log search: either --json or --csv.');
  const span = timeSpan(from, to);
  const events = event?.split(',').map(eventNamed);
  const limit = Number(most);
  if (!Number.isInteger(limit) || limit < 1 || limit > 10_000)
    throw new UserError('--limit is a number from 1 to 10000.');
  return useLog(io, async (db) => {
    const found = await searchLog(db.sql, {
      ...same,
      limit,
      ...span,
      // Or one's own earlier searches would come first.
      ...(events !== undefined ? { event: events } : all === true ? {} : { without: MACHINERY }),
      ...(messageId === undefined ? {} : { messageId }),
      ...(positionals.length === 0 ? {} : { words: positionals.join(' ') }),
    });
    if (csv === true) io.out.write(csvLine(VIEW_COLUMNS));
    for (const { number, entry } of found) {
      if (json === true) io.out.write(`${JSON.stringify({ number, entry })}\n`);
      else io.out.write(csv === true ? csvLine(viewRow(entry, number)) : `${line({ number, entry }, say)}\n`);
    }
    if (found.length === limit)
      io.err.write(
        say(
          `chỉ ${limit} mục mới nhất (--limit N để xem thêm)\n`,
          `the newest ${limit} only (--limit N for more)\n`,
        ),
      );
    return { value: 0, log: read(args, 'search', `${found.length} entries`) };
  });
}

function eventNamed(name: string): EventName {
  const known = EVENTS.find((event) => event === name);
  if (known === undefined)
    throw new UserError(`--event: there is no "${name}".`, `Events: ${EVENTS.join(' ')}`);
  return known;
}

/** In English the names and times of the entry as they were hashed; in Vietnamese as people read them. */
function line({ number, entry }: Pick<FoundEntry, 'number' | 'entry'>, say: Say): string {
  const at = new Date(entry.at);
  const shown = ['dossier', 'sender', 'recipient', 'outcome', 'subject', 'detail', 'error'];
  return [
    say(localMoment(at), entry.at),
    number ?? '-',
    say(eventWords(entry.event, say), entry.event),
    ...shown.map((name) => entry[name]),
  ]
    .filter((part) => part !== undefined)
    .join('  ');
}

const PROOFS: Readonly<Record<ProofState, (say: Say) => string>> = {
  proven: (say) => say('đúng', 'proven'),
  waiting: (say) => say('chờ số', 'waiting'),
  broken: (say) => say('SAI', 'BROKEN'),
};

export async function showCommand(args: readonly string[], io: CommandIo, say: Say): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: 'boolean' } },
  });
  const [name] = positionals;
  if (name === undefined)
    throw new UserError('log show: name a dossier or the id of a letter.', 'congthu log show TN-2026-000007');
  return useLog(io, async (db) => {
    const of = /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(name) ? { letter: name } : { dossier: name };
    const entries = await timeline(db.sql, of);
    for (const entry of entries)
      io.out.write(
        values.json === true
          ? `${JSON.stringify(entry)}\n`
          : `${PROOFS[entry.proof](say).padEnd(12)}${line(entry, say)}\n`,
      );
    if (entries.length === 0)
      io.err.write(say(`không có mục nào về ${name}\n`, `nothing is known of ${name}\n`));
    const status = entries.length === 0 ? 2 : entries.some(({ proof }) => proof === 'broken') ? 1 : 0;
    return { value: status, log: read(args, 'show', `${entries.length} entries`) };
  });
}

export async function statisticsCommand(args: readonly string[], io: CommandIo, say: Say): Promise<number> {
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
      for (const [what, n] of figureLines(figures, say)) io.out.write(`${what}\t${n}\n`);
      for (const [reason, n] of Object.entries(figures.refusedByReason))
        io.out.write(`${say('từ chối', 'refused')}: ${say(reasonWords(reason, say), reason)}\t${n}\n`);
      for (const { unit, received, onTime, overdue } of figures.byUnit)
        io.out.write(
          say(
            `đơn vị ${unit}\t${received} thư, ${onTime} đúng hạn, ${overdue} quá hạn\n`,
            `unit ${unit}\t${received} received, ${onTime} on time, ${overdue} overdue\n`,
          ),
        );
    }
    return { value: 0, log: read(args, 'statistics', period.name) };
  });
}

function figureLines(figures: Statistics, say: Say): [string, number][] {
  const { dossiers } = figures;
  return [
    [say('thư tiếp nhận', 'received'), figures.received],
    [say('niêm phong', 'quarantined'), figures.quarantined],
    [say('thư trùng', 'duplicates'), figures.duplicates],
    [say('thư tự động bỏ qua', 'ignored'), figures.ignored],
    [say('thư bị từ chối', 'refused'), figures.refused],
    [say('kết nối bị từ chối', 'connectionsRefused'), figures.connectionsRefused],
    [say('thông báo đã gửi', 'noticesSent'), figures.noticesSent],
    [say('thông báo không đến', 'noticesFailed'), figures.noticesFailed],
    [say('hộp thư đã thực hiện', 'provisioned'), figures.provisioned],
    [say('trục trặc', 'errors'), figures.errors],
    [say('hồ sơ tiếp nhận', 'opened'), dossiers.opened],
    [say('hồ sơ đã đóng', 'closed'), dossiers.closed],
    [say('hồ sơ đúng hạn', 'onTime'), dossiers.onTime],
    [say('hồ sơ quá hạn', 'overdue'), dossiers.overdue],
    [say('hồ sơ còn mở', 'openNow'), dossiers.openNow],
  ];
}

/** "09:15:01 25/11/2026" in Viet Nam. */
function localMoment(at: Date): string {
  const local = new Date(at.getTime() + 7 * 3_600_000).toISOString();
  return `${local.slice(11, 19)} ${shortDate(local)}`;
}
