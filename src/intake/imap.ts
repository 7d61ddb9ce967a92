import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ImapFlow, MailboxObject } from 'imapflow';
import type { ImapAccount } from '../imap-account.ts';
import { forgetGoneImapMessages, type ImapFate, type ImapPlace } from '../store/imap-ledger.ts';
import { clientFor } from './imap-client.ts';
import { moved, takeMessage, type StoredMessage, type TakeDeps } from './imap-take.ts';

/**
 * The IMAP door: watches one intake mailbox. Letters are taken in the order of their UIDs, committed, and only then
 * moved out of the folder; IDLE brings new ones at once, and a search every `pollMs` finds what IDLE missed and shows a
 * connection that died in silence. Nothing here ends a watch but `stop`: it connects again with growing pauses.
 */
export interface ImapDoor {
  start(): void;
  /** Ends after the message at hand; a server that keeps it waiting is left after the grace. */
  stop(graceMs: number): Promise<void>;
}

export interface ImapDoorOptions extends Omit<TakeDeps, 'server' | 'intake'> {
  readonly account: ImapAccount;
  readonly pollMs: number;
  /** A server that says nothing for so long is gone. */
  readonly answerMs: number;
  log(event: {
    readonly event: 'imap-connected' | 'imap-lost' | 'imap-not-moved';
    readonly cause?: unknown;
  }): void;
}

export const IMAP_DOOR_DEFAULTS = { pollMs: 60_000, answerMs: 30_000 } as const;

/** Where messages go, as officers see them in the mailbox. */
export const FOLDERS: Readonly<Record<ImapFate, string>> = Object.freeze({
  taken: 'Đã tiếp nhận',
  refused: 'Từ chối',
  for_officer: 'Chờ xử lý',
});

const LONGEST_PAUSE_MS = 60_000;

export function createImapDoor(options: ImapDoorOptions): ImapDoor {
  const stopping = new AbortController();
  const cut = new AbortController();
  const { signal } = stopping;
  let watching: Promise<void> = Promise.resolve();
  const watch = async (): Promise<void> => {
    for (let failures = 0; !signal.aborted;) {
      const since = performance.now();
      await session(options, signal, cut.signal).catch((cause: unknown) => {
        options.log({ event: 'imap-lost', cause });
      });
      failures = performance.now() - since > LONGEST_PAUSE_MS ? 0 : failures + 1;
      await pause(Math.min(LONGEST_PAUSE_MS, 500 * 2 ** failures), signal);
    }
  };
  return {
    start() {
      watching = watch();
    },
    async stop(graceMs) {
      stopping.abort();
      const late = new AbortController();
      void pause(graceMs, late.signal).then(() => {
        if (!late.signal.aborted) cut.abort();
      });
      // Whatever of the library still waits for the server then has nothing to lose: letters are committed before moves.
      await Promise.race([watching, once(cut.signal, 'abort')]);
      late.abort();
    },
  };
}

const pause = (ms: number, signal: AbortSignal): Promise<unknown> =>
  sleep(ms, null, { signal }).catch(() => null);

/** One connection, from login to its end. Returns when stopped, throws when the connection is lost. */
async function session(options: ImapDoorOptions, signal: AbortSignal, cut: AbortSignal): Promise<void> {
  const client = await clientFor(options.account, options.answerMs);
  cut.addEventListener('abort', () => {
    client.close();
  });
  try {
    await client.connect();
    await makeFolders(client);
    const box = await client.mailboxOpen(options.account.folder);
    options.log({ event: 'imap-connected' });
    let bell = new AbortController();
    for (const event of ['exists', 'close'] as const)
      client.on(event, () => {
        bell.abort();
      });
    while (!signal.aborted) {
      // Hung up before the sweep, so that what comes in meanwhile rings too.
      bell = new AbortController();
      await sweep(client, box, options, signal);
      await pause(options.pollMs, AbortSignal.any([signal, bell.signal]));
      if (!client.usable) throw new Error(`the IMAP server ended the connection ${client.byeReason ?? ''}`);
    }
  } finally {
    client.close();
  }
}

async function makeFolders(client: ImapFlow): Promise<void> {
  const there = new Set((await client.list()).map(({ path }) => path));
  for (const folder of Object.values(FOLDERS)) if (!there.has(folder)) await client.mailboxCreate(folder);
}

async function sweep(
  client: ImapFlow,
  box: MailboxObject,
  options: ImapDoorOptions,
  signal: AbortSignal,
): Promise<void> {
  const found = await inTime(client, client.search({ deleted: false }, { uid: true }), options.answerMs);
  if (!Array.isArray(found)) throw new Error('the IMAP server did not answer the search');
  const { account, db } = options;
  const folder = {
    mailbox: `${account.user}@${account.host}/${account.folder}`,
    uidValidity: Number(box.uidValidity),
  };
  await db.transaction((tx) => forgetGoneImapMessages(tx, folder, found));
  const stuck: string[] = [];
  for (const uid of found.toSorted((a, b) => a - b)) {
    if (signal.aborted) return;
    const place = { ...folder, uid };
    const fate = await fateOf(client, place, options);
    const done = fate === null || (await move(client, place, fate, options));
    // What was asked on a connection that ended says nothing about the messages that follow.
    if (!client.usable) throw new Error(`the IMAP server ended the connection at message ${uid}`);
    if (fate === null || done) continue;
    stuck.push(`${uid} → ${FOLDERS[fate]}`);
  }
  if (stuck.length === 0) return;
  // A full or a missing folder: what could be taken has been, and the next sweep moves it.
  options.log({ event: 'imap-not-moved', cause: new Error(`not moved: ${stuck.slice(0, 10).join(', ')}`) });
  await makeFolders(client);
}

/** What becomes of one message; null = it stays where it is, or is gone. */
function fateOf(client: ImapFlow, place: ImapPlace, options: ImapDoorOptions): Promise<ImapFate | null> {
  const range = String(place.uid);
  const uid = { uid: true };
  const message: StoredMessage = {
    place,
    async describe() {
      const asked = client.fetchOne(range, { size: true, internalDate: true }, uid);
      const told = await inTime(client, asked, options.answerMs);
      if (told === false || told === undefined) return null;
      const { size = 0, internalDate = options.clock.now() } = told;
      return { size, internalDate: new Date(internalDate) };
    },
    open: async () => (await client.download(range, undefined, uid)).content!,
  };
  const { account } = options;
  return takeMessage(message, { ...options, server: account.host, intake: account.intake });
}

/** False when the server would not: its record says where to, so the letter is not taken again. */
async function move(
  client: ImapFlow,
  place: ImapPlace,
  fate: ImapFate,
  options: ImapDoorOptions,
): Promise<boolean> {
  const range = String(place.uid);
  // undefined, against the library's types, where no folder is open any more.
  const gone: unknown = await inTime(
    client,
    client.messageMove(range, FOLDERS[fate], { uid: true }),
    options.answerMs,
  );
  if (gone === false || gone === undefined) return false;
  await moved(place, options.db);
  return true;
}

/** A dead connection does not answer and does not end either; here it ends. */
async function inTime<T>(client: ImapFlow, answer: Promise<T>, ms: number): Promise<T> {
  const late = new AbortController();
  const silence = sleep(ms, null, { signal: late.signal }).then(() => {
    client.close();
    throw new Error(`the IMAP server said nothing for ${ms} ms`);
  });
  try {
    return await Promise.race([answer, silence]);
  } finally {
    late.abort();
    silence.catch(() => undefined);
    answer.catch(() => undefined);
  }
}
