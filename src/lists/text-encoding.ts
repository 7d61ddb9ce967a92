import iconv from 'iconv-lite';

/** Letters that a combining mark of windows-1258 may follow. */
const VOWEL = /[aeiouyâăêôơư]/iu;
const MARK = /[\u0300\u0301\u0303\u0309\u0323]/u;

/**
 * Text of unknown encoding: by its byte order mark, else UTF-8 where it is sound, else windows-1258 where every mark
 * stands behind a vowel, else Latin-1. Older codes (TCVN3, VNI) stay as they look in Latin-1: reading those is a
 * proposal of the rules, never done silently.
 */
export function decodeText(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (buffer[0] === 0xff && buffer[1] === 0xfe) return buffer.subarray(2).toString('utf16le');
  if (buffer[0] === 0xfe && buffer[1] === 0xff) return iconv.decode(buffer.subarray(2), 'utf16be');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(buffer);
  } catch {
    const text = iconv.decode(buffer, 'windows-1258');
    return isVietnameseWindows(text) ? text.normalize('NFC') : buffer.toString('latin1');
  }
}

function isVietnameseWindows(text: string): boolean {
  let marks = 0;
  for (let at = 0; at < text.length; at++) {
    if (!MARK.test(text[at]!)) continue;
    if (!VOWEL.test(text[at - 1] ?? '')) return false;
    marks++;
  }
  return marks > 0;
}
