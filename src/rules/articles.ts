import type { Regulation } from './regulation.ts';

/** "Điều 4 Quy chế ban hành kèm theo Quyết định số 41/2015/QĐ-UBND": how a notice names its ground. */
export function cite(regulation: Regulation, article: string): string {
  const { instrument, number } = regulation.legal;
  // Peers whose article numbers were not at hand are cited as a whole.
  const subject = article === instrument ? instrument : `${article} ${instrument}`;
  return `${subject} ban hành kèm theo Quyết định số ${number}`;
}

/** "Article 4, Decision 41/2015/QD-UBND" for the English half of an SMTP reply. */
export function citeEnglish(regulation: Regulation, article: string): string {
  const number = /^Điều (\d+)$/u.exec(article)?.[1];
  const decision = `Decision ${ascii(regulation.legal.number)}`;
  return number === undefined ? decision : `Article ${number}, ${decision}`;
}

/** "Điều 8" from "QB-8.1"; null for "assumed" and "outside", which no notice may cite. */
export function articleOf(source: string): string | null {
  const number = /^[A-Z]{2,3}-(\d+)/u.exec(source)?.[1];
  return number === undefined ? null : `Điều ${number}`;
}

/** Vietnamese without diacritics, for SMTP replies: not every client shows UTF-8 there (RFC 6531 is optional). */
export function ascii(text: string): string {
  return text
    .replaceAll('đ', 'd')
    .replaceAll('Đ', 'D')
    .normalize('NFD')
    .replaceAll(/[^\x20-\x7e]/gu, '');
}
