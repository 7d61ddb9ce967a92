import { logEvent, type EventFields, type LogEvent } from './event.ts';

/** The mail an entry speaks of. */
export type MailFields = Pick<
  EventFields,
  'sender' | 'recipient' | 'client' | 'size' | 'messageId' | 'subject'
>;
/** The letter or dossier an entry belongs to. */
export type Matter = Pick<EventFields, 'letter' | 'dossier' | 'unit'>;
type Notice = Matter & Pick<EventFields, 'recipient' | 'messageId' | 'subject'>;

export const MACHINE = 'machine';

export function connectionRefused(e: {
  client: string | null;
  code: number;
  detail: string;
  count: number;
}): LogEvent {
  const { client, count, detail } = e;
  return logEvent('connection.refused', { client, count, detail, outcome: String(e.code) });
}

export function senderRefused(
  e: MailFields & { reason: string; detail: string; count?: number; error?: string },
): LogEvent {
  const { reason, ...fields } = e;
  return logEvent('sender.refused', { ...fields, outcome: reason });
}

export function letterReceived(e: MailFields & Matter & { detail?: string | null }): LogEvent {
  return logEvent('letter.received', { ...e, outcome: 'accepted' });
}

/** `letter` and `dossier`: the ones it repeats. */
export function letterDuplicate(e: MailFields & Matter): LogEvent {
  return logEvent('letter.duplicate', { ...e, outcome: 'duplicate' });
}

export function letterQuarantined(e: MailFields & Matter & { why: string }): LogEvent {
  const { why, ...fields } = e;
  return logEvent('letter.quarantined', { ...fields, outcome: 'quarantine', detail: why });
}

export function letterIgnored(e: MailFields & { why: string }): LogEvent {
  const { why, ...fields } = e;
  return logEvent('letter.ignored', { ...fields, outcome: why });
}

export function evidenceFound(
  e: Matter & { sender: string; verdict: string; detail: string | null },
): LogEvent {
  const { verdict, ...fields } = e;
  return logEvent('evidence.found', { ...fields, outcome: verdict });
}

/** `actor` is `MACHINE` or the officer's account; `outcome` the state or course chosen. */
export function decision(
  e: Matter & { actor: string; outcome: string; detail?: string | null; sender?: string },
): LogEvent {
  return logEvent('decision', e);
}

/** `address`: the mailbox; `kind`: what was done to it. */
export function rowProvisioned(
  e: Matter & { address: string; kind: string; detail?: string | null; actor: string },
): LogEvent {
  const { address, kind, ...fields } = e;
  return logEvent('row.provisioned', { ...fields, recipient: address, outcome: kind });
}

export function rowFailed(e: Matter & { address: string; error: string; actor: string }): LogEvent {
  const { address, ...fields } = e;
  return logEvent('row.failed', { ...fields, recipient: address, outcome: 'failed' });
}

/** `detail`: how credentials were handed out with it, if it holds any. */
export function noticeQueued(e: Notice & { template: string; detail?: string | null }): LogEvent {
  const { template, ...fields } = e;
  return logEvent('notice.queued', { ...fields, outcome: template });
}

export function noticeSent(e: Notice & { answer: string }): LogEvent {
  const { answer, ...fields } = e;
  return logEvent('notice.sent', { ...fields, outcome: 'sent', detail: answer });
}

export function noticeDeferred(e: Notice & { error: string }): LogEvent {
  return logEvent('notice.deferred', { ...e, outcome: 'deferred' });
}

export function noticeBounced(e: Notice & { error: string }): LogEvent {
  return logEvent('notice.bounced', { ...e, outcome: 'bounced' });
}

export function noticeFailed(e: Notice & { error: string }): LogEvent {
  return logEvent('notice.failed', { ...e, outcome: 'failed' });
}

export function deadlineMet(e: Matter & { due: Date }): LogEvent {
  return logEvent('deadline.met', { ...e, due: e.due.toISOString(), outcome: 'on time' });
}

