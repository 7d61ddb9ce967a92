import fs from 'node:fs';
import { parseArgs } from './options.ts';
import { readConfig } from '../config.ts';
import { configuredRegulations } from '../configured.ts';
import { UserError } from '../errors.ts';
import { append } from '../mail-log/append.ts';
import { prepareMonths } from '../mail-log/sequencer.ts';
import { AUDIENCES, broadcast as queueBroadcast, LONGEST_BROADCAST } from '../work/broadcast.ts';
import { chosenRegulation } from './chosen-regulation.ts';
import type { Command } from './command.ts';
import { useDatabase } from './database.ts';

export const broadcast: Command = {
  name: 'broadcast',
  summary: 'tells units, or everybody, of a technical change',
  usage: `congthu broadcast FILE --to units|all [--regulation ID] --actor NAME
FILE is UTF-8: the subject, an empty line, the text. The notices go into the outbox of the running gateway; the same
words are sent to a mailbox once, also when the command is repeated.
`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { to: { type: 'string' }, regulation: { type: 'string' }, actor: { type: 'string' } },
    });
    const audience = AUDIENCES.find((known) => known === values.to);
    if (audience === undefined) throw new UserError(`broadcast: say --to ${AUDIENCES.join(' or --to ')}.`);
    if (values.actor === undefined) throw new UserError('broadcast: say who sends it with --actor NAME.');
    const { subject, text } = wordsOf(positionals[0]);
    const config = readConfig(io.env);
    const regulations = configuredRegulations(config);
    const regulation = chosenRegulation(values.regulation, regulations);
    const notices = {
      hostname: config.hostname,
      activationDays: config.activationDays,
      hashOfActivation: () => Buffer.alloc(0),
      sealSlip: null,
    };
    const actor = values.actor;
    return useDatabase(config, io, async (db) => {
      const now = new Date();
      await prepareMonths(db.sql, now);
      const { recipients, queued } = await db.transaction(async (tx) => {
        const deps = { clock: { now: () => now }, regulations, notices };
        const told = await queueBroadcast(tx, regulation, { subject, text, audience, actor }, deps);
        await append(tx.sql, now, ...told.log);
        return told;
      });
      io.out.write(`${queued} notices queued, ${recipients - queued} mailboxes had it already\n`);
      return 0;
    });
  },
};

function wordsOf(file: string | undefined): { subject: string; text: string } {
  if (file === undefined) throw new UserError('broadcast: name the file with the words.');
  let source: string;
  try {
    source = fs
      .readFileSync(file, 'utf8')
      .replace(/^\ufeff/, '')
      .replaceAll('\r\n', '\n')
      .normalize('NFC');
  } catch {
    throw new UserError(`${file} cannot be read.`);
  }
  const [subject = '', empty = '', ...rest] = source.split('\n');
  const text = rest.join('\n').trim();
  if (subject.trim() === '' || empty.trim() !== '' || text === '')
    throw new UserError(`${file}: the first line is the subject, then an empty line, then the text.`);
  if (source.includes('{{'))
    throw new UserError(`${file}: "{{" has a meaning of its own in notices and cannot be sent.`);
  if (text.length > LONGEST_BROADCAST)
    throw new UserError(`${file} is longer than ${LONGEST_BROADCAST} characters.`);
  return { subject: subject.trim(), text };
}
