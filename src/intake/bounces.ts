import type { Clock } from '../clock.ts';
import { append } from '../mail-log/append.ts';
import { letterIgnored, noticeBounced, noticeDeferred } from '../mail-log/events.ts';
import type { BounceAddresses } from '../notices/bounce-address.ts';
import type { Reply } from '../rules/reply.ts';
import type { Database, Tx } from '../store/database.ts';
import { noticeByBounceHash, noticeReturned } from '../store/notices.ts';
import type { Incoming } from './gatekeeper.ts';
import { firstBytes } from './raw-letter.ts';

/**
 * Mail that comes back to the envelope address of one of our notices (VERP). The token in the address says which notice,
 * and cannot be guessed; so a forged bounce changes nothing, and a true one nothing but the notice it speaks of.
 */
export interface Returned {
  /** What a report says of the delivery (RFC 3464 §2.3.3). */
  readonly action: 'failed' | 'delayed' | 'other';
  /** "5.1.1 smtp; 550 User unknown", bounded. */
  readonly words: string;
}

const TAKEN: Reply = Object.freeze({ code: 250, status: '2.0.0', text: 'received' });
/** Reports quote the returned letter at their end; what they say themselves stands before. */
const READ = 256 * 1024;

/** Whether a recipient is the return path of a notice of ours; null when it is no such address at all. */
export async function isReturnPath(
  db: Database,
  recipient: string,
  addresses: BounceAddresses | null,
): Promise<boolean | null> {
  const hash = addresses?.hashIn(recipient) ?? null;
  if (hash === null) return null;
  return (await db.transaction((tx) => noticeByBounceHash(tx.orm, hash))) !== null;
}

/** Records a returned notice; null when no recipient is a return path, and the letter is a letter like any other. */
export async function takeReturned(
  db: Database,
  incoming: Incoming,
  addresses: BounceAddresses | null,
  clock: Clock,
): Promise<Reply | null> {
  const hashes = incoming.recipients.flatMap((recipient) => addresses?.hashIn(recipient) ?? []);
  if (hashes.length === 0) return null;
  const said = readReturned(await firstBytes(incoming.raw, READ));
  return db.transaction((tx) => record(tx, incoming, hashes, said, clock.now()));
}

async function record(
  tx: Tx,
  incoming: Incoming,
  hashes: readonly Buffer[],
  said: Returned,
  now: Date,
): Promise<Reply> {
  for (const hash of hashes) {
    const notice = await noticeByBounceHash(tx.orm, hash);
    if (notice === null) continue;
    const { letter, dossier, recipient, messageId, subject } = notice;
    const about = { letter, dossier, recipient, messageId, subject, error: said.words };
    // An answering machine writes to the return path too (RFC 3834 §4); it says nothing about the delivery.
    if (said.action === 'other') {
      const fields = { recipient: incoming.recipients.join(' '), size: incoming.raw.size };
      await append(tx.sql, now, letterIgnored({ ...fields, why: 'automatic' }));
    } else if (said.action === 'delayed') await append(tx.sql, now, noticeDeferred(about));
    else if (await noticeReturned(tx, notice.id, said.words)) await append(tx.sql, now, noticeBounced(about));
  }
  return TAKEN;
}

/**
 * What a bounce says: a delivery report by its fields (RFC 3464), any other by the status code in its words. Reports are
 * 7-bit by their rules, so they are read as they stand.
 */
export function readReturned(bytes: Buffer): Returned {
  const text = bytes.toString('latin1');
  const field = (name: string): string | null =>
    new RegExp(String.raw`^${name}:[ \t]*(.{1,500})$`, 'im').exec(text)?.[1]?.trim() ?? null;
  const action = field('Action')?.toLowerCase() ?? null;
  const words = [field('Status'), field('Diagnostic-Code')].filter((one) => one !== null).join(' ');
  if (action === 'failed' || action === 'delayed') return { action, words: shown(words || action) };
  // delivered, relayed, expanded: good news.
  if (action !== null) return { action: 'other', words: '' };
  const code = /\b([45])\d\d[ -](?:#?[45]\.\d{1,3}\.\d{1,3}\b)?.{0,200}/.exec(text);
  if (code === null) return { action: 'other', words: '' };
  return { action: code[1] === '5' ? 'failed' : 'delayed', words: shown(code[0]) };
}

/** A stranger's words go into our log. */
const shown = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 300);