/** `closed`: the dossier was closed, but late; otherwise it is still open. */
export function deadlineMissed(e: Matter & { due: Date; closed: boolean; detail?: string }): LogEvent {
  const { closed, due, ...fields } = e;
  return logEvent('deadline.missed', {
    ...fields,
    due: due.toISOString(),
    outcome: closed ? 'closed' : 'open',
  });
}

export function jobRun(e: { job: string; detail?: string; error?: string }): LogEvent {
  const { job, ...fields } = e;
  return logEvent('job.run', { ...fields, outcome: job, actor: MACHINE });
}

export function mailboxActivated(e: { address: string; dossier: string | null }): LogEvent {
  return logEvent('mailbox.activated', {
    recipient: e.address,
    dossier: e.dossier,
    outcome: 'activated',
    actor: 'owner',
  });
}

export function mailboxChanged(
  e: Matter & { address: string; action: string; detail?: string; actor: string },
): LogEvent {
  const { address, action, ...fields } = e;
  return logEvent('mailbox.changed', { ...fields, recipient: address, outcome: action });
}

export function registryImported(e: { what: string; detail: string; actor: string }): LogEvent {
  const { what, ...fields } = e;
  return logEvent('registry.imported', { ...fields, outcome: what });
}

export function configurationLoaded(e: { detail: string }): LogEvent {
  return logEvent('configuration.loaded', e);
}

export function configurationChanged(e: { what: string; detail: string; actor: string }): LogEvent {
  const { what, ...fields } = e;
  return logEvent('configuration.changed', { ...fields, outcome: what });
}

export function regulationChanged(e: { regulation: string; detail: string; actor: string }): LogEvent {
  const { regulation, ...fields } = e;
  return logEvent('regulation.changed', { ...fields, outcome: regulation });
}

/** Every look into the log is itself logged (threats.md "log search by an insider"). `what`: the question asked. */
export function logRead(e: { what: string; result: string; actor: string; client?: string }): LogEvent {
  const { what, result, ...fields } = e;
  return logEvent('log.read', { ...fields, detail: what, outcome: result });
}

export function logExported(e: { what: string; result: string; actor: string; client?: string }): LogEvent {
  const { what, result, ...fields } = e;
  return logEvent('log.exported', { ...fields, detail: what, outcome: result });
}

/** `month`: "2025-10" in Viet Nam; `detail`: "approved", or its numbers and the root before it is dropped. */
export function logPrune(e: { month: string; detail: string; count?: number; approvedBy: string }): LogEvent {
  const { month, approvedBy, ...fields } = e;
  return logEvent('log.prune', { ...fields, outcome: month, actor: approvedBy });
}

export function logAnchored(e: { where: string; detail: string; error?: string }): LogEvent {
  const { where, ...fields } = e;
  return logEvent('log.anchored', { ...fields, outcome: where });
}

/** `detail`: by what the person was recognised. */
export function loginOk(e: { actor: string; client: string; detail: string }): LogEvent {
  return logEvent('login.ok', { ...e, outcome: 'ok' });
}

/** `actor`: the account that was tried, where it was said. */
export function loginFailed(e: {
  actor?: string;
  client: string | null;
  detail: string;
  count?: number;
}): LogEvent {
  return logEvent('login.failed', { ...e, outcome: 'refused' });
}

/** `what`: "mail-log" or another key of ours; the keys are named by their verifier keys or fingerprints. */
export function keyRotated(e: { what: string; from: string; to: string; actor: string }): LogEvent {
  return logEvent('key.rotated', { outcome: e.what, detail: `${e.from} → ${e.to}`, actor: e.actor });
}

export function mailTransferred(
  e: MailFields & { queue: string; status: string; relay?: string; detail?: string; error?: string },
): LogEvent {
  const { status, ...fields } = e;
  return logEvent('mail.transferred', { ...fields, outcome: status });
}

export function heartbeat(): LogEvent {
  return logEvent('heartbeat', {});
}

/** `where`: what was being done. */
export function failure(
  e: Matter & { where: string; error: string; client?: string | null; count?: number },
): LogEvent {
  const { where, ...fields } = e;
  return logEvent('failure', { ...fields, detail: where });
}
