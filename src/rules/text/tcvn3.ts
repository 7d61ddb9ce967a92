/**
 * TCVN3 ("ABC"): the 8-bit code of TCVN 5712:1993 part 3 as it looks when its bytes were taken for Latin-1. Capitals
 * with a tone have no codes of their own; they are lower-case codes shown in a capital font (.VnTimeH).
 * Check by hand: "NguyÔn V¨n An" → "Nguyễn Văn An", "Tr­ëng" (with U+00AD) → "Trưởng".
 */
const FROM = 0xa1;
const LETTERS =
  'ĂÂÊÔƠƯĐăâêôơưđ------àảãáạ-ằẳẵắ-------ặầẩẫấậè-ẻẽéẹềểễếệìỉ---ĩíịò-ỏõóọồổỗốộờởỡớợù-ủũúụừửữứựỳỷỹýỵ-';

/** Text in Unicode, or null when it holds a sign that TCVN3 does not use. */
export function fromTcvn3(text: string): string | null {
  let out = '';
  for (const char of text) {
    const code = char.charCodeAt(0);
    const letter = code < 0x80 || code === 0xa0 ? char : LETTERS[code - FROM];
    if (letter === undefined || letter === '-') return null;
    out += letter;
  }
  return raiseCase(out);
}

/** "NGUYễN VăN AN" → "NGUYỄN VĂN AN": plain letters tell the case of those that have only one. */
function raiseCase(text: string): string {
  const ascii = text.replaceAll(/[^A-Za-z]/gu, '');
  if (ascii.length >= 3 && ascii === ascii.toUpperCase()) return text.toUpperCase();
  return text.replaceAll(/\p{L}+/gu, (word) => (/^.+[A-Z]/u.test(word) ? word.toUpperCase() : word));
}
