import type { Clock } from '../clock.ts';
import { append } from '../mail-log/append.ts';
import { noticeDeferred, noticeFailed, noticeSent } from '../mail-log/events.ts';
import type { Mailer, Sending } from '../notices/send.ts';
import type { Database, Tx } from '../store/database.ts';
import * as outbox from '../store/notices.ts';
import type { Notice } from '../store/notices.ts';

export interface OutboxDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly mailer: Mailer;
  /** What a notice's envelope address is known by; null where all share one address. */
  readonly bounceHash: (notice: string) => Buffer | null;
}

/** Longer than the mailer's own time-outs, so that a lease never runs out under a sending that still may succeed. */
const LEASE_MS = 180_000;
const RETRY_MINUTES = [1, 5, 15, 30, 60, 120, 240];
/** Five days of trying, as mail servers do. */
const MAX_ATTEMPTS = 35;

/** Sends one due notice; false when none is due. A crash between sending and recording costs one repeat with the same Message-ID. */
export async function sendNextNotice({ db, clock, mailer, bounceHash }: OutboxDeps): Promise<boolean> {
  const claimed = await db.transaction(async (tx) => {
    const notice = await outbox.claimNotice(tx, clock.now(), LEASE_MS, bounceHash);
    return notice === null ? null : { notice, attachments: await outbox.attachmentsOf(tx.orm, notice.id) };
  });
  if (claimed === null) return false;
  const { notice, attachments } = claimed;
  const sending = await mailer.send(notice, clock.now(), attachments);
  await db.transaction((tx) => record(tx, notice, sending, clock.now()));
  return true;
}

async function record(tx: Tx, notice: Notice, sending: Sending, now: Date): Promise<void> {
  const about = {
    letter: notice.letter,
    dossier: notice.dossier,
    recipient: notice.recipient,
    messageId: notice.messageId,
    subject: notice.subject,
  };
  if (sending.result === 'sent') {
    await outbox.noticeSent(tx, notice.id, now);
    await append(tx.sql, now, noticeSent({ ...about, answer: sending.answer }));
    return;
  }
  const again = sending.result === 'deferred' && notice.attempts < MAX_ATTEMPTS;
  const minutes = RETRY_MINUTES[Math.min(notice.attempts, RETRY_MINUTES.length) - 1] ?? 1;
  await outbox.noticeFailed(
    tx,
    notice.id,
    sending.error,
    again ? new Date(now.getTime() + minutes * 60_000) : null,
  );
  const named = again ? noticeDeferred : noticeFailed;
  await append(tx.sql, now, named({ ...about, error: sending.error }));
}
