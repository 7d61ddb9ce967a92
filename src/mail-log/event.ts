/**
 * The events of the mail log, a closed list with one function each. Fields common to all (absent when unknown):
 *
 *   letter, dossier, unit     whose business it is
 *   sender, recipient         addresses, lower-case
 *   client                    address of the SMTP client
 *   size, messageId, subject  of the mail in question
 *   outcome, detail, error    what came of it, in words
 *
 * | event                | when                                                            |
 * |----------------------|-----------------------------------------------------------------|
 * | connection.refused   | a client was turned away before it named a sender               |
 * | sender.refused       | a door refused a sender, a recipient or a whole letter (5xx)    |
 * | letter.received      | a letter became ours; in the transaction before our 250         |
 * | letter.duplicate     | the same letter came again                                      |
 * | letter.quarantined   | sealed until an officer looks                                   |
 * | letter.ignored       | automatic mail, never answered                                  |
 * | evidence.found       | what the signatures prove                                       |
 * | decision             | the machine or an officer decided where a letter goes           |
 * | row.provisioned      | a mailbox was created, changed, cancelled …                     |
 * | row.failed           | the target refused a row                                        |
 * | notice.queued        | mail of ours was written                                        |
 * | notice.sent          | the relay took it                                               |
 * | notice.deferred      | the relay could not take it now                                 |
 * | notice.failed        | the relay refused it for good                                   |
 * | mailbox.activated    | an owner set the first or a new password                        |
 * | registry.imported    | units or mailboxes were imported                                |
 * | configuration.loaded | a gateway started with this configuration (no secrets)          |
 * | log.read             | somebody searched or verified the log                           |
 * | heartbeat            | every five minutes, so that a cut tail shows                    |
 * | failure              | trouble of ours that a person should know                       |
 *
 * Never bodies, attachments, passwords or tokens (mail-log.md 6).
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
  'notice.failed',
  'mailbox.activated',
  'registry.imported',
  'configuration.loaded',
  'log.read',
  'heartbeat',
  'failure',
] as const;
export type EventName = (typeof EVENTS)[number];

export interface LogEvent {
  readonly event: EventName;
  readonly letter?: string | null;
  readonly dossier?: string | null;
  readonly unit?: string | null;
  readonly sender?: string | null;
  readonly recipient?: string | null;
  readonly client?: string | null;
  readonly size?: number | null;
  readonly messageId?: string | null;
  readonly subject?: string | null;
  readonly outcome?: string | null;
  readonly detail?: string | null;
  readonly error?: string | null;
  /** Who acted: "machine", an officer's account, "cli". */
  readonly actor?: string | null;
}

/** RFC 8785 for flat objects of strings and numbers: keys sorted by UTF-16 code units, ES number forms, NFC texts. */
export function canonicalEntry(at: Date, event: LogEvent): string {
  const fields: Record<string, string | number> = { at: at.toISOString() };
  for (const [name, value] of Object.entries(event)) {
    if (value === undefined || value === null) continue;
    fields[name] = typeof value === 'string' ? loggable(value) : (value as number);
  }
  const keys = Object.keys(fields).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${JSON.stringify(fields[key])}`).join(',')}}`;
}

/** Bounded (a stranger chose it), NFC for the search, without lone surrogates and NULs that PostgreSQL refuses. */
function loggable(value: string): string {
  return value.slice(0, 2000).toWellFormed().replaceAll('\u0000', '�').normalize('NFC');
}
