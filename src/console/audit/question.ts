import { EVENTS } from '../../mail-log/event.ts';
import type { LogFilter } from '../../mail-log/search.ts';
import type { Page } from '../web.ts';
import { MACHINERY, OUTCOMES } from './words.ts';

/** The fields of the search form as they stand in the address bar; empty texts for what was not asked. */
export const FIELDS = [
  'q',
  'tu',
  'den',
  'gui',
  'nhan',
  'dv',
  'ma',
  'so',
  'kq',
  'su-kien',
  'ma-kq',
  'nguoi',
  'ip',
  'hang-doi',
] as const;
export type Field = (typeof FIELDS)[number];
export type Question = Readonly<Record<Field, string>>;

/** Longer than any address, Message-ID or subject one would paste. */
const MOST_CHARACTERS = 400;

export function questionOf(c: Page): Question {
  const said = (name: Field): string =>
    (c.req.query(name) ?? '')
      .slice(0, MOST_CHARACTERS)
      .toWellFormed()
      .replaceAll(/\p{Cc}/gu, ' ')
      .normalize('NFC')
      .trim();
  return Object.fromEntries(FIELDS.map((name) => [name, said(name)])) as Question;
}

export const isAsked = (question: Question): boolean => FIELDS.some((name) => question[name] !== '');

/** The question as query string, for the next page and for the log. */
export function queryOf(question: Question): string {
  const query = new URLSearchParams();
  for (const name of FIELDS) if (question[name] !== '') query.set(name, question[name]);
  return query.toString();
}

/** A filter, or what is wrong with the question. */
export type Understood =
  | { readonly filter: Omit<LogFilter, 'limit' | 'after'>; readonly problem: null }
  | { readonly filter: null; readonly problem: 'from' | 'to' | 'order' };

/**
 * Whoever pastes a dossier number, a Message-ID or a letter's id into the field for words means that thing. Days are
 * those of Viet Nam, both inclusive.
 */
export function understand(question: Question): Understood {
  const { from, to, problem } = daysBetween(question.tu, question.den);
  if (problem !== null) return { filter: null, problem };
  const pasted = pastedThing(question.q);
  const given = {
    from,
    to,
    sender: question.gui,
    recipient: question.nhan,
    unit: question.dv,
    messageId: bracketed(question.ma),
    dossier: question.so.toUpperCase(),
    outcome: question['ma-kq'],
    actor: question.nguoi,
    client: question.ip,
    queue: question['hang-doi'],
    ...pasted,
    ...eventsOf(question),
  };
  const filter = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined && value !== ''),
  ) as Omit<LogFilter, 'limit' | 'after'>;
  return { filter, problem: null };
}

/** Two days as texts, either may be empty; `to` is the end of the last day. */
export function daysBetween(
  first: string,
  last: string,
): { from?: Date; to?: Date; problem: 'from' | 'to' | 'order' | null } {
  const from = dayOf(first, 0);
  const to = dayOf(last, 1);
  if (from === null) return { problem: 'from' };
  if (to === null) return { problem: 'to' };
  if (from !== undefined && to !== undefined && from >= to) return { problem: 'order' };
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }), problem: null };
}

function pastedThing(q: string): Partial<LogFilter> {
  if (/^TN-\d{4}-\d{6}$/i.test(q)) return { dossier: q.toUpperCase() };
  if (/^<[^<>\s]+@[^<>\s]+>$/.test(q)) return { messageId: q };
  if (/^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(q)) return { letter: q.toLowerCase() };
  return { words: q };
}

/** People copy Message-IDs with and without their brackets. */
const bracketed = (id: string): string => (id === '' || id.startsWith('<') ? id : `<${id}>`);

function eventsOf(question: Question): Partial<LogFilter> {
  const event = EVENTS.find((known) => known === question['su-kien']);
  const outcome = OUTCOMES[question.kq];
  if (event !== undefined) return { event };
  if (outcome !== undefined) return { event: outcome.events };
  return question['su-kien'] === 'tat-ca' ? {} : { without: MACHINERY };
}

/** undefined when nothing was said, null when it is no day. @param later days to add */
function dayOf(text: string, later: number): Date | null | undefined {
  if (text === '') return undefined;
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return null;
  const at = new Date(`${text}T00:00:00+07:00`);
  const real =
    !Number.isNaN(at.getTime()) && new Date(at.getTime() + 7 * 3_600_000).toISOString().startsWith(text);
  return real ? new Date(at.getTime() + later * 86_400_000) : null;
}
