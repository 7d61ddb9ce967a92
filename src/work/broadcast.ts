import { createHash } from 'node:crypto';
import type { LogEvent } from '../mail-log/event.ts';
import { decision } from '../mail-log/events.ts';
import { cite } from '../rules/articles.ts';
import { localTime } from '../rules/calendar.ts';
import type { Regulation } from '../rules/regulation.ts';
import { governs } from '../rules/regulations.ts';
import type { Tx } from '../store/database.ts';
import { allMailboxes, allUnits } from '../store/registry.ts';
import { queue } from './queue-notice.ts';
import type { ActDeps } from './step.ts';

export const AUDIENCES = ['units', 'all'] as const;
/** `units`: the mailbox of every unit. `all`: every mailbox that can be opened besides. */
export type Audience = (typeof AUDIENCES)[number];

export interface Broadcast {
  readonly subject: string;
  /** Paragraphs between blank lines. */
  readonly text: string;
  readonly audience: Audience;
  /** Account or "cli". */
  readonly actor: string;
}

/** Longer than any notice; a book belongs on the web. */
export const LONGEST_BROADCAST = 20_000;

/**
 * Tells everybody concerned of a technical change or a new condition of use (BH-9.2). The same words go to a mailbox
 * once, however often this is repeated.
 */
export async function broadcast(
  tx: Tx,
  regulation: Regulation,
  { subject, text, audience, actor }: Broadcast,
  deps: Pick<ActDeps, 'clock' | 'notices' | 'regulations'>,
): Promise<{ readonly recipients: number; readonly queued: number; readonly log: LogEvent[] }> {
  const today = localTime(deps.clock.now()).date;
  const units = (await allUnits(tx.orm)).filter(
    (unit) => unit.active && governs(regulation, unit.regulation, today, deps.regulations),
  );
  const codes = new Set(units.map(({ code }) => code));
  const people =
    audience === 'units'
      ? []
      : (await allMailboxes(tx.orm)).filter(({ unit, state }) => codes.has(unit) && state === 'active');
  const recipients = new Map<string, string | null>([
    ...people.map(({ address, fullName, kind }) => [address, kind === 'unit' ? null : fullName] as const),
    ...units.flatMap(({ mailbox, name }) => (mailbox === null ? [] : [[mailbox, name] as const])),
  ]);
  const id = createHash('sha256').update(`${regulation.id}\n${subject}\n${text}`).digest('hex').slice(0, 16);
  const unitNames = new Map(units.map(({ mailbox, name }) => [mailbox, name]));
  const { operatorName, hotline } = regulation.identity;
  const log: LogEvent[] = [];
  for (const [recipient, name] of recipients)
    log.push(
      ...(await queue(tx, deps, {
        event: `broadcast/${id}/${recipient}`,
        stem: `broadcast.${id}.${recipient}`.replaceAll(/[^\w-]+/g, '.'),
        folder: regulation.templates,
        template: 'broadcast',
        recipient,
        holes: {
          subject,
          addressee: unitNames.get(recipient) ?? `Ông/Bà ${name ?? ''}`.trim(),
          paragraphs: text.trim(),
          ground: cite(regulation, regulation.legal.instrument),
          contact:
            hotline === undefined
              ? ''
              : `Cần hỗ trợ, đề nghị liên hệ ${operatorName}, điện thoại ${hotline}.`,
          operator_signature: operatorName.toUpperCase(),
        },
      })),
    );
  const queued = log.length;
  const detail = `${id}, ${queued} of ${recipients.size} mailboxes: ${subject}`.slice(0, 500);
  if (queued > 0) log.push(decision({ outcome: 'broadcast', detail, actor }));
  return { recipients: recipients.size, queued, log };
}
