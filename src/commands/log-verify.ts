import { generateKeyPairSync } from 'node:crypto';
import fs from 'node:fs';
import { parseArgs } from 'node:util';
import { UserError } from '../errors.ts';
import { verifierKey } from '../mail-log/checkpoint.ts';
import { loadLogKey } from '../mail-log/key-file.ts';
import { consistencyText, formatProof, proofOfEntry } from '../mail-log/proof.ts';
import { rotateKey } from '../mail-log/rotate.ts';
import { latestCheckpoint, sequenceAll } from '../mail-log/sequencer.ts';
import { verifyLog } from '../mail-log/verify.ts';
import type { CommandIo } from './command.ts';
import { keyFileOf, keyOf, read, readNote, useLog } from './log-access.ts';
import { progress } from './table-file.ts';

export async function verifyCommand(args: readonly string[], io: CommandIo): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { from: { type: 'string' }, json: { type: 'boolean' } },
  });
  return useLog(io, async (db) => {
    const report = await verifyLog(db.sql, keyOf(io), {
      progress: progress(io.err, 'entries'),
      ...(values.from === undefined ? {} : { from: readNote(values.from) }),
    });
    const holds = report.faults.length === 0;
    if (values.json === true) io.out.write(`${JSON.stringify(report)}\n`);
    else {
      const { size, pending, forgotten, checkpoints, newest } = report;
      io.out.write(
        `${size} entries (${forgotten} of forgotten months), ${pending} waiting for a number, ${checkpoints} checkpoints, the newest entry from ${newest ?? '-'}\n`,
      );
      for (const fault of report.faults) io.out.write(`FAULT: ${fault}\n`);
      io.out.write(holds ? 'the log holds\n' : 'the log does NOT hold\n');
    }
    return { value: holds ? 0 : 1, log: read(args, 'verify', holds ? 'holds' : 'does not hold') };
  });
}

export async function checkpointCommand(args: readonly string[], io: CommandIo): Promise<number> {
  return useLog(io, async (db) => {
    const note = await latestCheckpoint(db.sql);
    if (note === null) throw new UserError('The log is empty: there is no checkpoint yet.');
    io.out.write(note);
    return { value: 0, log: read(args, 'checkpoint', `size ${note.split('\n')[1] ?? ''}`) };
  });
}

export async function proofCommand(args: readonly string[], io: CommandIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { since: { type: 'string' } },
  });
  const number = Number(positionals[0] ?? NaN);
  if (values.since === undefined && !(Number.isInteger(number) && number >= 0))
    throw new UserError('log proof: name the number of an entry, or --since a file with a kept checkpoint.');
  return useLog(io, async (db) => {
    if (values.since === undefined) io.out.write(formatProof(await proofOfEntry(db.sql, number)));
    else {
      const old = Number(readNote(values.since).split('\n')[1]);
      const note = await latestCheckpoint(db.sql);
      const size = Number(note?.split('\n')[1]);
      if (note === null || !Number.isInteger(old) || old > size)
        throw new UserError(`The kept checkpoint knows ${old} entries, the log has only ${size}.`);
      io.out.write(await consistencyText(db.sql, old, note));
    }
    return { value: 0, log: read(args, 'proof', 'given out') };
  });
}

export async function keyCommand(args: readonly string[], io: CommandIo): Promise<number> {
  if (args[0] !== 'rotate') {
    io.out.write(`${verifierKey(keyOf(io))}\n`);
    return 0;
  }
  const { values } = parseArgs({ args: args.slice(1), options: { actor: { type: 'string' } } });
  const { actor } = values;
  if (actor === undefined) throw new UserError('log key rotate: say --actor, who orders it.');
  return useLog(io, async (db) => {
    const file = keyFileOf(io);
    const old = keyOf(io);
    const { privateKey } = generateKeyPairSync('ed25519');
    // The new key is on disk before the log names it: killed in between, nothing is signed that cannot be signed on.
    const next = `${file}.next`;
    if (!fs.existsSync(next))
      fs.writeFileSync(next, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
    const known = await db.sql<{ key: string | null }[]>`select key from mail_log.head`;
    const successor = loadLogKey(next, old.origin);
    const done = known[0]?.key?.endsWith(verifierKey(successor).split('+').slice(2).join('+')) === true;
    if (!done) await rotateKey(db.sql, old, successor, new Date(), actor);
    fs.renameSync(file, `${file}.${old.publicKey.toString('hex').slice(0, 8)}`);
    fs.renameSync(next, file);
    await sequenceAll(db.sql, successor, new Date());
    io.out.write(`${verifierKey(successor)}\n`);
    io.err.write('Give every gateway of this log the new mail-log.key; the old one is kept beside it.\n');
    return { value: 0, log: null };
  });
}
