/**
 * Vietnamese text as clerks type it. What is stored stays as written (NFC); the keys below are only ever compared.
 *
 * Nothing here may run before the legacy check of `legacy.ts`: TCVN3 spells `ư` as U+00AD, which `tidy` drops.
 */

/** Spaces that are not U+0020: NBSP, en/em spaces, narrow NBSP, ideographic. */
const ODD_SPACE = /[\s\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+/gu;
/** Zero-width characters, soft hyphen, BOM and direction marks: copied from web pages and PDF files, never meant. */
const INVISIBLE = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]/gu;
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/gu;

/** NFC, invisible characters dropped, every run of spaces and line breaks one space, trimmed. */
export function tidy(text: string): string {
  return text
    .replaceAll(INVISIBLE, '')
    .replaceAll(CONTROL, ' ')
    .replaceAll(ODD_SPACE, ' ')
    .trim()
    .normalize('NFC');
}

/** Lower-case letters without any mark; `đ` first, because Unicode gives it no decomposition. */
export function plain(text: string): string {
  return text
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[đð]/gu, 'd')
    .normalize('NFD')
    .replaceAll(/\p{M}+/gu, '');
}

/** "Họ & tên (*)" → "ho va ten"; words of ASCII letters and digits with single spaces, for headings and key words. */
export function foldKey(text: string): string {
  return plain(tidy(text).replaceAll('&', ' và '))
    .replaceAll(/[^a-z0-9]+/gu, ' ')
    .trim();
}

const TONE = /[\u0300\u0301\u0303\u0309\u0323]/gu;

/**
 * Equal for spellings of one name that differ only in where the tone stands (hòa/hoà, thủy/thuỷ), in a final i/y
 * (Quý/Quí, Lý/Lí), in case, composition or spaces; different for An and Ân, Tuấn and Tuân.
 */
export function compareKey(text: string): string {
  return tidy(text)
    .toLowerCase()
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter((word) => word !== '')
    .map(wordKey)
    .join(' ');
}

function wordKey(word: string): string {
  const apart = word.normalize('NFD');
  const tone = apart.match(TONE)?.join('') ?? '';
  const letters = apart.replaceAll(TONE, '').normalize('NFC');
  return sameFinal(letters) + tone;
}

/**
 * i/y are one sound only where y is the whole rime after an onset: Lý/Lí, Kỳ/Kì, Quý/Quí, Thúy/Thúi are NOT all so:
 * "tui" and "tuy" differ, "qui" and "quy" do not. A lone y or i (Y Thịnh) stays what it is.
 */
const sameFinal = (letters: string): string => letters.replace(/^(qu|[bcdđghklmnpqrstvx]{1,3})y$/u, '$1i');
