import { readConfig } from '../config.ts';
import { UserError } from '../errors.ts';
import { append } from '../mail-log/append.ts';
import { registryImported } from '../mail-log/events.ts';
import { prepareMonths } from '../mail-log/sequencer.ts';
import { isRegistryAddress } from '../rules/mail-address.ts';
import { MAILBOX_KINDS, MAILBOX_STATES, type MailboxKind, type MailboxState } from '../rules/registry.ts';
import { allMailboxes, allUnits, upsertMailboxes } from '../store/registry.ts';
import type { Command, CommandIo } from './command.ts';
import { useDatabase } from './database.ts';
import { progress, readTable, type TableRow } from './table-file.ts';

const COLUMNS = {
  address: ['address', 'dia chi', 'hop thu', 'email'],
  fullName: ['full name', 'fullname', 'ho va ten', 'ho ten', 'name'],
  position: ['position', 'chuc vu'],
  unit: ['unit', 'ma don vi', 'don vi'],
  kind: ['kind', 'loai', 'kind person unit'],
  state: ['state', 'trang thai'],
  created: ['created', 'ngay cap', 'ngay tao'],
  lastLogin: ['last login', 'lastlogin', 'dang nhap gan nhat'],
} as const;

type Column = keyof typeof COLUMNS;
const BATCH = 1000;

export const mailboxes: Command = {
  name: 'mailboxes',
  summary: 'imports and lists the mailboxes that exist already',
  usage: `congthu mailboxes import FILE    csv or xlsx: address, full name, position, unit, kind (person/unit),
                                 state (pending/active/locked/cancelled), created, last login
congthu mailboxes list [--json]
`,
  async run([verb, file, ...rest], io) {
    if (verb === 'import' && file !== undefined) return importMailboxes(file, io);
    if (verb === 'list') return listMailboxes(io, [file, ...rest].includes('--json'));
    throw new UserError('mailboxes: say "import FILE" or "list".');
  },
};

async function importMailboxes(file: string, io: CommandIo): Promise<number> {
  const rows = await readTable<Column>(file, COLUMNS, ['address', 'fullName', 'unit']);
  return useDatabase(readConfig(io.env), io, async (db) => {
    const now = new Date();
    const units = new Set((await db.transaction((tx) => allUnits(tx.orm))).map(({ code }) => code));
    const faults: string[] = [];
    const values = rows.map((row) => mailboxOf(row, units, now, faults));
    if (faults.length > 0)
      throw new UserError(
        `${file} has ${faults.length} fault(s), nothing was imported:\n- ${faults.slice(0, 50).join('\n- ')}`,
      );
    const shown = progress(io.err, 'mailboxes');
    await prepareMonths(db.sql, now);
    await db.transaction(async (tx) => {
      for (let at = 0; at < values.length; at += BATCH) {
        await upsertMailboxes(tx, values.slice(at, at + BATCH));
        shown(Math.min(at + BATCH, values.length), values.length);
      }
      await append(
        tx.sql,
        now,
        registryImported({ what: 'mailboxes', detail: `${values.length} mailboxes`, actor: 'cli' }),
      );
    });
    io.out.write(`${values.length} mailboxes imported\n`);
    return 0;
  });
}

function mailboxOf(
  { line, values }: TableRow<Column>,
  units: ReadonlySet<string>,
  now: Date,
  faults: string[],
) {
  const address = values.address?.toLowerCase() ?? '';
  const unit = values.unit?.toLowerCase() ?? '';
  const kind = (values.kind?.toLowerCase() ?? 'person') as MailboxKind;
  const state = (values.state?.toLowerCase() ?? 'active') as MailboxState;
  if (!isRegistryAddress(address)) faults.push(`line ${line}: "${address}" is no mail address`);
  if (!units.has(unit)) faults.push(`line ${line}: there is no unit "${unit}"`);
  if (!MAILBOX_KINDS.includes(kind))
    faults.push(`line ${line}: kind "${kind}" is none of ${MAILBOX_KINDS.join(', ')}`);
  if (!MAILBOX_STATES.includes(state))
    faults.push(`line ${line}: state "${state}" is none of ${MAILBOX_STATES.join(', ')}`);
  return {
    address,
    fullName: values.fullName ?? '',
    position: values.position ?? null,
    unit,
    kind,
    state,
    createdAt: day(values.created, line, faults) ?? now,
    lastLogin: day(values.lastLogin, line, faults),
  };
}

/** 2026-01-05 or 05/01/2026, midnight in Viet Nam; or a full ISO moment. */
function day(text: string | undefined, line: number, faults: string[]): Date | null {
  if (text === undefined) return null;
  const local = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text);
  const iso =
    local === null ? text : `${local[3]!}-${local[2]!.padStart(2, '0')}-${local[1]!.padStart(2, '0')}`;
  const date = new Date(/^\d{4}-\d\d-\d\d$/.test(iso) ? `${iso}T00:00:00+07:00` : iso);
  if (Number.isNaN(date.getTime())) {
    faults.push(`line ${line}: "${text}" is no date (dd/mm/yyyy or yyyy-mm-dd)`);
    return null;
  }
  return date;
}

async function listMailboxes(io: CommandIo, json: boolean): Promise<number> {
  return useDatabase(readConfig(io.env), io, async (db) => {
    for (const box of await db.transaction((tx) => allMailboxes(tx.orm))) {
      io.out.write(
        json
          ? `${JSON.stringify(box)}\n`
          : `${[box.address, box.kind, box.state, box.unit, box.fullName, box.position ?? ''].join('\t')}\n`,
      );
    }
    return 0;
  });
}
