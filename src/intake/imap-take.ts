import type { Readable } from 'node:stream';
import type { Clock } from '../clock.ts';
import { causeText } from '../errors.ts';
import { append } from '../mail-log/append.ts';
import { failure } from '../mail-log/events.ts';
import { Refusal, temporary, type Reply } from '../rules/reply.ts';
import type { Database } from '../store/database.ts';
import {
  forgetImapMessage,
  imapMessageAt,
  recordImapMessage,
  type ImapFate,
  type ImapPlace,
} from '../store/imap-ledger.ts';
import { authorOf } from './author.ts';
import { takeLetter } from './data.ts';
import { TOO_LARGE } from './door-replies.ts';
import type { Gatekeeper } from './gatekeeper.ts';
import { readHead, valuesOf, type Head } from './head.ts';
import { MAX_HEAD } from './outline.ts';
import { firstBytes } from './raw-letter.ts';

/** One message on its server. Whatever it throws counts against this message, and the next ones get their turn. */
export interface StoredMessage {
  readonly place: ImapPlace;
  /** null when somebody took it out of the folder meanwhile. */
  describe(): Promise<Described | null>;
  /** Reads its bytes; asked once. */
  open(): Promise<Readable>;
}

export interface Described {
  /** Bytes, by the server's word. */
  readonly size: number;
  /** When the mail system took it: the moment of receipt (Luật GDĐT Đ17.1). */
  readonly internalDate: Date;
}

export interface TakeDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly receive: Gatekeeper['receive'];
  /** Name of the server, for the log. */
  readonly server: string;
  /** The address the mailbox receives for. */
  readonly intake: string;
  readonly maxSize: number;
  readonly spoolDir: string;
}

/** A day of trying, as long as the runner tries; then a person looks. */
const RETRY_MINUTES = [0.1, 1, 5, 15, 30, 60, 120, 240, 480, 480];

/**
 * What becomes of one message; null = it stays where it is and is looked at again later. The letter is committed, then
 * the fate is recorded, then `moved` is called by the door once the message has left the folder. Ways to die: before the
 * letter's commit → it is taken again; before the record → the digest recognises the letter; before the move → the
 * record says where to.
 */
export async function takeMessage(message: StoredMessage, deps: TakeDeps): Promise<ImapFate | null> {
  const { place } = message;
  const now = deps.clock.now();
  const known = await deps.db.transaction((tx) => imapMessageAt(tx, place));
  if (known !== null && known.fate !== null) return known.fate;
  if (known !== null && known.dueAt > now) return null;
  const attempts = (known?.attempts ?? 0) + 1;
  const found = await fateOf(message, deps);
  if (found === null) return null;
  const wait = RETRY_MINUTES[attempts - 1];
  const again = found.fate === null && wait !== undefined;
  const fate = again ? null : (found.fate ?? 'for_officer');
  await deps.db.transaction(async (tx) => {
    await recordImapMessage(tx, place, {
      fate,
      attempts,
      dueAt: new Date(now.getTime() + (wait ?? 0) * 60_000),
      lastError: found.error,
    });
    if (fate !== 'for_officer') return;
    const name = `${place.mailbox} ${place.uidValidity}/${place.uid}`;
    await append(tx.sql, now, failure({ where: `IMAP ${name}`, error: found.error ?? '' }));
  });
  return fate;
}

/** The message stands in another folder now. */
export const moved = (place: ImapPlace, db: Database): Promise<void> =>
  db.transaction((tx) => forgetImapMessage(tx, place));

interface Found {
  readonly fate: ImapFate | null;
  readonly error: string | null;
}

/** null when the message is gone. */
async function fateOf(message: StoredMessage, deps: TakeDeps): Promise<Found | null> {
  try {
    const described = await message.describe();
    return described === null ? null : fateFor(await received(message, described, deps));
  } catch (error) {
    // What the door itself refuses nobody was told of: a person has to look.
    if (error instanceof Refusal) return { fate: 'for_officer', error: error.message };
    return { fate: null, error: causeText(error) };
  }
}

function fateFor(reply: Reply): Found {
  if (reply.code === 250) return { fate: 'taken', error: null };
  return { fate: temporary(reply) ? null : 'refused', error: `${reply.code} ${reply.status} ${reply.text}` };
}

async function received(
  message: StoredMessage,
  { size, internalDate }: Described,
  deps: TakeDeps,
): Promise<Reply> {
  if (size > deps.maxSize) throw new Refusal(TOO_LARGE);
  const letter = await takeLetter(await message.open(), deps.maxSize, deps.spoolDir);
  try {
    const { mailbox, uidValidity, uid } = message.place;
    return await deps.receive({
      raw: letter.raw,
      envelopeFrom: returnPath(readHead(await firstBytes(letter.raw, MAX_HEAD))),
      recipients: [deps.intake],
      session: {
        id: `${mailbox} ${uidValidity}/${uid}`,
        remoteAddress: deps.server,
        helo: '',
        tls: true,
        authenticatedAs: null,
      },
      receivedAt: internalDate,
    });
  } finally {
    await letter.discard();
  }
}

/**
 * What MAIL named, from the Return-Path that final delivery puts on top (RFC 5321 §4.4); null for `<>`. A server that
 * keeps none leaves the author's word; one that cannot be read is nobody's, which no rule lets pass.
 */
function returnPath(head: Head): string | null {
  const path = /^<([^<>\s]*)>/.exec(valuesOf(head, 'return-path')[0] ?? '')?.[1];
  if (path !== undefined) return path === '' ? null : path.toLowerCase();
  const author = authorOf(head);
  return author.ok ? author.address : '';
}
