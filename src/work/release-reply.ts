import { append } from '../mail-log/append.ts';
import type { Tx } from '../store/database.ts';
import { dossierByNumber } from '../store/dossiers.ts';
import { attachSigned, signedReplyFile, type SignedFileProof } from './reply-document.ts';
import { settle } from './settle.ts';
import type { ActDeps } from './step.ts';
import { tellResult } from './tell-unit.ts';

/**
 * The desk's function: takes the reply document an officer signed, sends it to the unit with the result it tells, and
 * closes the dossier when nothing else is open. Resolves to null, or to why the file is not taken (Vietnamese).
 */
export async function releaseReply(
  tx: Tx,
  document: string,
  bytes: Buffer,
  proof: SignedFileProof,
  officer: string,
  deps: ActDeps,
): Promise<string | null> {
  const attached = await attachSigned(tx, document, bytes, proof, officer, deps);
  if (!attached.attached) return attached.why;
  const { work, done } = attached;
  const dossier = (await dossierByNumber(tx.orm, work.letter.dossier!))!;
  const told = await tellResult(tx, work, dossier, done, deps, {
    template: 'completed',
    key: `completed/${document}`,
    attachments: [signedReplyFile(attached.document)],
    holes: { document: 'Văn bản phúc đáp đã ký số được gửi kèm thư này.' },
  });
  await append(tx.sql, deps.clock.now(), ...attached.log, ...told);
  const settled = await settle(tx, work, deps, { turn: 'later', done: [] });
  await append(tx.sql, deps.clock.now(), ...settled.log);
  return null;
}
