import { storableText } from '../rules/text/storable.ts';

/**
 * The events of the mail log: a closed list, one function each. Every entry has `at` and `event`; fields that are not
 * known are left out. "mail" stands for sender, recipient, client, size, messageId, subject (Nghệ An 99/2025 Đ9).
 *
 * | event                 | when                                             | fields besides                                  |
 * |-----------------------|--------------------------------------------------|-------------------------------------------------|
 * | connection.refused    | the door turned a client away before it named a  | client count outcome=code detail                |
 * |                       | recipient; one entry per client, answer, minute  |                                                 |
 * | sender.refused        | a sender, a recipient or a whole letter was      | mail outcome=reason detail count                |
 * |                       | refused (4xx, 5xx)                               |                                                 |
 * | letter.received       | a letter became ours, in the transaction before  | mail letter unit outcome detail                 |
 * |                       | our 250                                          |                                                 |
 * | letter.duplicate      | the same letter, or signed content, came again   | mail letter dossier unit outcome                |
 * | letter.quarantined    | sealed until an officer looks                    | mail letter unit outcome detail=why             |
 * | letter.ignored        | automatic mail, never answered                   | mail outcome=why                                |
 * | evidence.found        | what the signatures prove                        | letter unit sender outcome=verdict detail       |
 * | decision              | the machine or an officer decided where a letter | letter dossier unit outcome detail actor        |
 * |                       | or dossier goes                                  |                                                 |
 * | row.provisioned       | a mailbox was created, changed, cancelled …      | letter dossier unit recipient outcome=kind      |
 * |                       |                                                  | detail actor                                    |
 * | row.failed            | the target refused a row                         | the same, error                                 |
 * | notice.queued         | mail of ours was written                         | letter dossier unit recipient messageId subject |
 * |                       |                                                  | outcome=template                                |
 * | notice.sent           | the relay took it                                | the same, detail=its answer                     |
 * | notice.deferred       | the relay could not take it now                  | the same, error                                 |
 * | notice.bounced        | a delivery report about it came back             | the same, error                                 |
 * | notice.failed         | the relay refused it for good, or time ran out   | the same, error                                 |
 * | deadline.met          | a dossier was closed within its time             | letter dossier unit due                         |
 * | deadline.missed       | its time ran out, or it was closed after it      | letter dossier unit due outcome=open|closed     |
 * | job.run               | a job ran (lifecycle, deadlines, retention …)    | outcome=job detail error                        |
 * | mailbox.activated     | an owner set a password by link                  | recipient dossier                               |
 * | mailbox.changed       | a job or an officer changed a mailbox without a  | recipient unit outcome=action detail actor      |
 * |                       | dossier (lock, reminder due, import)             |                                                 |
 * | registry.imported     | units or mailboxes were imported                 | outcome=which detail actor                      |
 * | configuration.loaded  | a gateway started                                | detail=digest of each setting, no values        |
 * | configuration.changed | somebody changed a setting, account or right; or | outcome=what detail actor                       |
 * |                       | a start found other settings than the one before |                                                 |
 * | regulation.changed    | a start found other values than the one before,  | outcome=regulation detail=parts, their digests  |
 * |                       | or a regulation that was not in force            | actor                                           |
 * | log.read              | somebody searched, looked at or verified the log | outcome=how much detail=what actor client       |
 * | log.exported          | entries were handed out                          | the same                                        |
 * | log.prune             | a month past the retention period may go, or     | outcome=month detail=approved, or numbers and   |
 * |                       | goes: written before it is dropped, and said     | root; count actor=who approved                  |
 * |                       | again when the month of the entry goes           |                                                 |
 * | log.anchored          | a checkpoint was laid down outside the database  | outcome=where detail=size, root error           |
 * | login.ok              | a person entered the console                     | actor client                                    |
 * | login.failed          | a login to the console or the door was refused   | actor client count detail                       |
 * | key.rotated           | the log gets a new key; both are named, and both | outcome=what detail=old → new actor             |
 * |                       | sign the checkpoint that holds this entry        |                                                 |
 * | mail.transferred      | a line of the mail system's own log, ingested    | sender recipient size messageId queue relay     |
 * |                       |                                                  | outcome=status detail client error              |
 * | heartbeat             | every five minutes, so that a cut tail shows     |                                                 |
 * | failure               | trouble of ours that a person should know        | letter dossier client detail=where error count  |
 */
