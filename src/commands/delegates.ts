import { readConfig } from '../config.ts';
import { UserError } from '../errors.ts';
import { append } from '../mail-log/append.ts';
import { registryImported } from '../mail-log/events.ts';
import { prepareMonths } from '../mail-log/sequencer.ts';
import { allDelegates, nameDelegate } from '../store/delegates.ts';
import { allUnits } from '../store/registry.ts';
import type { Command, CommandIo } from './command.ts';
import { useDatabase } from './database.ts';
import { readTable } from './table-file.ts';

const COLUMNS = {
  unit: ['unit', 'ma don vi', 'don vi'],
  fullName: ['full name', 'fullname', 'ho va ten', 'ho ten', 'name'],
  position: ['position', 'chuc vu'],
  phone: ['phone', 'dien thoai', 'so dien thoai'],
} as const;
type Column = keyof typeof COLUMNS;

export const delegates: Command = {
  name: 'delegates',
  summary: 'imports and lists who keeps the mailbox of a unit',
  usage: `congthu delegates import FILE    csv or xlsx: unit, full name, position, phone; takes the place of those a
                                 unit named before
congthu delegates list [--json]
Units name them by letter too ("giao người quản lý hộp thư đơn vị" with a list).
`,
  async run([verb, file, ...rest], io) {
    if (verb === 'import' && file !== undefined) return importDelegates(file, io);
    if (verb === 'list') return listDelegates(io, [file, ...rest].includes('--json'));
    throw new UserError('delegates: say "import FILE" or "list".');
  },
};

async function importDelegates(file: string, io: CommandIo): Promise<number> {
  const rows = await readTable<Column>(file, COLUMNS, ['unit', 'fullName', 'phone']);
  return useDatabase(readConfig(io.env), io, async (db) => {
    const now = new Date();
    const known = new Set((await db.transaction((tx) => allUnits(tx.orm))).map(({ code }) => code));
    const faults = rows.flatMap(({ line, values }) => [
      ...(known.has(values.unit?.toLowerCase() ?? '')
        ? []
        : [`line ${line}: there is no unit "${values.unit ?? ''}"`]),
      ...(values.fullName === undefined || values.phone === undefined
        ? [`line ${line}: full name and phone are needed`]
        : []),
    ]);
    if (faults.length > 0)
      throw new UserError(
        `${file} has ${faults.length} fault(s), nothing was imported:\n- ${faults.slice(0, 50).join('\n- ')}`,
      );
    await prepareMonths(db.sql, now);
    await db.transaction(async (tx) => {
      const namedBy = `import ${now.toISOString()}`;
      for (const { values } of rows)
        await nameDelegate(tx, {
          unit: values.unit!.toLowerCase(),
          fullName: values.fullName!,
          position: values.position ?? null,
          phone: values.phone!,
          namedBy,
          since: now,
        });
      const detail = `${rows.length} delegates`;
      await append(tx.sql, now, registryImported({ what: 'delegates', detail, actor: 'cli' }));
    });
    io.out.write(`${rows.length} delegates imported\n`);
    return 0;
  });
}

async function listDelegates(io: CommandIo, json: boolean): Promise<number> {
  return useDatabase(readConfig(io.env), io, async (db) => {
    for (const one of await db.transaction((tx) => allDelegates(tx.orm)))
      io.out.write(
        json
          ? `${JSON.stringify(one)}\n`
          : `${[one.unit, one.fullName, one.position ?? '', one.phone ?? ''].join('\t')}\n`,
      );
    return 0;
  });
}
