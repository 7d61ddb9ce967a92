import { randomUUID } from 'node:crypto';
import type { LogEvent } from '../mail-log/event.ts';
import { noticeQueued } from '../mail-log/events.ts';
import { render, type Hole } from '../notices/render.ts';
import type { Tx } from '../store/database.ts';
import { queueNotice, type Attachment } from '../store/notices.ts';
import type { ActDeps } from './step.ts';

/** One mail of ours, before it has words. */
export interface NoticeOrder {
  /** Names the event; one event has one notice, however often a step or a job is repeated. */
  readonly event: string;
  /** Left part of the Message-ID, fixed by the event. */
  readonly stem: string;
  /** Folder and file below templates/. */
  readonly folder: string;
  readonly template: string;
  /** From the registry or the configuration, never from a letter. */
  readonly recipient: string;
  readonly holes: Readonly<Record<string, Hole>>;
  readonly letter?: string;
  readonly dossier?: string;
  readonly unit?: string | null;
  readonly inReplyTo?: string | null;
  readonly references?: readonly string[];
  readonly attachments?: readonly Attachment[];
  /** What the log says beside it. */
  readonly detail?: string | null;
}

/** Puts a notice into the outbox; the log entries are empty when this event has its notice already. */
export async function queue(
  tx: Tx,
  deps: Pick<ActDeps, 'clock' | 'notices'>,
  order: NoticeOrder,
): Promise<LogEvent[]> {
  const rendered = render(order.folder, order.template, order.holes);
  const messageId = `<${order.stem}@${deps.notices.hostname}>`;
  const now = deps.clock.now();
  const queued = await queueNotice(
    tx,
    {
      id: randomUUID(),
      event: order.event,
      letter: order.letter ?? null,
      dossier: order.dossier ?? null,
      template: order.template,
      recipient: order.recipient,
      ...rendered,
      messageId,
      inReplyTo: order.inReplyTo ?? null,
      references: [...(order.references ?? [])],
      createdAt: now,
      state: 'queued',
      dueAt: now,
    },
    order.attachments ?? [],
  );
  if (!queued) return [];
  return [
    noticeQueued({
      letter: order.letter ?? null,
      dossier: order.dossier ?? null,
      unit: order.unit ?? null,
      recipient: order.recipient,
      messageId,
      subject: rendered.subject,
      template: order.template,
      detail: order.detail ?? null,
    }),
  ];
}
