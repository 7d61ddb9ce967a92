import type postgres from 'postgres';
import { append } from './append.ts';
import { verifierKey, type LogKey } from './checkpoint.ts';
import { keyRotated } from './events.ts';
import { formatProof, proofOfEntry } from './proof.ts';
import { lockHead, sequenceAll, sequenceBatch } from './sequencer.ts';

/**
 * Hands the log over to a new key: the entry key.rotated names both, the checkpoint that holds it is signed by both
 * and kept, and the entry's proof is kept with the new key. Everything after is signed by the new key only.
 */
export async function rotateKey(
  sql: postgres.Sql,
  from: LogKey,
  to: Omit<LogKey, 'origin'>,
  now: Date,
  actor: string,
): Promise<{ since: number; key: string }> {
  // What is pending first, so that the entry is the last one of the last batch.
  await sequenceAll(sql, from, now);
  return sql.begin(async (tx) => {
    const head = await lockHead(tx, from);
    const [old, successor] = [
      { ...from, origin: head.origin },
      { ...to, origin: head.origin },
    ];
    await append(
      tx,
      now,
      keyRotated({ what: 'mail-log', from: verifierKey(old), to: verifierKey(successor), actor }),
    );
    const { size, more } = await sequenceBatch(tx, head, [old, successor], now, true);
    if (more) throw new Error('too many entries came in between; rotate again');
    const [row] = await tx<{ number: string }[]>`
      select s.number from mail_log.mail_event e join mail_log.sequenced s on s.at = e.at and s.id = e.id
      where e.terms @@ '''e:key.rotated'''::tsquery and s.number >= ${head.size} order by s.number desc limit 1`;
    const proof = formatProof(await proofOfEntry(tx, Number(row!.number)));
    await tx`insert into mail_log.key (since, key, proof) values (${size}, ${verifierKey(successor)}, ${proof})`;
    await tx`update mail_log.head set key = ${verifierKey(successor)}`;
    return { since: size, key: verifierKey(successor) };
  });
}
