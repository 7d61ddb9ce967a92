import { plain } from './text/normalise.ts';

/** What a unit may ask the gateway itself by subject alone; no signature, no dossier. */
export type Question = { readonly asks: 'template' } | { readonly asks: 'state'; readonly number: string };

/** At most this many answers in an hour: an automaton at the other end must not keep us talking (threats.md). */
export const QUESTIONS_PER_HOUR = 3;

/** "MẪU", "Mẫu danh sách", "TRA CỨU TN-2026-000123", "tra cứu 123" (of this year); null for any other subject. */
export function questionIn(subject: string, year: number): Question | null {
  const words = plain(subject)
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/gu, ' ')
    .trim();
  if (/^(?:xin |de nghi gui |gui )?mau(?: danh sach| ds| bieu)?$/u.test(words)) return { asks: 'template' };
  const asked = /^tra cuu (?:ho so )?(?:so )?(?:(tn-\d{4}-\d{6})|(\d{1,6}))$/u.exec(words);
  if (asked === null) return null;
  const number = asked[1]?.toUpperCase() ?? `TN-${year}-${(asked[2] ?? '').padStart(6, '0')}`;
  return { asks: 'state', number };
}
