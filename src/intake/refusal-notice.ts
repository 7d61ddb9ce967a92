import { randomUUID } from 'node:crypto';
import type { LogEvent } from '../mail-log/event.ts';
import { noticeQueued } from '../mail-log/events.ts';
import { clockTime, longDate } from '../notices/dates.ts';
import { render } from '../notices/render.ts';
import { refusalSentence, type RefusalReason } from '../rules/admission-replies.ts';
import { localTime } from '../rules/calendar.ts';
import type { LetterFacts } from '../rules/letter-facts.ts';
import type { Regulation } from '../rules/regulation.ts';
import type { Tx } from '../store/database.ts';
import { queueNotice } from '../store/notices.ts';

export interface Refused {
  readonly facts: LetterFacts;
  readonly receivedAt: Date;
  readonly reason: RefusalReason;
  readonly regulation: Regulation;
}

/**
 * Tells a sender why its letter was not taken, where no SMTP reply can: the letter came out of a mailbox. Only a sender
 * whose domain was proven is told, or a forged From would make us write to strangers; and each address once a day, for
 * the event of a notice is unique (requirements.md §6.4). Automatic mail never gets here: it is ignored before.
 */
export async function tellRefusal(
  tx: Tx,
  { facts, receivedAt, reason, regulation }: Refused,
  hostname: string,
  now: Date,
): Promise<LogEvent[]> {
  if (!facts.author.ok || facts.proof.result !== 'pass') return [];
  const recipient = facts.author.address;
  const rendered = render(regulation.templates, 'not-accepted', {
    sender: recipient,
    letter: facts.subject.trim() === '' ? 'Thư không có tiêu đề' : `Thư “${facts.subject.trim()}”`,
    intake: facts.recipients[0] ?? '',
    received_time: clockTime(receivedAt),
    received_date: longDate(receivedAt),
    reasons: [refusalSentence(reason, regulation)],
    operator_signature: regulation.identity.operatorName.toUpperCase(),
  });
  const id = randomUUID();
  const messageId = `<refusal.${id}@${hostname}>`;
  const queued = await queueNotice(tx, {
    id,
    event: `refusal/${recipient}/${localTime(now).date}`,
    template: 'not-accepted',
    recipient,
    ...rendered,
    messageId,
    inReplyTo: facts.messageId,
    references: facts.messageId === null ? [] : [facts.messageId],
    createdAt: now,
    state: 'queued',
    dueAt: now,
  });
  if (!queued) return [];
  const { subject } = rendered;
  return [noticeQueued({ recipient, messageId, subject, template: 'not-accepted' })];
}
