/**
 * Secrecy screen (HCM-8.1, QB-13.2, ST-6.1): whole stamps only. Every request about passwords says "mật khẩu" and
 * every rule "bảo mật"; a search for "mật" would quarantine half of the lawful traffic (requirements.md §6.5).
 */
export const SECRECY_MARKS = ['MẬT', 'TỐI MẬT', 'TUYỆT MẬT'] as const;
export type SecrecyMark = (typeof SECRECY_MARKS)[number];

const STAMP = '(TUYỆT\\s+MẬT|TỐI\\s+MẬT|MẬT)';
/** Nothing but the stamp in a line or a table cell; frames drawn with punctuation allowed. */
const ALONE = new RegExp(`^[\\s*_=+#"'“”()\\[\\]{}<>.:–—-]*${STAMP}[\\s*_=+#"'“”()\\[\\]{}<>.:–—-]*$`, 'u');
/** "[MẬT]" or "(TỐI MẬT)" inside a line, as in subjects. */
const BRACKETED = new RegExp(`[\\[(【]\\s*${STAMP}\\s*[\\])】]`, 'u');
/** "MẬT: …" or "TỐI MẬT – …" at the head of a line. */
const LEADING = new RegExp(`^\\s*${STAMP}\\s*[:–—-](?!\\s*KHẨU)`, 'u');
/** "Độ mật: Tối mật" in any case; the value may be one of the letters A, B, C of the registers. */
const DEGREE = /độ\s+mật\s*:\s*(?:(tuyệt\s+mật|a)|(tối\s+mật|b)|(mật|c))(?![\p{L}\p{M}\d])(?!\s+khẩu)/iu;
/** "Số: 12/BC-STTTT-M", "Số 05/2026/KH-UBND (Mật)": the official number's own suffix. */
const NUMBER_SUFFIX =
  /[Ss]ố\s*:?\s*\d+\s*(?:\/\d{4})?\s*\/[\p{Lu}\d/&-]{2,40}?(?:[-/](?:M|MẬT)(?![\p{L}\d])|\s*\((?:M|Mật|MẬT)\))/u;

/** Lines longer than this are flowing text or an attack on the patterns, never a stamp. */
const LONGEST_LINE = 2000;

const asMark = (text: string): SecrecyMark => {
  const mark = text.toUpperCase().replaceAll(/\s+/gu, ' ');
  return SECRECY_MARKS.find((known) => known === mark) ?? 'MẬT';
};

/** The mark a text carries, or null. The text itself is never quoted anywhere. */
export function secrecyMark(text: string): SecrecyMark | null {
  const normal = text.normalize('NFC').replaceAll('\u00a0', ' ');
  for (const line of normal.split(/\r\n|[\n\r\f\v]/u)) {
    const mark = stampIn(line.slice(0, LONGEST_LINE));
    if (mark !== null) return mark;
  }
  return degreeIn(normal);
}

function stampIn(line: string): SecrecyMark | null {
  for (const cell of line.split(/\t|\||\s{3,}/u)) {
    const alone = ALONE.exec(cell)?.[1];
    if (alone !== undefined) return asMark(alone);
  }
  const inside = BRACKETED.exec(line)?.[1] ?? LEADING.exec(line)?.[1];
  if (inside !== undefined) return asMark(inside);
  return NUMBER_SUFFIX.test(line) ? 'MẬT' : null;
}

function degreeIn(text: string): SecrecyMark | null {
  const found = DEGREE.exec(text);
  if (found === null) return null;
  if (found[1] !== undefined) return 'TUYỆT MẬT';
  return found[2] !== undefined ? 'TỐI MẬT' : 'MẬT';
}