export const EVENTS = [
  'connection.refused',
  'sender.refused',
  'letter.received',
  'letter.duplicate',
  'letter.quarantined',
  'letter.ignored',
  'evidence.found',
  'decision',
  'row.provisioned',
  'row.failed',
  'notice.queued',
  'notice.sent',
  'notice.deferred',
  'notice.bounced',
  'notice.failed',
  'deadline.met',
  'deadline.missed',
  'job.run',
  'mailbox.activated',
  'mailbox.changed',
  'registry.imported',
  'configuration.loaded',
  'configuration.changed',
  'regulation.changed',
  'log.read',
  'log.exported',
  'log.prune',
  'log.anchored',
  'login.ok',
  'login.failed',
  'key.rotated',
  'mail.transferred',
  'heartbeat',
  'failure',
] as const;
export type EventName = (typeof EVENTS)[number];

declare const named: unique symbol;

/** What an entry says. Absent fields are unknown; never bodies, attachments, passwords or tokens (mail-log.md 6). */
export interface EventFields {
  readonly letter?: string | null;
  readonly dossier?: string | null;
  readonly unit?: string | null;
  /** Mail address, lower-case. */
  readonly sender?: string | null;
  /** Mail address, lower-case; several are separated by a blank. */
  readonly recipient?: string | null;
  /** IP address of the SMTP or web client, or the network it was counted by. */
  readonly client?: string | null;
  /** Bytes. */
  readonly size?: number | null;
  readonly messageId?: string | null;
  readonly subject?: string | null;
  /** A code or short word that statistics count by. */
  readonly outcome?: string | null;
  /** Words for people. */
  readonly detail?: string | null;
  readonly error?: string | null;
  /** Who acted: "machine", "cli", "owner", or an officer's account. */
  readonly actor?: string | null;
  /** How many times, where one entry stands for many of the same minute; absent means once. */
  readonly count?: number | null;
  /** When a dossier is or was due, ISO. */
  readonly due?: string | null;
  /** Queue id and next hop in the mail system's own log. */
  readonly queue?: string | null;
  readonly relay?: string | null;
}

/** Made by the functions of events.ts only, so that every event is named, documented and of one shape. */
export interface LogEvent extends EventFields {
  readonly event: EventName;
  readonly [named]: true;
}

/** For events.ts. */
export function logEvent(event: EventName, fields: EventFields): LogEvent {
  return { ...fields, event } as LogEvent;
}

/**
 * The text that is hashed: RFC 8785 for flat objects of strings and numbers (keys sorted by UTF-16 code units,
 * ECMAScript's number and string forms), texts in NFC. `at` is UTC with milliseconds.
 *
 *   {"at":"2026-11-24T03:00:00.000Z","detail":"a\"b","event":"decision","subject":"Nguyễn"}
 */
export function canonicalEntry(at: Date, event: LogEvent): string {
  const said: Readonly<Record<string, string | number | null | undefined>> = { ...event };
  const fields: Record<string, string | number> = { at: at.toISOString() };
  for (const [name, value] of Object.entries(said)) {
    if (value === undefined || value === null || value === '') continue;
    if (typeof value === 'number') fields[name] = value;
    else fields[name] = loggable(ADDRESSES.has(name) ? value.toLowerCase() : value);
  }
  const keys = Object.keys(fields).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${JSON.stringify(fields[key])}`).join(',')}}`;
}

const ADDRESSES: ReadonlySet<string> = new Set(['sender', 'recipient']);

/** Bounded (a stranger chose it), NFC for the search, without lone surrogates and NULs that PostgreSQL refuses. */
function loggable(value: string): string {
  return storableText(value.slice(0, 2000)).normalize('NFC');
}
