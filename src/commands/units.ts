import { readConfig } from '../config.ts';
import { UserError } from '../errors.ts';
import { configuredRegulations } from '../configured.ts';
import { append } from '../mail-log/append.ts';
import { registryImported } from '../mail-log/events.ts';
import { prepareMonths } from '../mail-log/sequencer.ts';
import { isRegistryAddress } from '../rules/mail-address.ts';
import type { Regulation } from '../rules/regulation.ts';
import { plain } from '../rules/text/normalise.ts';
import { allUnits, upsertFormerMailboxes, upsertUnits } from '../store/registry.ts';
import type { Command, CommandIo } from './command.ts';
import { useDatabase } from './database.ts';
import { progress, readTable, type TableRow } from './table-file.ts';

const COLUMNS = {
  code: ['code', 'ma', 'ma don vi'],
  name: ['name', 'ten', 'ten don vi', 'don vi'],
  mailbox: ['mailbox', 'hop thu', 'address', 'email'],
  parent: ['parent', 'don vi quan ly', 'truc thuoc', 'cap tren'],
  level: ['level', 'cap'],
  certificates: ['certificates', 'chung thu', 'certificate'],
  abbreviation: ['abbreviation', 'viet tat'],
  regulation: ['regulation', 'quy che'],
  former: ['former mailboxes', 'hop thu cu'],
  successor: ['successor', 'don vi ke thua'],
  active: ['active', 'hoat dong'],
} as const;

type Column = keyof typeof COLUMNS;
const BATCH = 500;

export const units: Command = {
  name: 'units',
  summary: 'imports and lists the registered units',
  usage: `congthu units import FILE    csv or xlsx with the columns code, name, mailbox, parent, level, certificates
                             (and, where they differ, abbreviation, regulation; after a reorganisation
                             former mailboxes "old@x.gov.vn until 2026-06-30; …", successor, active yes/no)
congthu units list [--json]
`,
  async run([verb, file, ...rest], io) {
    if (verb === 'import' && file !== undefined) return importUnits(file, io);
    if (verb === 'list') return listUnits(io, [file, ...rest].includes('--json'));
    throw new UserError('units: say "import FILE" or "list".');
  },
};

async function importUnits(file: string, io: CommandIo): Promise<number> {
  const config = readConfig(io.env);
  const regulations = configuredRegulations(config);
  const rows = await readTable<Column>(file, COLUMNS, ['code', 'name']);
  const faults: string[] = [];
  const known = new Set(rows.map(({ values }) => values.code?.toLowerCase()));
  const values = rows.map((row) => unitOf(row, regulations, faults));
  return useDatabase(config, io, async (db) => {
    const present = await db.transaction((tx) => allUnits(tx.orm));
    for (const { code } of present) known.add(code);
    for (const [i, unit] of values.entries()) {
      if (unit.successor !== null && !known.has(unit.successor))
        faults.push(`line ${rows[i]!.line}: there is no unit "${unit.successor}" to succeed "${unit.code}"`);
      if (unit.parent !== null && !known.has(unit.parent))
        faults.push(`line ${rows[i]!.line}: there is no unit "${unit.parent}" above "${unit.code}"`);
    }
    if (faults.length > 0)
      throw new UserError(
        `${file} has ${faults.length} fault(s), nothing was imported:\n- ${faults.slice(0, 50).join('\n- ')}`,
      );
    const shown = progress(io.err, 'units');
    await prepareMonths(db.sql, new Date());
    await db.transaction(async (tx) => {
      for (let at = 0; at < values.length; at += BATCH) {
        const batch = values.slice(at, at + BATCH);
        await upsertUnits(
          tx,
          batch.map(({ former: _former, ...unit }) => unit),
        );
        await upsertFormerMailboxes(
          tx,
          batch.flatMap(({ code, former }) => former.map((one) => ({ ...one, unit: code }))),
        );
        shown(Math.min(at + BATCH, values.length), values.length);
      }
      const entry = registryImported({ what: 'units', detail: `${values.length} units`, actor: 'cli' });
      await append(tx.sql, new Date(), entry);
    });
    io.out.write(`${values.length} units imported\n`);
    return 0;
  });
}

function unitOf({ line, values }: TableRow<Column>, regulations: readonly Regulation[], faults: string[]) {
  const code = values.code?.toLowerCase() ?? '';
  const mailbox = values.mailbox?.toLowerCase() ?? null;
  const regulation = regulations.find(({ id }) => id === (values.regulation ?? regulations[0]?.id));
  if (code === '' || values.name === undefined) faults.push(`line ${line}: code and name are needed`);
  if (regulation === undefined)
    faults.push(`line ${line}: regulation "${values.regulation ?? ''}" is not configured`);
  if (mailbox !== null && !isRegistryAddress(mailbox))
    faults.push(`line ${line}: "${mailbox}" is no mail address`);
  const certificates = (values.certificates ?? '')
    .toLowerCase()
    .replaceAll(':', '')
    .split(/[\s,;]+/)
    .filter((text) => text !== '');
  for (const certificate of certificates)
    if (!/^[0-9a-f]{64}$/.test(certificate))
      faults.push(`line ${line}: "${certificate}" is no SHA-256 fingerprint`);
  const levels = regulation?.unitLevels.map((level) => level.code) ?? [];
  const level = values.level?.toLowerCase() ?? levels[0] ?? '';
  if (regulation !== undefined && !levels.includes(level))
    faults.push(`line ${line}: level "${level}" is none of ${levels.join(', ')}`);
  return {
    code,
    name: values.name ?? '',
    mailbox,
    parent: values.parent?.toLowerCase() ?? null,
    level,
    certificates,
    abbreviation: values.abbreviation?.toLowerCase() ?? mailbox?.split('@')[0] ?? code,
    regulation: regulation?.id ?? '',
    successor: values.successor?.toLowerCase() ?? null,
    former: formerOf(line, values.former ?? '', faults),
    active: !/^(?:no|khong|0)$/.test(plain(values.active ?? 'yes')),
  };
}

/** "old@x.gov.vn until 2026-06-30; older@x.gov.vn" */
function formerOf(
  line: number,
  text: string,
  faults: string[],
): { address: string; validTo: string | null }[] {
  const parts = text.split(';').map((part) => part.trim());
  return parts.flatMap((part) => {
    if (part === '') return [];
    const found = /^([a-z0-9._-]+@[a-z0-9.-]+)(?:\s+until\s+(\d{4}-\d{2}-\d{2}))?$/.exec(part.toLowerCase());
    if (found === null) faults.push(`line ${line}: "${part}" is not "address until YYYY-MM-DD"`);
    return found === null ? [] : [{ address: found[1]!, validTo: found[2] ?? null }];
  });
}

async function listUnits(io: CommandIo, json: boolean): Promise<number> {
  return useDatabase(readConfig(io.env), io, async (db) => {
    const all = await db.transaction((tx) => allUnits(tx.orm));
    for (const unit of all) {
      io.out.write(
        json
          ? `${JSON.stringify(unit)}\n`
          : `${[unit.code, unit.mailbox ?? '-', unit.level, unit.parent ?? '-', unit.name].join('\t')}\n`,
      );
    }
    return 0;
  });
}
