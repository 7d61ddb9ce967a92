/**
 * Lines of Postfix's own log, put together: a delivery or refusal with what earlier lines of the same queue id said
 * (client, Message-ID, sender, size). Postfix writes, for one mail,
 *
 *   Nov 24 10:00:01 mx postfix/smtpd[9]: 4XyZ1: client=mail.snv.vn[192.0.2.1]
 *   Nov 24 10:00:01 mx postfix/cleanup[9]: 4XyZ1: message-id=<1@snv>
 *   Nov 24 10:00:01 mx postfix/qmgr[9]: 4XyZ1: from=<snv@x.vn>, size=1234, nrcpt=1 (queue active)
 *   Nov 24 10:00:02 mx postfix/lmtp[9]: 4XyZ1: to=<an@x.vn>, relay=127.0.0.1[127.0.0.1]:24, delay=1, dsn=2.0.0, status=sent (250 ok)
 *   Nov 24 10:00:02 mx postfix/qmgr[9]: 4XyZ1: removed
 *
 * and `NOQUEUE: reject: RCPT from …` for what it refuses. Stamps: RFC 3164 (no year, no zone), or ISO 8601 as
 * rsyslog and RFC 5424 write it.
 */
export interface Transfer {
  readonly at: Date;
  readonly queue: string;
  readonly status: string;
  readonly sender?: string;
  readonly recipient?: string;
  readonly client?: string;
  readonly messageId?: string;
  readonly size?: number;
  readonly relay?: string;
  /** DSN and the other side's words. */
  readonly detail?: string;
  readonly error?: string;
}

export type Line =
  | { readonly kind: 'transfer'; readonly transfer: Transfer }
  /** Told us something about a queue id, or is of no interest. */
  | { readonly kind: 'noted' }
  | { readonly kind: 'unreadable' };

interface Mail {
  client?: string;
  messageId?: string;
  sender?: string;
  size?: number;
}

/** Queue ids whose `removed` is in a log we never see must not fill the memory. */
const MAX_OPEN = 200_000;
const DAY_MS = 86_400_000;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const BSD = /^(?:<\d+>)?([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d) \S+ (\S+?)(?:\[\d+\])?: (.*)$/;
const ISO =
  /^(?:<\d+>1 ?)?(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)) \S+ (\S+?)(?:\[\d+\]:| \d+ \S+ (?:-|\[[^\]]*\])) (.*)$/;
const QUEUE = /^([0-9A-Za-z]{6,20}|NOQUEUE): (.*)$/;
const DELIVERY = /^to=<([^>]*)>, .*?relay=([^ ,]+),.*? (?:dsn=([\d.]+), )?status=([a-z-]+) \((.*)\)$/;
const REJECT =
  /^(?:milter-)?reject: (?:\S+ from|END-OF-MESSAGE from|\S+) ?\S*\[([^\]]+)\](?::\d+)?: (.*?); ?(.*)$/;

/** @param zone of stamps without one, "+07:00" @param now to guess the year of stamps without one */
export function createPostfixReader(zone: string, now: Date): (line: string) => Line {
  const open = new Map<string, Mail>();
  const noted: Line = { kind: 'noted' };
  const unreadable: Line = { kind: 'unreadable' };

  const note = (queue: string, said: Mail): Line => {
    open.set(queue, { ...open.get(queue), ...said });
    if (open.size > MAX_OPEN) open.delete(open.keys().next().value!);
    return noted;
  };

  return (text) => {
    const line = stamped(text, zone, now);
    if (line === null) return unreadable;
    if (!line.program.startsWith('postfix')) return noted;
    const [, queue, rest] = QUEUE.exec(line.message) ?? [];
    if (queue === undefined || rest === undefined) return noted;
    const delivery = DELIVERY.exec(rest);
    if (delivery !== null) return transfer(line.at, queue, delivery, open.get(queue) ?? {});
    const reject = REJECT.exec(rest);
    if (reject !== null) return refusal(line.at, queue, reject);
    if (rest === 'removed') open.delete(queue);
    const client = /^client=\S*\[([^\]]+)\]/.exec(rest);
    if (client !== null) return note(queue, { client: client[1]! });
    const messageId = /^(?:resent-)?message-id=(<[^>]*>|\S+)/.exec(rest);
    if (messageId !== null) return note(queue, { messageId: messageId[1]! });
    const from = /^from=<([^>]*)>, size=(\d+)/.exec(rest);
    if (from !== null) return note(queue, { sender: from[1]!, size: Number(from[2]) });
    return noted;
  };
}

function transfer(at: Date, queue: string, found: RegExpExecArray, mail: Mail): Line {
  const [, recipient, relay, dsn, status, words] = found;
  const detail = [dsn, words].filter((part) => part !== undefined && part !== '').join(' ');
  const told = status === 'sent' ? { detail } : { error: detail };
  return {
    kind: 'transfer',
    transfer: { at, queue, status: status!, recipient: recipient!, relay: relay!, ...mail, ...told },
  };
}

function refusal(at: Date, queue: string, found: RegExpExecArray): Line {
  const [, client, error, envelope] = found;
  const sender = /from=<([^>]*)>/.exec(envelope!)?.[1];
  const recipient = /to=<([^>]*)>/.exec(envelope!)?.[1];
  return {
    kind: 'transfer',
    transfer: {
      at,
      queue,
      status: 'rejected',
      client: client!,
      error: error!,
      ...(sender === undefined ? {} : { sender }),
      ...(recipient === undefined ? {} : { recipient }),
    },
  };
}

function stamped(
  text: string,
  zone: string,
  now: Date,
): { at: Date; program: string; message: string } | null {
  const iso = ISO.exec(text);
  if (iso !== null) return valid(Date.parse(iso[1]!), iso[2]!, iso[3]!);
  const bsd = BSD.exec(text);
  if (bsd === null) return null;
  const [, name, day, hour, minute, second, program, message] = bsd;
  const month = MONTHS.indexOf(name!);
  const sign = zone.startsWith('-') ? -1 : 1;
  const [zoneHours = 0, zoneMinutes = 0] = zone.slice(1).split(':').map(Number);
  const offset = sign * (zoneHours * 60 + zoneMinutes) * 60_000;
  const of = (year: number): number =>
    Date.UTC(year, month, Number(day), Number(hour), Number(minute), Number(second)) - offset;
  const year = new Date(now.getTime() + offset).getUTCFullYear();
  // A stamp without a year is of the latest year that does not lie in the future.
  const time = of(year) > now.getTime() + DAY_MS ? of(year - 1) : of(year);
  return month < 0 ? null : valid(time, program!, message!);
}

const valid = (time: number, program: string, message: string) =>
  Number.isNaN(time) ? null : { at: new Date(time), program, message };
