import type { Clock } from '../clock.ts';
import { append } from '../mail-log/append.ts';
import type { Mailer, Sending } from '../notices/send.ts';
import type { Database } from '../store/database.ts';
import { claimNotice, noticeFailed, noticeSent, type Notice } from '../store/notices.ts';

export interface OutboxDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly mailer: Mailer;
}

/** Longer than the mailer's own time-outs, so that a lease never runs out under a sending that still may succeed. */
const LEASE_MS = 180_000;
const RETRY_MINUTES = [1, 5, 15, 30, 60, 120, 240];
/** Five days of trying, as mail servers do. */
const MAX_ATTEMPTS = 35;

/** Sends one due notice; false when none is due. A crash between sending and recording costs one repeat with the same Message-ID. */
export async function sendNextNotice({ db, clock, mailer }: OutboxDeps): Promise<boolean> {
  const notice = await db.transaction((tx) => claimNotice(tx, clock.now(), LEASE_MS));
  if (notice === null) return false;
  const sending = await mailer.send(notice, clock.now());
  await db.transaction((tx) => record(tx, notice, sending, clock.now()));
  return true;
}

async function record(
  tx: Parameters<typeof noticeSent>[0],
  notice: Notice,
  sending: Sending,
  now: Date,
): Promise<void> {
  const about = {
    letter: notice.letter,
    dossier: notice.dossier,
    recipient: notice.recipient,
    messageId: notice.messageId,
    subject: notice.subject,
  };
  if (sending.result === 'sent') {
    await noticeSent(tx, notice.id, now);
    await append(tx.sql, now, { event: 'notice.sent', ...about, outcome: 'sent', detail: sending.answer });
    return;
  }
  const again = sending.result === 'deferred' && notice.attempts < MAX_ATTEMPTS;
  const minutes = RETRY_MINUTES[Math.min(notice.attempts, RETRY_MINUTES.length) - 1] ?? 1;
  await noticeFailed(tx, notice.id, sending.error, again ? new Date(now.getTime() + minutes * 60_000) : null);
  const event = again ? 'notice.deferred' : 'notice.failed';
  await append(tx.sql, now, {
    event,
    ...about,
    outcome: again ? 'deferred' : 'failed',
    error: sending.error,
  });
}
