/**
 * VNI for Windows as it looks when its bytes were taken for Latin-1: a letter followed by a sign for circumflex or
 * breve and tone. Check by hand: "Nguyeãn Vaên An" → "Nguyễn Văn An", "Ñöôøng" → "Đường", "TRÖÔÛNG" → "TRƯỞNG".
 */
const GRAVE = '\u0300';
const ACUTE = '\u0301';
const TILDE = '\u0303';
const HOOK = '\u0309';
const DOT = '\u0323';
const CIRCUMFLEX = '\u0302';
const BREVE = '\u0306';

const TONE: Readonly<Record<string, string>> = { ù: ACUTE, ø: GRAVE, û: HOOK, õ: TILDE, ï: DOT };
const ROOF: Readonly<Record<string, string>> = {
  â: CIRCUMFLEX,
  á: CIRCUMFLEX + ACUTE,
  à: CIRCUMFLEX + GRAVE,
  å: CIRCUMFLEX + HOOK,
  ã: CIRCUMFLEX + TILDE,
  ä: CIRCUMFLEX + DOT,
};
const BOWL: Readonly<Record<string, string>> = {
  ê: BREVE,
  é: BREVE + ACUTE,
  è: BREVE + GRAVE,
  ú: BREVE + HOOK,
  ü: BREVE + TILDE,
  ë: BREVE + DOT,
};

/** Letter → signs that may follow it. */
const FOLLOWS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  a: { ...TONE, ...ROOF, ...BOWL },
  e: { ...TONE, ...ROOF },
  o: { ...TONE, ...ROOF },
  u: TONE,
  y: TONE,
  ô: TONE,
  ö: TONE,
};
/** Letters with a code of their own. */
const SINGLE: Readonly<Record<string, string>> = {
  ô: 'ơ',
  ö: 'ư',
  ñ: 'đ',
  í: 'í',
  ì: 'ì',
  æ: 'ỉ',
  ó: 'ĩ',
  ò: 'ị',
  î: 'ỵ',
};

/** Text in Unicode, or null when it holds a sign that VNI does not use there. */
export function fromVni(text: string): string | null {
  const chars = Array.from(text);
  let out = '';
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i]!;
    const lower = char.toLowerCase();
    const letter = SINGLE[lower] ?? lower;
    if (letter.charCodeAt(0) >= 0x80 && SINGLE[lower] === undefined) return null;
    const mark = FOLLOWS[lower]?.[(chars[i + 1] ?? '').toLowerCase()];
    if (mark !== undefined) i++;
    out += cased(letter + (mark ?? ''), char, lower);
  }
  return out.normalize('NFC');
}

const cased = (letter: string, char: string, lower: string): string =>
  char === lower ? letter : letter.toUpperCase();
