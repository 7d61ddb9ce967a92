import { generateKeyPairSync } from 'node:crypto';
import fs from 'node:fs';
import { parseArgs } from './options.ts';
import { UserError } from '../errors.ts';
import type { Say } from '../console/words.ts';
import { parseVerifierKey, verifierKey, type PublicKey } from '../mail-log/checkpoint.ts';
import type { Gaps } from '../mail-log/gaps.ts';
import { loadLogKey } from '../mail-log/key-file.ts';
import { consistencyText, formatProof, proofOfEntry } from '../mail-log/proof.ts';
import { rotateKey } from '../mail-log/rotate.ts';
import { latestCheckpoint, sequenceAll } from '../mail-log/sequencer.ts';
import { verifyLog } from '../mail-log/verify.ts';
import type { CommandIo } from './command.ts';
import { keptSize, keyFileOf, keyOf, read, readNote, useLog } from './log-access.ts';
import { progress } from './table-file.ts';

export async function verifyCommand(args: readonly string[], io: CommandIo, say: Say): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { from: { type: 'string' }, key: { type: 'string' }, json: { type: 'boolean' } },
  });
  const key = trustedKey(values.key, io);
  const from = values.from === undefined ? {} : { from: readNote(values.from) };
  if (values.from !== undefined) keptSize(values.from);
  return useLog(io, async (db) => {
    const now = new Date();
    const report = await verifyLog(db.sql, key, { progress: progress(io.err, 'entries'), now, ...from });
    const holds = report.faults.length === 0;
    if (values.json === true) io.out.write(`${JSON.stringify(report)}\n`);
    else {
      const { size, pending, forgotten, checkpoints, newest } = report;
      io.out.write(
        say(
          `${size} mục (${forgotten} của các tháng đã hủy), ${pending} chờ số, ${checkpoints} điểm chốt, mục mới nhất lúc ${newest ?? '-'}\n`,
          `${size} entries (${forgotten} of forgotten months), ${pending} waiting for a number, ${checkpoints} checkpoints, the newest entry from ${newest ?? '-'}\n`,
        ),
      );
      io.out.write(silenceText(report.silent, say));
      for (const fault of report.faults) io.out.write(`${say('SAI', 'FAULT')}: ${fault}\n`);
      io.out.write(
        holds
          ? say('nhật ký toàn vẹn\n', 'the log holds\n')
          : say('nhật ký KHÔNG toàn vẹn\n', 'the log does NOT hold\n'),
      );
    }
    return { value: holds ? 0 : 1, log: read(args, 'verify', holds ? 'holds' : 'does not hold') };
  });
}

/** Times in which nothing was written, a line each; they are told and are no faults. */
function silenceText({ gaps, more }: Gaps, say: Say): string {
  const lines = gaps.map(({ from, to }) =>
    say(
      `LƯU Ý: không có mục nào, kể cả nhịp kiểm tra, từ ${from} đến ${to ?? 'nay'}\n`,
      `NOTICE: no entry and no heartbeat from ${from} to ${to ?? 'now'}\n`,
    ),
  );
  if (more > 0)
    lines.unshift(say(`LƯU Ý: và ${more} khoảng trước đó\n`, `NOTICE: and ${more} such times before\n`));
  if (lines.length > 0)
    lines.push(
      say(
        'Trong các khoảng ấy không cổng thư nào hoạt động, hoặc các mục đã bị lấy đi: đối chiếu với nhật ký vận hành và mốc giữ bên ngoài.\n',
        'No gateway ran then, or what stood there was taken out: compare with the service log and a checkpoint kept outside.\n',
      ),
    );
  return lines.join('');
}

/** The key an auditor names, or the gateway's own; never a new one. */
function trustedKey(text: string | undefined, io: CommandIo): PublicKey {
  if (text === undefined) {
    if (fs.existsSync(keyFileOf(io))) return keyOf(io);
    throw new UserError(
      `${keyFileOf(io)} is not there.`,
      'Say --key, the verifier key (`congthu log key`) you kept.',
    );
  }
  const key = parseVerifierKey(text);
  if (key === null)
    throw new UserError('--key: this is no verifier key.', 'It looks like name+1a2b3c4d+AbC…');
  return key;
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
  const number = /^\d+$/.test(positionals[0] ?? '') ? Number(positionals[0]) : NaN;
  if (values.since === undefined && !Number.isSafeInteger(number))
    throw new UserError('log proof: name the number of an entry, or --since a file with a kept checkpoint.');
  return useLog(io, async (db) => {
    if (values.since === undefined) io.out.write(formatProof(await proofOfEntry(db.sql, number)));
    else {
      const old = keptSize(values.since);
      const note = await latestCheckpoint(db.sql);
      const size = Number(note?.split('\n')[1]);
      if (note === null || old > size)
        throw new UserError(`The kept checkpoint knows ${old} entries, the log has only ${size}.`);
      io.out.write(await consistencyText(db.sql, old, note));
    }
    return { value: 0, log: read(args, 'proof', 'given out') };
  });
}

export async function keyCommand(args: readonly string[], io: CommandIo, say: Say): Promise<number> {
  if (args[0] !== undefined && args[0] !== 'rotate')
    throw new UserError(`log key: "${args[0]}" is not "rotate".`);
  if (args[0] === undefined) {
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
    io.err.write(
      say(
        'Chép mail-log.key mới cho mọi cổng thư của nhật ký này; khóa cũ được giữ bên cạnh.\n',
        'Give every gateway of this log the new mail-log.key; the old one is kept beside it.\n',
      ),
    );
    return { value: 0, log: null };
  });
}
