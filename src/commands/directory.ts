import fs from 'node:fs';
import { parseArgs } from './options.ts';
import { readConfig } from '../config.ts';
import { configuredRegulations } from '../configured.ts';
import { UserError } from '../errors.ts';
import { localTime } from '../rules/calendar.ts';
import {
  DIRECTORY_FORMATS,
  directoryFile,
  publicDirectory,
  type DirectoryFormat,
} from '../work/public-directory.ts';
import { chosenRegulation } from './chosen-regulation.ts';
import type { Command } from './command.ts';
import { useDatabase } from './database.ts';

export const directory: Command = {
  name: 'directory',
  summary: 'writes the public directory of official mailboxes',
  usage: `congthu directory [--format html|csv|json] [--regulation ID] [--out FILE]
Units with their people: name, position, address; nothing else of the registry. Locked and ended mailboxes are left out.
`,
  async run(args, io) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        format: { type: 'string', default: 'html' },
        regulation: { type: 'string' },
        out: { type: 'string' },
      },
    });
    const format = DIRECTORY_FORMATS.find((known) => known === values.format);
    if (format === undefined)
      throw new UserError(`directory: "${values.format}" is none of ${DIRECTORY_FORMATS.join(', ')}.`);
    const config = readConfig(io.env);
    const regulations = configuredRegulations(config);
    const regulation = chosenRegulation(values.regulation, regulations);
    if (!regulation.directory.publish)
      throw new UserError(
        `${regulation.id} does not publish a directory of its own.`,
        'Set directory.publish in a regulation file if yours does.',
      );
    return useDatabase(config, io, async (db) => {
      const today = localTime(new Date()).date;
      const units = await db.transaction((tx) => publicDirectory(tx.orm, regulation, today, regulations));
      const file = directoryFile(format satisfies DirectoryFormat, units, regulation, today);
      if (values.out === undefined) io.out.write(file);
      else fs.writeFileSync(values.out, file);
      return 0;
    });
  },
};
