import { readConfig } from '../config.ts';
import type { Command } from './command.ts';
import { useDatabase } from './database.ts';

export const migrateCommand: Command = {
  name: 'migrate',
  summary: 'brings the database schema up to date (safe when several start at once)',
  usage: 'congthu migrate\n',
  async run(_args, io) {
    await useDatabase(readConfig(io.env), io, () => Promise.resolve());
    io.out.write('the schema is up to date\n');
    return 0;
  },
};
