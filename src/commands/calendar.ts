import { readConfig } from '../config.ts';
import { UserError } from '../errors.ts';
import { append } from '../mail-log/append.ts';
import { configurationChanged } from '../mail-log/events.ts';
import { prepareMonths } from '../mail-log/sequencer.ts';
import { makeCalendar, type CalendarRow } from '../rules/calendar.ts';
import { CALENDAR_ROWS } from '../rules/calendar-table.ts';
import { calendarRows, upsertCalendarRows } from '../store/calendar.ts';
import type { Command, CommandIo } from './command.ts';
import { useDatabase } from './database.ts';
import { readTable, type TableRow } from './table-file.ts';

const COLUMNS = {
  date: ['date', 'ngay'],
  kind: ['kind', 'loai'],
  name: ['name', 'ten', 'noi dung'],
  source: ['source', 'nguon', 'van ban', 'can cu'],
  status: ['status', 'tinh trang', 'trang thai'],
} as const;
type Column = keyof typeof COLUMNS;

const KINDS: Readonly<Record<string, CalendarRow['kind']>> = {
  off: 'off',
  nghi: 'off',
  working: 'working',
  'lam bu': 'working',
};
const STATUSES: readonly CalendarRow['status'][] = ['firm', 'provisional', 'unconfirmed'];

export const calendar: Command = {
  name: 'calendar',
  summary: 'imports and lists days off and worked Saturdays',
  usage: `congthu calendar import FILE           csv or xlsx: date (YYYY-MM-DD), kind (off/working), name, source,
                                       status (firm/provisional/unconfirmed; firm where left out)
congthu calendar list [YEAR] [--json]  the seed and what was imported over it
A running gateway counts by an import within a minute; due dates that were told stay as they are.
`,
  async run([verb, word, ...rest], io) {
    if (verb === 'import' && word !== undefined) return importDays(word, io);
    const words = [word, ...rest].filter((one) => one !== undefined);
    if (verb === 'list')
      return listDays(words.find((one) => /^\d{4}$/.test(one)) ?? '', words.includes('--json'), io);
    throw new UserError('calendar: say "import FILE" or "list".');
  },
};

async function importDays(file: string, io: CommandIo): Promise<number> {
  const table = await readTable<Column>(file, COLUMNS, ['date', 'kind', 'name', 'source']);
  const faults: string[] = [];
  const rows = table.map((row) => dayOf(row, faults));
  if (faults.length > 0)
    throw new UserError(
      `${file} has ${faults.length} fault(s), nothing was imported:\n- ${faults.join('\n- ')}`,
    );
  return useDatabase(readConfig(io.env), io, async (db) => {
    const now = new Date();
    await prepareMonths(db.sql, now);
    await db.transaction(async (tx) => {
      await upsertCalendarRows(tx, rows);
      const detail = rows.map(({ date, kind }) => `${date} ${kind}`).join(', ');
      await append(tx.sql, now, configurationChanged({ what: 'calendar', detail, actor: 'cli' }));
    });
    io.out.write(`${rows.length} days imported\n`);
    return 0;
  });
}

function dayOf({ line, values }: TableRow<Column>, faults: string[]): CalendarRow {
  const { date = '', name = '', source = '' } = values;
  const kind = KINDS[values.kind?.toLowerCase() ?? ''];
  const status = STATUSES.find((known) => known === (values.status?.toLowerCase() ?? 'firm'));
  const real = /^\d{4}-\d{2}-\d{2}$/.test(date) && !Number.isNaN(Date.parse(`${date}T00:00:00Z`));
  if (!real) faults.push(`line ${line}: "${date}" is no date YYYY-MM-DD`);
  if (kind === undefined) faults.push(`line ${line}: kind "${values.kind ?? ''}" is neither off nor working`);
  if (status === undefined)
    faults.push(`line ${line}: status "${values.status ?? ''}" is none of ${STATUSES.join(', ')}`);
  if (name === '' || source === '') faults.push(`line ${line}: name and source are needed`);
  return { date, kind: kind ?? 'off', name, source, status: status ?? 'firm' };
}

async function listDays(year: string, json: boolean, io: CommandIo): Promise<number> {
  return useDatabase(readConfig(io.env), io, async (db) => {
    const imported = await db.transaction((tx) => calendarRows(tx.orm));
    const { rows } = makeCalendar([...CALENDAR_ROWS, ...imported]);
    for (const { date, kind, status, name, source } of rows.filter((row) => row.date.startsWith(year)))
      io.out.write(
        json
          ? `${JSON.stringify({ date, kind, status, name, source })}\n`
          : `${[date, kind, status, name, source].join('\t')}\n`,
      );
    return 0;
  });
}
